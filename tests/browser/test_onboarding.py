"""Implantação: did everything arrive, what is missing, and how a deployment is concluded."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit
from tests.support.browsing import Visitor
from tests.support.shop import Integration, Shop, onboarded

SIGNS = {"03": "…", "04": "✓", "05": "✓", "06": "−", "07": "≠", "08": "+", "09": "✓", "10": "?"}


@pytest.fixture(scope="module")
def partial(shop: Shop) -> Integration:
    """An integration whose months are in all states; nothing here changes them."""
    return onboarded(shop)


def row(seen: Visitor, table: str) -> Locator:
    """Find a table's row of the map."""
    return seen.card("Tabelas e meses").get_by_role("row", name=table)


def test_the_verdict_is_said_in_words_and_counts(visit: Visit, partial: Integration) -> None:
    seen = visit(partial, "viewer", tab="onboarding")
    found = partial.get("/completeness")
    headline = seen.page.locator(".headline")
    expect(headline.get_by_role("heading")).to_have_text(found["verdict_label"])
    expect(headline).to_contain_text("18 dos 21 registros que o ERP declara chegaram")
    expect(headline).to_contain_text(
        "faltam: 3 · a mais: 1 · recusados: 1 · pendentes no CRM: 2 · períodos não declarados: 1"
    )
    expect(headline).to_contain_text("Em andamento")


def test_what_is_missing_is_listed_the_worst_first_with_what_to_do(
    visit: Visit, partial: Integration
) -> None:
    seen = visit(partial, "viewer", tab="onboarding")
    lines = [line.strip() for line in seen.card("O que falta").locator("li").all_inner_texts()]
    wanted = [
        ("−", "Nota", "faltam: 2 (jun. de 2026). Peça ao ERP"),
        ("+", "Nota", "a mais que o declarado: 1 (ago. de 2026)"),
        ("≠", "Nota", "Períodos: 1 (jul. de 2026)"),
        ("!", "Vendedor", "recusados: 1. Corrija-os"),
        ("?", "Nota", "quantos são: 2 (out. de 2026)"),
        ("…", "Fornecedor", "próxima sincronização: 1."),
        ("…", "Nota", "próxima sincronização: 1 (mar. de 2026)"),
    ]
    assert len(lines) == len(wanted)
    for line, parts in zip(lines, wanted, strict=True):
        assert all(part in line for part in parts), line
    expect(seen.card("O que falta")).to_contain_text("Nada chegou nem foi declarado destas tabelas: Contato,")


def test_every_month_has_a_sign_and_says_what_it_means(visit: Visit, partial: Integration) -> None:
    seen = visit(partial, "viewer", tab="onboarding")
    cells = row(seen, "Nota Notas").get_by_role("gridcell")
    shown = [one.strip() for one in cells.locator("button > span:nth-child(2)").all_inner_texts()]
    assert shown == [*SIGNS.values(), "−"]
    expect(cells.nth(3).get_by_role("button")).to_have_accessible_name(
        "Nota, jun. de 2026: Registros faltando, registros: 2"
    )
    assert row(seen, "Contato").get_by_role("button").count() == 0
    legend = seen.card("Tabelas e meses").locator(".legend > span").all_inner_texts()
    assert [one.split(maxsplit=1) for one in legend] == [
        ["✓", "Confere"],
        ["…", "Pendente no CRM"],
        ["?", "Não declarado pelo ERP"],
        ["!", "Com recusados"],
        ["≠", "Valores diferentes"],
        ["+", "Registros a mais"],
        ["−", "Registros faltando"],
    ]


def test_the_map_is_walked_by_arrows_and_takes_one_stop_of_the_tab_key(
    visit: Visit, partial: Integration
) -> None:
    seen = visit(partial, "viewer", tab="onboarding")
    grid = seen.page.get_by_role("grid")
    assert grid.locator("[tabindex='0']").count() == 1
    grid.locator("[data-place='nota/2026-05']").focus()

    def focused() -> str:
        place: str = seen.page.evaluate("document.activeElement.dataset.place")
        return place

    walk = {
        "ArrowRight": "nota/2026-06",
        "End": "nota",
        "ArrowUp": "fornecedor",
        "ArrowDown": "nota",
        "Home": "nota/2026-03",
        "ArrowLeft": "nota/2026-03",
    }
    for key, place in walk.items():
        seen.page.keyboard.press(key)
        assert focused() == place, key
    assert grid.locator("[tabindex='0']").get_attribute("data-place") == "nota/2026-03"
    seen.page.keyboard.press("Enter")
    expect(seen.drawer().get_by_role("heading", name="Nota · mar. de 2026")).to_be_visible()
    assert seen.named()["cell"] == "nota/2026-03"
    seen.page.keyboard.press("Escape")
    expect(seen.drawer()).to_have_count(0)
    assert focused() == "nota/2026-03"


def test_a_month_tells_of_erp_intermediate_database_and_crm(visit: Visit, partial: Integration) -> None:
    seen = visit(partial, "viewer", cell="nota/2026-06")
    assert seen.rows(seen.drawer())[:3] == [
        ["ERP", "4", "R$\xa0400,00"],
        ["Banco intermediário", "2", "R$\xa0200,00"],
        ["CRM", "2", "R$\xa0200,00"],
    ]
    assert seen.field("difference") == "-2"
    assert seen.field("sum_difference") == "-R$\xa0200,00"
    expect(seen.drawer().locator("pre")).to_have_text("2026-06-9|1")


def test_a_table_leads_to_its_months_and_to_what_was_refused(visit: Visit, partial: Integration) -> None:
    seen = visit(partial, "viewer", cell="nota")
    assert (seen.field("missing"), seen.field("extra")) == ("2", "1")
    seen.button("jul. de 2026", seen.drawer()).click()
    assert seen.settled().named()["cell"] == "nota/2026-07"
    assert seen.field("sum_difference") == "-R$\xa010,00"
    seen.open(integration=partial.integration_id, cell="vendedor")
    seen.button("Ver os registros recusados", seen.drawer()).click()
    seen.settled()
    assert (seen.named()["rejected"], "cell" in seen.named()) == ("vendedor", False)
    assert [one[2] for one in seen.rows(seen.card("Registros recusados"))] == ["3"]


def test_months_that_do_not_exist_and_unknown_tables_are_told(visit: Visit, partial: Integration) -> None:
    for place in ("nota/1999-01", "nada", "contato"):
        seen = visit(partial, "viewer", cell=place)
        expect(seen.drawer()).to_contain_text("Nada chegou nem foi declarado deste mês")


def test_an_empty_integration_says_how_it_begins(visit: Visit, shop: Shop) -> None:
    seen = visit(shop.integration("Vazia"), "viewer", tab="onboarding")
    expect(seen.page.locator(".headline")).to_contain_text("O ERP ainda não declarou quantos registros tem")
    expect(seen.card("O que falta")).to_contain_text("O ERP começa enviando os registros")
    expect(seen.card("Tabelas e meses")).to_contain_text("Nenhum registro chegou")
    expect(seen.card("Certificado de completude")).to_contain_text("Nenhum certificado foi gerado")


def test_a_viewer_is_offered_nothing_to_do(visit: Visit, partial: Integration) -> None:
    act: list[Callable[[Visitor], Locator]] = [
        lambda seen: seen.button("Concluir a implantação"),
        lambda seen: seen.button("Gerar certificado de completude"),
        lambda seen: seen.page.get_by_text("Enviar um arquivo"),
    ]
    viewer, admin = (visit(partial, role, tab="onboarding") for role in ("viewer", "admin"))
    assert [find(viewer).count() for find in act] == [0, 0, 0]
    assert [find(admin).count() for find in act] == [1, 1, 1]


def test_a_deployment_is_concluded_for_a_reason_that_stays_on_record(visit: Visit, shop: Shop) -> None:
    one = shop.integration("Sem prova")
    seen = visit(one, tab="onboarding")
    seen.button("Concluir a implantação").click()
    conclude = seen.button("Concluir com este motivo")
    expect(conclude).to_be_disabled()
    reason = seen.page.get_by_label("Motivo para concluir sem certificado")
    reason.fill("curto")
    conclude.click()
    expect(seen.drawer()).to_contain_text("Precisa ter de 10 a 1000 caracteres.")
    reason.fill("O cliente conferiu os totais em reunião.")
    conclude.click()
    expect(seen.drawer()).to_have_count(0)
    expect(seen.page.locator(".headline")).to_contain_text(
        "Concluída sem certificado. Motivo: O cliente conferiu os totais em reunião."
    )
    found = one.get()
    assert found["deployment_status"] == "completed"
    assert found["deployment_reason"] == "O cliente conferiu os totais em reunião."


def test_the_form_of_all_settings_asks_for_the_reason_too(visit: Visit, shop: Shop) -> None:
    one = shop.integration("Pela ficha")
    seen = visit(one)
    seen.button("Editar").click()
    seen.drawer().get_by_label("Situação da implantação").select_option("Concluída")
    seen.button("Salvar", seen.drawer()).click()
    expect(seen.drawer().get_by_role("alert")).to_contain_text("certificado de completude")
    seen.drawer().get_by_label("Motivo para concluir sem certificado").fill("Combinado com o cliente.")
    seen.button("Salvar", seen.drawer()).click()
    expect(seen.drawer()).to_have_count(0)
    assert one.get()["deployment_reason"] == "Combinado com o cliente."
