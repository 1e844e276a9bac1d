"""Informações Gerais: what the API says stands on the screen, and what is entered there reaches the API."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.support.shop import NIGHTLY, Integration, Shop

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def local(instant: str, form: str) -> str:
    return datetime.fromisoformat(instant).astimezone(SAO_PAULO).strftime(form)


def test_each_field_of_the_manual_shows_the_api_s_value(visit: Visit, aurora: Integration) -> None:
    seen, told = visit(aurora, "viewer"), aurora.get()
    size = told["database_size_bytes"]
    shown = {
        "integration_type": "API",
        "database_size": f"{size / 1000:.0f} kB",
        "erp_name": told["erp_name"],
        "erp_version": told["erp_version"],
        "deployment_status": "Concluída",
        "active": "Sim",
        "scheduled": "Sim",
        "next_run": f"{local(told['next_run_at'], '%d/%m/%Y, %H:%M')} (America/Sao_Paulo, GMT−3)",
        "business_rule": told["business_rule"],
        "max_hours": "720 horas",
    }
    assert {name: seen.field(name) for name in shown} == shown
    assert re.fullmatch(r"(< 1|\d) s", seen.field("average_duration"))
    assert seen.field("schedule").startswith("03:00, todos os dias (America/Sao_Paulo)")
    upcoming = seen.page.locator("[data-field=schedule] li").all_inner_texts()
    assert [one[-17:] for one in upcoming] == [local(at, "%d/%m/%Y, %H:%M") for at in told["next_runs"]]
    assert len(upcoming) == 5


def test_every_tab_and_drawer_says_in_which_zone_its_times_are(visit: Visit, aurora: Integration) -> None:
    seen = visit(aurora)
    for tab in ("Histórico", "Curva ABC", "Alertas e acesso", "Informações Gerais"):
        expect(seen.tab(tab).page.get_by_role("tabpanel")).to_contain_text(
            "Horários em America/Sao_Paulo (GMT−3)"
        )
    seen.button("Logs da execução", exact=False).first.click()
    expect(seen.drawer()).to_contain_text("Horários em America/Sao_Paulo (GMT−3)")


def test_the_headline_says_how_it_is(visit: Visit, aurora: Integration) -> None:
    headline = visit(aurora).card("Em dia")
    expect(headline).to_contain_text("Último sucesso em")
    expect(headline).to_contain_text(local(aurora.get()["next_run_at"], "%d/%m/%Y, %H:%M"))
    expect(headline).to_contain_text("deixou registros rejeitados: 1")


def test_what_never_ran_or_is_not_scheduled_shows_no_nonsense(visit: Visit, shop: Shop) -> None:
    empty = shop.integration("Vazia")
    seen = visit(empty)
    expect(seen.card("Nunca executada")).to_contain_text("Nenhuma sincronização está agendada")
    shown = {name: seen.field(name) for name in ("next_run", "average_duration", "erp_name", "business_rule")}
    assert shown == {
        "next_run": "Não agendada",
        "average_duration": "—",
        "erp_name": "—",
        "business_rule": "—",
    }
    expect(seen.card("Execuções")).to_contain_text("Nenhuma execução até agora")
    assert not re.search(r"19[67]\d", seen.page.locator("main").inner_text())
    for tab, said in (
        ("Histórico", "Nenhuma requisição com estes filtros"),
        ("Curva ABC", "A curva aparece depois da primeira sincronização"),
        ("Alertas e acesso", "Nenhum alerta até agora"),
    ):
        expect(seen.tab(tab).page.get_by_role("tabpanel")).to_contain_text(said)


def test_a_stale_one_says_since_when_and_counts_its_alert(visit: Visit, shop: Shop) -> None:
    late = shop.integration("Atrasada", scheduled=True, schedule=NIGHTLY, max_hours_without_success=1)
    seen = visit(late)
    seen.page.wait_for_timeout(6_500)  # an hour of this stack
    seen.reload()
    deadline = local(late.get()["freshness"]["deadline_at"], "%d/%m/%Y, %H:%M")
    headline = seen.settled().card(f"Desatualizada desde {deadline}")
    expect(headline).to_contain_text("O limite é de 1 hora sem sucesso")
    expect(seen.page.get_by_role("tab", name="Alertas e acesso (1 em aberto)")).to_be_visible()


def test_the_limit_is_saved_and_said_to_be(visit: Visit, shop: Shop) -> None:
    one = shop.integration("Limite")
    seen = visit(one)
    seen.page.get_by_label("Horas").fill("36")
    seen.button("Salvar").click()
    expect(seen.page.locator("[data-said=saved]")).to_have_text("Salvo")
    assert one.get()["max_hours_without_success"] == 36
    seen.reload()
    expect(seen.settled().page.get_by_label("Horas")).to_have_value("36")


@pytest.mark.parametrize("entered", ["0", "721", "-3", "1.5", ""])
def test_a_limit_that_is_none_is_not_sent(visit: Visit, aurora: Integration, entered: str) -> None:
    seen = visit(aurora)
    field = seen.page.get_by_label("Horas")
    field.fill(entered)
    seen.button("Salvar").click()
    expect(seen.page.get_by_text("Informe um número inteiro de 1 a 720")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert not [call for call in seen.calls() if call.startswith("PATCH")]


def test_a_limit_that_somebody_else_has_changed_meanwhile_is_not_overwritten_unseen(
    visit: Visit, shop: Shop
) -> None:
    one = shop.integration("Conflito")
    seen = visit(one)
    one.patch(max_hours_without_success=48)
    seen.page.get_by_label("Horas").fill("12")
    seen.button("Salvar").click()
    expect(seen.page.get_by_text("o limite agora é de 48 horas")).to_be_visible()
    assert one.get()["max_hours_without_success"] == 48
    expect(seen.page.get_by_label("Horas")).to_have_value("12")
    seen.button("Descartar").click()
    expect(seen.page.get_by_label("Horas")).to_have_value("48")
    seen.page.get_by_label("Horas").fill("12")
    seen.button("Salvar").click()
    expect(seen.page.locator("[data-said=saved]")).to_be_visible()
    assert one.get()["max_hours_without_success"] == 12


def test_fields_are_edited_with_a_preview_of_the_schedule(visit: Visit, shop: Shop) -> None:
    one = shop.integration("Editada", scheduled=True, schedule=NIGHTLY)
    seen = visit(one)
    seen.button("Editar").click()
    drawer = seen.drawer()
    drawer.get_by_label("ERP", exact=True).fill("ERP Novo")
    drawer.get_by_label("Regra de negócio da integração").fill("Uma linha\noutra")
    drawer.get_by_label("Agendamento").fill("12:00")
    drawer.get_by_label("Fuso horário").fill("Asia/Tokyo")
    expect(drawer.locator("ol li").first).to_contain_text(", 00:00")  # noon of Tokyo, on São Paulo's clocks
    drawer.get_by_label("Situação da implantação").select_option("in_progress")
    seen.button("Salvar", drawer).click()
    expect(drawer).to_have_count(0)
    told = one.get()
    assert (told["erp_name"], told["deployment_status"]) == ("ERP Novo", "in_progress")
    assert told["business_rule"] == "Uma linha\noutra"
    assert told["schedule"] == {"time": "12:00", "timezone": "Asia/Tokyo"}
    assert seen.field("next_run").endswith("(Asia/Tokyo, GMT+9)")
    expect(seen.button("Editar")).to_be_focused()


def test_a_refused_field_is_named_and_two_people_may_change_different_fields(
    visit: Visit, shop: Shop
) -> None:
    one = shop.integration("Dois")
    seen = visit(one)
    seen.button("Editar").click()
    drawer = seen.drawer()
    drawer.get_by_label("Fuso horário").fill("Marte/Olimpo")
    seen.button("Salvar", drawer).click()
    expect(drawer.locator(".field", has_text="Fuso horário").locator(".wrong")).to_contain_text(
        "Marte/Olimpo"
    )
    drawer.get_by_label("Fuso horário").fill("America/Manaus")
    one.patch(erp_name="De outra pessoa")
    seen.button("Salvar", drawer).click()
    expect(drawer.get_by_role("alert")).to_contain_text("Outra pessoa mudou esta integração")
    expect(drawer.get_by_label("ERP", exact=True)).to_have_value("De outra pessoa")
    seen.button("Salvar", drawer).click()
    expect(drawer).to_have_count(0)
    told = one.get()
    assert (told["erp_name"], told["schedule"]["timezone"]) == ("De outra pessoa", "America/Manaus")


def test_a_viewer_reads_and_downloads_and_changes_nothing(visit: Visit, aurora: Integration) -> None:
    seen = visit(aurora, "viewer")
    for name in ("Editar", "Salvar", "Sincronizar agora"):
        expect(seen.button(name)).to_have_count(0)
    expect(seen.button("Logs", exact=False).first).to_be_visible()
    expect(seen.button("Download", exact=False).first).to_be_visible()


def test_the_runs_stand_in_a_table_and_a_chart(visit: Visit, aurora: Integration) -> None:
    seen = visit(aurora)
    runs = aurora.get("/runs")["items"]
    status = {"success": "Sucesso", "partial": "Sucesso parcial"}
    expected = [
        (local(run["started_at"], "%d/%m/%Y, %H:%M:%S"), status[run["status"]], "Manual") for run in runs
    ]
    rows = seen.rows(seen.card("Execuções"))
    assert [tuple(row[:3]) for row in rows] == expected
    assert [row[5] for row in rows] == ["1", "0", "0"]
    chart = seen.page.get_by_role("img", name="Duração e resultado das últimas 3 execuções")
    expect(chart).to_have_attribute("aria-label", re.compile("Sucesso: 2, Sucesso parcial: 1"))
    expect(chart.locator("canvas")).to_be_visible()


def test_numbers_dates_and_texts_are_english_for_who_reads_english(visit: Visit, aurora: Integration) -> None:
    seen = visit(aurora, settings={"locale": "en-US"})
    expect(seen.page.get_by_role("tab", name="General information")).to_be_visible()
    assert seen.field("deployment_status") == "Completed"
    when = datetime.fromisoformat(aurora.get()["next_run_at"]).astimezone(SAO_PAULO)
    assert seen.field("next_run").startswith(f"{when:%b} {when.day}, {when.year}")
    seen.page.get_by_label("Language").select_option("pt-BR")
    expect(seen.settled().page.get_by_role("tab", name="Informações Gerais")).to_be_visible()
    expect(seen.page.locator("html")).to_have_attribute("lang", "pt-BR")
