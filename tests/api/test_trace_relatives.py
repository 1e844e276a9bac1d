"""Where a record stands among the others: parents with their state, children as far as they can be found."""

from typing import Any

import pytest

from chalicelib.services import relatives
from tests.support.calls import counted
from tests.support.samples import FULL, KEYS, full
from tests.support.traces import ask, night, send, traced
from tests.support.world import World


def kids(trace: dict[str, Any], table: str) -> dict[str, Any]:
    [found] = [one for one in trace["children"] if one["table"] == table]
    return dict(found)


def parents(trace: dict[str, Any]) -> dict[str, str]:
    return {f"{one['table']} {one['key']}": one["state"] for one in trace["parents"]}


def item(number: int, nota: str = "N1", **fields: Any) -> dict[str, Any]:
    return full("itens_nota", nota_numero=nota, item=number, **fields)


def test_parents_are_told_with_their_state_the_missing_ones_too(own_world: World) -> None:
    send(own_world, full("empresa"), table="empresa")
    send(own_world, full("contato"), table="contato")
    night(own_world)
    send(own_world, full("contato", excluido=True, atualizado_em=None), table="contato")
    send(own_world, {"codigo": "V1"}, table="vendedor")
    send(own_world, full("nota"), table="nota")
    assert parents(traced(own_world, "nota", "N1|1")) == {
        "empresa E1": "applied",
        "contato C1": "deleted",
        "pedido P1": "missing",
        "vendedor V1": "rejected",
    }
    send(own_world, full("pedido"), table="pedido")
    assert parents(traced(own_world, "nota", "N1|1"))["pedido P1"] == "pending"
    assert traced(own_world, "vendedor", "V1")["parents"] == []


def test_items_of_a_note_are_found_in_their_order_and_no_other_s(own_world: World) -> None:
    send(own_world, full("nota"), table="nota")
    send(own_world, *(item(number) for number in range(1, 13)), table="itens_nota")
    send(own_world, item(1, "N10"), item(1, "N"), item(1, nota_serie="11"), table="itens_nota")
    send(own_world, item(3, excluido=True), {**item(99), "quantidade": "x"}, table="itens_nota")

    trace = traced(own_world, "nota", "N1|1")

    assert kids(trace, "itens_nota") == {
        "table": "itens_nota",
        "source": "intermediate",
        "count": 11,
        "keys": [f"N1|1|{number}" for number in (1, 2, *range(4, 13))],
        "more": False,
        "complete": True,
    }
    assert parents(traced(own_world, "itens_nota", "N1|1|3")) == {"nota N1|1": "pending"}


@pytest.mark.parametrize(
    ("parent", "child"),
    [
        ("cotacao", "itens_cotacao"),
        ("pedido", "itens_pedido"),
        ("nota", "itens_nota"),
        ("empresa", "empresa_marca"),
    ],
)
def test_children_whose_key_begins_with_their_parent_s(own_world: World, parent: str, child: str) -> None:
    send(own_world, full(parent), table=parent)
    send(own_world, full(child), table=child)
    assert kids(traced(own_world, parent, KEYS[parent]), child)["keys"] == [KEYS[child]]


def test_documents_of_a_client_are_found_beside_it_once_a_run_has_applied_them(own_world: World) -> None:
    for table in ("empresa", "contato", "pedido"):
        send(own_world, full(table), table=table)
    only_contato = full("nota", numero="N2", empresa_codigo=None, pedido_numero=None)
    send(own_world, full("nota"), only_contato, table="nota")
    send(own_world, full("fatura"), full("fatura", numero="D2", nota_numero="N9"), table="fatura")
    before = traced(own_world, "empresa", "E1")
    assert kids(before, "nota")["count"] == 0
    night(own_world)

    empresa = traced(own_world, "empresa", "E1")
    assert kids(empresa, "nota") == {
        "table": "nota", "source": "crm", "count": 1, "keys": ["N1|1"], "more": False, "complete": True,
    }  # fmt: skip
    assert kids(empresa, "fatura")["keys"] == ["D1|1/3", "D2|1/3"]
    assert empresa["not_followed"] == ["contato", "cotacao", "pedido"]
    contato = traced(own_world, "contato", "C1")
    assert (kids(contato, "nota")["keys"], kids(contato, "nota")["complete"]) == (["N2|1"], False)
    nota = traced(own_world, "nota", "N1|1")
    assert (kids(nota, "fatura")["keys"], kids(nota, "fatura")["complete"]) == (["D1|1/3"], False)
    assert nota["not_followed"] == []
    pedido = traced(own_world, "pedido", "P1")
    assert kids(pedido, "nota")["keys"] == ["N1|1"]
    vendedor = send(own_world, full("vendedor"), table="vendedor")
    assert vendedor
    assert traced(own_world, "vendedor", "V1")["children"] == []
    assert traced(own_world, "vendedor", "V1")["not_followed"] == [
        "vendedor", "empresa", "contato", "empresa_marca", "cotacao", "pedido", "nota",
    ]  # fmt: skip


def test_what_was_deleted_keeps_the_children_that_its_key_leads_to(own_world: World) -> None:
    send(own_world, full("nota"), table="nota")
    send(own_world, item(1), table="itens_nota")
    send(own_world, full("nota", excluido=True), table="nota")
    trace = traced(own_world, "nota", "N1|1")
    assert kids(trace, "itens_nota")["keys"] == ["N1|1|1"]
    assert trace["not_followed"] == ["fatura"]


def test_more_children_than_are_looked_at_are_said_to_be_there(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relatives, "PAGE", 20)
    monkeypatch.setattr(relatives, "PAGES", 3)
    send(own_world, full("empresa"), table="empresa")
    send(own_world, *(full("nota", numero=f"N{one}") for one in range(60)), table="nota")
    night(own_world)
    send(own_world, *(item(number) for number in range(300)), table="itens_nota")

    with counted() as calls:
        empresa = traced(own_world, "empresa", "E1")
    assert calls.total <= 60
    assert (kids(empresa, "nota")["count"], len(kids(empresa, "nota")["keys"])) == (60, 50)
    assert kids(empresa, "nota")["more"] is True, "the last page was full: nobody knows"
    nota = traced(own_world, "nota", "N1|1")
    assert kids(nota, "itens_nota")["count"] == 160
    assert (len(kids(nota, "itens_nota")["keys"]), kids(nota, "itens_nota")["more"]) == (50, True)


@pytest.mark.parametrize("table", FULL)
def test_any_record_can_be_traced_by_its_key_however_odd(own_world: World, table: str) -> None:
    name = next(iter(FULL[table]))
    odd = "á/b %2F+?#&=.. ~\"'é😀"
    send(own_world, full(table, **{name: odd}), table=table)
    key = "|".join([odd, *KEYS[table].split("|")[1:]])
    night(own_world)
    trace = traced(own_world, table, key)
    assert (trace["key"], trace["state"], len(trace["requests"])) == (key, "applied", 1)


@pytest.mark.parametrize("given", ["N1|1", " N1|1 ", "N1 | 1", " N1 |1"])
def test_spaces_around_a_key_are_forgiven(own_world: World, given: str) -> None:
    send(own_world, full("nota"), table="nota")
    assert traced(own_world, "nota", given)["key"] == "N1|1"


def test_a_key_that_has_spaces_is_found_as_it_is(own_world: World) -> None:
    send(own_world, full("nota"), full("nota", numero=" N1 "), table="nota")
    assert traced(own_world, "nota", " N1 |1")["key"] == " N1 |1"


@pytest.mark.parametrize("given", ["N1", " N1 ", "N1|"])
def test_an_incomplete_key_brings_the_complete_ones(own_world: World, given: str) -> None:
    send(
        own_world, *(full("nota", serie=str(one)) for one in (1, 2)), full("nota", numero="N12"), table="nota"
    )
    answer = ask(own_world, "nota", given, headers={"Accept-Language": "en"})
    assert (answer.status, answer.body["code"]) == (404, "record_not_found")
    assert [(one["key"], one["code"]) for one in answer.body["errors"]] == [
        ("N1|1", "record_candidate"), ("N1|2", "record_candidate"),
    ]  # fmt: skip
    assert answer.body["errors"][0]["message"] == 'There is a record with the complete key "N1|1".'


def test_twenty_candidates_are_enough(own_world: World) -> None:
    send(own_world, *(item(number) for number in range(40)), table="itens_nota")
    errors = ask(own_world, "itens_nota", "N1|1").body["errors"]
    assert len(errors) == 20


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("nota", "9|9"), ("nota", "9"), ("nota", "|"), ("nota", " "), ("nota", "||||"), ("nota", "é" * 460),
        ("vendedor", "9"), ("vendedor", "x" * 3_000), ("vendedor", "\x00"), ("nota", "N1|1|1|1"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(own_world: World, table: str, key: str) -> None:
    send(own_world, full("nota"), table="nota")
    answer = ask(own_world, table, key)
    assert (answer.status, answer.body["code"], answer.body["errors"]) == (404, "record_not_found", [])


def test_an_unknown_table_and_a_key_that_is_no_text_are_refused(own_world: World) -> None:
    answer = ask(own_world, "clientes", "1")
    assert (answer.status, answer.body["code"]) == (404, "table_unknown")
    answer = own_world.as_user("viewer", "GET", "/trace/nota/%FF")
    assert (answer.status, answer.body["code"]) == (400, "key_encoding_invalid")
