"""Who may trace what: a tenant its own records, and personal data only those who may see it."""

import json
from typing import Any

import pytest

from chalicelib.api.answers import MAX_ANSWER_BYTES
from chalicelib.domain.validation import MAX_RECORD_BYTES
from tests.support.samples import full
from tests.support.traces import ask, changes, night, send, traced
from tests.support.world import World

PERSONAL = {
    "cpf": ("529.982.247-25", "111.444.777-35"),
    "email": ("carla@aurora.com.br", "carla.dias@aurora.com.br"),
    "telefone": ("ramal sete", "ramal oito"),
    "celular": ("11 98888-7777", "11 98888-7778"),
}


def contato(which: int, **fields: Any) -> dict[str, Any]:
    return full(
        "contato", atualizado_em=None, **{name: both[which] for name, both in PERSONAL.items()}, **fields
    )


@pytest.fixture
def known(own_world: World) -> World:
    """A world with a contact that was changed, and refused, with personal data everywhere."""
    send(own_world, contato(0), table="contato")
    night(own_world)
    send(own_world, contato(1, whatsapp={"n": "5555-0123"}), table="contato")
    send(own_world, contato(0, nome=7, whatsapp="5555-0124"), table="contato")
    return own_world


def test_an_admin_sees_what_was_changed(known: World) -> None:
    trace = traced(known, "contato", "C1")
    told = changes(trace["versions"][1])
    assert {name: told[name] for name in PERSONAL} == PERSONAL
    assert trace["rejection"]["record"]["whatsapp"] == "5555-0124"


@pytest.mark.parametrize("language", ["pt-BR", "en"])
def test_others_see_that_it_was_changed_and_not_to_what(known: World, language: str) -> None:
    answer = ask(known, "contato", "C1", role="viewer", headers={"Accept-Language": language})
    shown = json.dumps(answer.body, ensure_ascii=False)
    for hidden in (
        *(one for both in PERSONAL.values() for one in both),
        "5555-0123",
        "5555-0124",
    ):
        assert hidden not in shown, hidden
    told = changes(answer.body["versions"][1])
    assert told.keys() >= PERSONAL.keys()
    assert answer.body["record"]["nome"] == "Bia"


def test_candidates_hide_personal_data(own_world: World) -> None:
    send(own_world, full("nota", numero="529.982.247-25"), table="nota")
    for role, seen in (("admin", True), ("viewer", False)):
        body = ask(own_world, "nota", "529.982.247-25", role=role).body
        assert len(body["errors"]) == 1
        assert ("529.982.247-25" in json.dumps(body)) is seen, role


def test_another_tenant_s_record_does_not_exist(own_world: World) -> None:
    send(own_world, {"codigo": "1", "nome": "Ana"})
    path = f"/v1/integrations/{own_world.integration_id}/trace/vendedor/1"
    mine = own_world.call("GET", path, token=own_world.token("viewer"))
    other = own_world.call("GET", path, token=own_world.token("admin", "tenant-b"))
    assert (mine.status, other.status, other.body["code"]) == (200, 404, "integration_not_found")
    assert own_world.call("GET", path, token=own_world.erp_key).status == 403
    assert own_world.call("GET", path).status == 401


@pytest.mark.parametrize("sign", ["x", "é", "漢", "🧾", "\\", '"', "\n"])
def test_the_largest_record_there_can_be_fits_into_an_answer(own_world: World, sign: str) -> None:
    room = MAX_RECORD_BYTES - 200
    huge = {"livre": sign * (room // (len(json.dumps(sign, ensure_ascii=False).encode()) - 2))}
    send(own_world, {"codigo": "1", "nome": "Ana", **huge})
    night(own_world)
    send(own_world, {"codigo": "1", "nome": "Bia", **huge})
    answer = ask(own_world)
    trace = answer.body
    assert trace["record"]["livre"] == trace["crm"]["record"]["livre"] == huge["livre"]
    assert changes(trace["versions"][1])["livre"] == (None, huge["livre"])
    assert changes(trace["versions"][0]) == {"nome": ("Ana", "Bia")}
    escaped = json.dumps(json.dumps(trace, ensure_ascii=False))
    assert len(escaped) < MAX_ANSWER_BYTES
