"""Records at the edges of what DynamoDB can hold are taken or refused precisely; no run fails of one."""

import json
from typing import Any

import pytest

from chalicelib.storage.bodies import Bodies
from tests.support.digest import unapplied
from tests.support.world import World

LONGEST_KEY = "é" * 450


def nota(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "numero": str(number),
        "serie": "1",
        "empresa_codigo": "1",
        "emitida_em": "2026-06-01",
        "situacao": "autorizada",
        "valor_total": 1,
        **fields,
    }


@pytest.mark.parametrize("name", ["vendedor_codigo", "empresa_codigo", "contato_codigo", "pedido_numero"])
def test_a_reference_that_no_key_can_match_is_refused(world: World, name: str) -> None:
    answer = world.push("nota", [nota(1, **{name: "9" * 901}), nota(2)])
    assert (answer.status, answer.body["created"], answer.body["rejected"]) == (200, 1, 1)
    [error] = answer.body["errors"]
    assert (error["key"], error["field"], "900" in error["message"]) == ("1|1", name, True)
    assert world.run()["status"] == "partial"
    assert unapplied(world.integration_id, "nota") == []


def test_the_longest_keys_go_all_the_way(world: World) -> None:
    assert world.push("vendedor", [{"codigo": LONGEST_KEY, "nome": "Ana"}]).body["created"] == 1
    empresa = {"codigo": LONGEST_KEY, "razao_social": "E", "vendedor_codigo": LONGEST_KEY}
    assert world.push("empresa", [empresa]).body["created"] == 1
    assert world.push("nota", [nota(1, empresa_codigo=LONGEST_KEY, serie="s" * 898)]).body["created"] == 1
    assert world.run()["status"] == "success"
    assert unapplied(world.integration_id, "nota") == []
    [customer] = world.listed("/customers")
    assert (customer["codigo"], customer["revenue"]) == (LONGEST_KEY, "1.00")


def test_a_full_delivery_of_the_longest_keys_that_all_change_client_is_taken(world: World) -> None:
    def longest(prefix: str) -> list[Any]:
        quotes = '"' * 880  # twice as long in JSON
        return [
            nota(number, numero=f"{number:05}{quotes}", empresa_codigo=prefix + quotes)
            for number in range(100)
        ]

    assert world.push("nota", longest("a")).body["created"] == 100
    answer = world.push("nota", longest("b"))
    assert (answer.status, answer.body["updated"]) == (200, 100)
    assert world.run()["status"] == "success"
    assert unapplied(world.integration_id, "nota") == []


def test_a_key_that_changes_client_a_thousand_times_in_one_delivery_is_taken(world: World) -> None:
    assert world.push("nota", [nota(1, empresa_codigo="first")]).body["created"] == 1
    world.run()
    clients = [f"{number:05}" + "x" * 890 for number in range(1_000)]
    answer = world.push("nota", [nota(1, empresa_codigo=client) for client in clients])
    assert (answer.status, answer.body["updated"]) == (200, 1_000)
    assert world.run()["status"] == "success"
    assert unapplied(world.integration_id, "nota") == []
    held = {customer["codigo"]: customer["revenue"] for customer in world.listed("/customers")}
    assert held == {clients[-1]: "1.00"}


def test_a_record_with_countless_bad_fields_is_refused_with_its_first_ones(world: World) -> None:
    bad = {"\x01" + "x" * 80 + str(number): 1 for number in range(8_000)}
    answer = world.push("vendedor", [{"codigo": "1", "nome": "Ana", **bad}, {"codigo": "2", "nome": "Rui"}])
    assert (answer.status, answer.body["created"], answer.body["rejected"]) == (200, 1, 1)
    assert len(answer.body["errors"]) == 50
    assert world.run()["status"] == "partial"


def test_a_record_with_countless_unknown_fields_is_kept_with_its_first_warnings(world: World) -> None:
    unknown = {f"campo_{number}": number for number in range(10_000)}
    answer = world.push("vendedor", [{"codigo": "1", "nome": "Ana", **unknown}])
    assert (answer.status, answer.body["created"], len(answer.body["warnings"])) == (200, 1, 50)
    stored = world.call("GET", "/v1/erp/vendedor/1", token=world.erp_key)
    assert stored.body["record"]["campo_9999"] == 9_999


@pytest.fixture
def large_bodies(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What is kept outside the database, by name."""
    kept: dict[str, bytes] = {}
    monkeypatch.setattr(Bodies, "put", lambda bodies, name, content: kept.update({name: content}))
    return kept


def test_an_answer_fits_lambda_and_still_tells_of_every_record(
    world: World, large_bodies: dict[str, bytes]
) -> None:
    unknown = {f"campo_adicional_{number}": 1 for number in range(60)}
    odd = [{"codigo": f"{number:04}", "nome": "Ana", **unknown} for number in range(500)]
    bad = {f"\x01{number}{'x' * 90}": 1 for number in range(60)}
    wrong = [{"codigo": f"x{number:04}", "nome": "Ana", **bad} for number in range(500)]
    answer = world.push("vendedor", [*odd, *wrong])
    assert (answer.status, answer.body["created"], answer.body["rejected"]) == (200, 500, 500)
    warnings, errors = answer.body["warnings"], answer.body["errors"]
    assert {warning["index"] for warning in warnings} == set(range(500))
    assert {error["index"] for error in errors} == set(range(500, 1_000))
    assert answer.body["omitted"] == 1_000 * 50 - len(warnings) - len(errors) > 0
    assert len(json.dumps(json.dumps(answer.body, ensure_ascii=False))) < 6 * 1024 * 1024


@pytest.mark.parametrize(
    "path",
    [
        "/v1/erp/vendedor/{long}",
        "/v1/erp/nota/{long}",
        "/v1/integrations/{long}",
        "/v1/integrations/{integration}/runs/{long}",
        "/v1/integrations/{integration}/customers/empresa/{long}",
    ],
)
def test_what_cannot_be_a_key_is_not_found(world: World, path: str) -> None:
    asked = path.format(long="k" * 3_000, integration=world.integration_id)
    token = world.erp_key if "/erp/" in path else world.token("admin")
    assert world.call("GET", asked, token=token).status == 404


@pytest.mark.parametrize("path", ["/runs/{long}/cancel", "/keys/{long}"])
def test_what_cannot_be_a_key_cannot_be_acted_on(world: World, path: str) -> None:
    method = "DELETE" if "keys" in path else "POST"
    assert world.as_user("admin", method, path.format(long="k" * 3_000)).status == 404
