"""Alertas e acesso: alerts, recipients, settings and keys, by role."""

import pytest
from playwright.sync_api import expect

from infra.local.client import Api, ApiError
from tests.browser.conftest import Visit
from tests.support.shop import NIGHTLY, Integration, Shop
from tests.support.stack import until


def late(shop: Shop, name: str) -> Integration:
    """Make an integration that has an open alert."""
    one = shop.integration(name, scheduled=True, schedule=NIGHTLY, max_hours_without_success=1)

    def look() -> Integration | None:
        return one if one.get()["open_alerts"] else None

    return until(look, 30, f"{name} never got late")


def test_an_open_alert_is_read_acknowledged_and_put_off(visit: Visit, shop: Shop) -> None:
    one = late(shop, "Com alerta")
    seen = visit(one, tab="alerts")
    row = seen.card("Alertas").locator("tbody tr")
    expect(row).to_contain_text("Sem sucesso no tempo máximo")
    expect(row).to_contain_text("Em aberto")
    seen.button("Abrir o alerta", row, exact=False).click()
    drawer = seen.drawer()
    expect(drawer).to_contain_text("Limite passado em")
    drawer.get_by_label("Sem lembretes").select_option("4")
    seen.button("Adiar", drawer).click()
    expect(drawer.locator("[data-field=alert_status]")).to_contain_text("Adiado")
    told = one.get("/alerts")["items"][0]
    assert (told["status"], told["acknowledged_by"]) == ("snoozed", "ti@aurora")
    drawer.get_by_label("Sem lembretes").select_option("")
    seen.button("Reconhecer", drawer).click()
    expect(drawer.locator("[data-field=alert_status]")).to_contain_text("Reconhecido")
    assert one.get("/alerts")["items"][0]["status"] == "acknowledged"
    seen.button("Fechar", drawer).click()
    expect(row).to_contain_text("Reconhecido")
    seen.card("Alertas").get_by_label("Situação").select_option("resolved")
    expect(seen.settled().card("Alertas")).to_contain_text("Nenhum alerta com este filtro")


def test_the_link_in_a_mail_opens_its_alert(visit: Visit, shop: Shop) -> None:
    one = late(shop, "Do e-mail")
    alert = one.get("/alerts")["items"][0]
    seen = visit(one, "viewer", alert=alert["alert_id"])
    expect(seen.drawer()).to_contain_text("Sem sucesso no tempo máximo")
    expect(seen.button("Reconhecer")).to_have_count(0)
    assert seen.page.get_by_role("tab", selected=True).inner_text().startswith("Alertas e acesso")
    subjects = [one["subject"] for one in alert["messages"] if one["subject"]]
    assert all(subject in seen.drawer().inner_text() for subject in subjects)


def test_recipients_are_added_shown_and_removed(visit: Visit, shop: Shop) -> None:
    one = shop.integration("Destinatários")
    seen = visit(one, tab="alerts")
    card = seen.card("Destinatários")
    expect(card).to_contain_text("Ninguém recebe os alertas")
    card.get_by_label("E-mail").fill("isto não é um e-mail")
    seen.button("Adicionar", card).click()
    expect(card.locator(".wrong")).to_be_visible()
    card.get_by_label("E-mail").fill("gestora@aurora.com.br")
    seen.button("Adicionar", card).click()
    expect(card.locator("tbody tr")).to_contain_text("gestora@aurora.com.br")
    told = one.get("/alert-recipients")["items"][0]
    state = {"pending": "Aguardando confirmação", "confirmed": "Confirmado"}[told["state"]]
    expect(card.locator("tbody tr")).to_contain_text(state)
    seen.button("Remover gestora@aurora.com.br").click()
    seen.button("Remover", seen.drawer()).click()
    expect(card).to_contain_text("Ninguém recebe os alertas")
    assert one.get("/alert-recipients")["items"] == []


def test_what_alerts_are_about_is_changed(visit: Visit, shop: Shop) -> None:
    one = shop.integration("Ajustes")
    seen = visit(one, tab="alerts")
    card = seen.card("O que gera alertas")
    card.get_by_label("Sincronizações que terminam com erro").uncheck()
    card.get_by_label("Lembrar a cada (horas)").fill("0")
    seen.button("Salvar", card).click()
    expect(card.locator(".field .wrong")).to_be_visible()
    card.get_by_label("Lembrar a cada (horas)").fill("12")
    card.get_by_label("Idioma dos e-mails").select_option("en")
    seen.button("Salvar", card).click()
    expect(card.locator(".done")).to_have_text("Salvo")
    told = one.get()["alert_settings"]
    assert (told["run_errors"], told["reminder_hours"], told["language"]) == (False, 12, "en")
    assert told["dead_letters"] is True


def test_a_key_is_made_shown_once_and_revoked(visit: Visit, shop: Shop) -> None:
    one = shop.integration("Chaves")
    seen = visit(one, tab="alerts", settings={"permissions": ["clipboard-read", "clipboard-write"]})
    card = seen.card("Chaves do ERP")
    card.get_by_text("Mostrar as chaves").click()
    card.get_by_label("Nome da nova chave").fill("ERP novo")
    seen.button("Criar chave", card).click()
    secret = card.locator("[data-secret]").inner_text()
    seen.button("Copiar chave").click()
    assert seen.page.evaluate("navigator.clipboard.readText()") == secret
    erp = Api(shop.stack.outputs["ApiUrl"], secret)
    record = {"records": [{"codigo": "1", "nome": "Ana"}]}
    assert erp.post("/v1/erp/vendedor", record)["created"] == 1
    seen.button("Já guardei").click()
    assert secret not in seen.page.content()
    seen.button("Revogar a chave ERP novo").click()
    expect(seen.drawer()).to_contain_text("Isto não pode ser desfeito")
    seen.button("Revogar", seen.drawer()).click()
    expect(card.locator("tbody tr", has_text="ERP novo")).to_contain_text("Revogada")
    with pytest.raises(ApiError) as refused:
        erp.post("/v1/erp/vendedor", record)
    assert refused.value.status == 401
    seen.reload()
    assert secret not in seen.settled().page.content()


def test_a_viewer_sees_alerts_and_neither_recipients_nor_keys(visit: Visit, aurora: Integration) -> None:
    seen = visit(aurora, "viewer", tab="alerts")
    expect(seen.card("Alertas")).to_contain_text("Nenhum alerta até agora")
    for name in ("Destinatários", "O que gera alertas", "Chaves do ERP"):
        expect(seen.card(name)).to_have_count(0)
    expect(seen.page.get_by_role("tabpanel")).to_contain_text("são dos administradores")
    assert not [call for call in seen.calls() if "recipients" in call or "keys" in call]
