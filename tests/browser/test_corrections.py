"""Refused records: listed, corrected, sent again, dismissed; requests replayed; deletions agreed to."""

import json
from typing import Any

import pytest
import urllib3
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.support.browsing import Visitor
from tests.support.shop import Integration, Shop
from tests.support.stack import until

LONG = "12345678901234567890.10"


@pytest.fixture
def refusing(shop: Shop) -> Integration:
    """An integration with two refused records, one of them without a key."""
    found = shop.integration("Recusas")
    found.send("vendedor", b'{"records": [{"codigo": "3", "meta": 12345678901234567890}]}')
    found.push("contato", {"nome": "Carla Dias", "email": "carla@aurora.com.br"})
    return found


def listed(seen: Visitor) -> list[list[str]]:
    """Read table, key and reasons of what is listed."""
    return [one[1:4] for one in seen.rows(seen.card("Registros recusados"))]


def test_a_record_is_corrected_and_sent_again(visit: Visit, refusing: Integration) -> None:
    seen = visit(refusing, rejected="all")
    missing = "Campo obrigatório ausente ou vazio; preencha-o."
    assert listed(seen) == [["Contato", "—", f"codigo {missing}"], ["Vendedor", "3", f"nome {missing}"]]
    seen.button("Abrir o registro 3 de Vendedor").click()
    box, send = seen.drawer().get_by_label("Registro", exact=True), seen.button("Enviar de novo")
    assert '"meta": 12345678901234567890\n' in box.input_value()
    box.fill("{")
    expect(seen.drawer()).to_contain_text("Isto não é um objeto JSON.")
    expect(send).to_be_disabled()
    box.fill('{"codigo": "3", "nome": ""}')
    send.click()
    expect(seen.drawer()).to_contain_text("Ainda recusado.")
    box.fill(f'{{"codigo": "3", "nome": "Rui", "meta": {LONG}}}')
    send.click()
    expect(seen.drawer()).to_contain_text("Registro aceito")
    request = refusing.get("/requests?table=vendedor")["items"][0]
    assert LONG in refusing.get(f"/requests/{request['request_id']}")["request_body"]
    seen.button("Fechar", seen.drawer()).first.click()
    expect(seen.card("Registros recusados").locator("tbody tr")).to_have_count(1)


def test_one_without_a_key_is_settled_by_its_correction_and_another_dismissed(
    visit: Visit, refusing: Integration
) -> None:
    keyless = next(one for one in refusing.get("/rejected")["items"] if one["key"] is None)
    seen = visit(refusing, rejected=f"contato/{keyless['stored_as']}")
    box = seen.drawer().get_by_label("Registro", exact=True)
    box.fill(json.dumps({**keyless["record"], "codigo": "7"}))
    seen.button("Enviar de novo").click()
    expect(seen.drawer()).to_contain_text("Registro aceito")
    seen.open(integration=refusing.integration_id, rejected="vendedor")
    seen.button("Abrir o registro 3 de Vendedor").click()
    seen.button("Dispensar").click()
    seen.button("Dispensar", seen.drawer().last).click()
    expect(seen.drawer()).to_have_count(0)
    expect(seen.card("Registros recusados")).to_contain_text("Nenhum registro recusado.")
    assert refusing.get("/rejected")["items"] == []


def test_a_viewer_reads_without_personal_data_and_changes_nothing(
    visit: Visit, refusing: Integration
) -> None:
    keyless = next(one for one in refusing.get("/rejected")["items"] if one["key"] is None)
    seen = visit(refusing, "viewer", rejected=f"contato/{keyless['stored_as']}")
    expect(seen.drawer().locator("pre")).to_contain_text("Carla Dias")
    assert "carla@aurora.com.br" not in seen.drawer().inner_text()
    assert seen.drawer().get_by_role("textbox").count() == 0
    assert seen.button("Dispensar").count() == seen.button("Enviar de novo").count() == 0


def test_a_refusal_that_is_over_is_told(visit: Visit, refusing: Integration) -> None:
    seen = visit(refusing, rejected="vendedor/bmFkYQ")
    expect(seen.drawer()).to_contain_text("Este registro não está mais recusado")


def test_a_request_is_replayed_and_names_the_first(visit: Visit, refusing: Integration) -> None:
    refusing.push("vendedor", {"codigo": "8", "nome": "Oito"})
    first = refusing.get("/requests?table=vendedor")["items"][0]["request_id"]
    assert visit(refusing, "viewer", request=first).button("Reenviar (replay)").count() == 0
    seen = visit(refusing, request=first)
    seen.button("Reenviar (replay)").click()
    seen.button("Reenviar (replay)", seen.drawer().last).click()
    expect(seen.drawer()).to_contain_text("Requisição processada de novo. recebidos: 1")
    expect(seen.drawer()).to_contain_text("sem mudança: 1")
    seen.button("Abrir a nova requisição").click()
    seen.settled()
    assert seen.named()["request"] != first
    assert seen.field("replay_of") == first


def snapshot(one: Integration, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    """Ask for something about snapshots as the ERP."""
    url = f"{one.shop.stack.outputs['ApiUrl']}/v1/erp/{path}"
    sent = {"Authorization": f"Bearer {one.key}", "Content-Type": "application/json", **headers}
    answer = urllib3.request("POST", url, body=json.dumps(body or {}), headers=sent, timeout=60)
    assert answer.status < 300, answer.data
    return json.loads(answer.data)


def test_deletions_that_are_held_wait_until_an_admin_agrees(visit: Visit, shop: Shop) -> None:
    one = shop.integration("Carga")
    one.push("vendedor", *({"codigo": str(at), "nome": f"V {at}"} for at in range(4)))
    opened = snapshot(one, "vendedor/snapshots")["snapshot_id"]
    kept = {"records": [{"codigo": "1", "nome": "V 1"}]}
    snapshot(one, "vendedor", kept, **{"Snapshot-Id": opened})
    snapshot(one, f"vendedor/snapshots/{opened}/commit")

    def status() -> str:
        return str(one.get("/snapshots")["items"][0]["status"])

    until(lambda: status() == "held" or None, 60, "the snapshot is not held")
    allow = "Permitir exclusões em Vendedor"
    viewer = visit(one, "viewer", tab="onboarding")
    viewer.page.get_by_text("Mostrar as cargas completas").click()
    expect(viewer.settled().card("Cargas completas (snapshots)")).to_contain_text("3 de 4 registros")
    assert viewer.button(allow).count() == 0
    seen = visit(one, tab="onboarding")
    seen.page.get_by_text("Mostrar as cargas completas").click()
    seen.settled().button(allow).click()
    expect(seen.drawer()).to_contain_text("3 de 4 registros de Vendedor serão excluídos")
    seen.button("Permitir exclusões", seen.drawer()).click()
    card = seen.card("Cargas completas (snapshots)")
    expect(card.locator("tbody tr")).to_contain_text("Concluída", timeout=60_000)
    assert seen.rows(card)[0][3:] == ["1", "3", "3"]
