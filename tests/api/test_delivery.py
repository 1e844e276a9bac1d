"""Deliveries that are taken: the 12 tables, every way of sending them, and what the ERP is told."""

import gzip
import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.samples import FULL, KEYS, full, minimal
from tests.support.world import Answer, World

OUTCOMES = ("created", "updated", "unchanged", "deleted", "rejected")
ANA, RUI = {"codigo": "1", "nome": "Ana"}, {"codigo": "2", "nome": "Rui"}


def counts(answer: Answer) -> dict[str, int]:
    """Read what became of the records, without the zeros."""
    assert answer.status == 200, answer.body
    assert answer.body["received"] == sum(answer.body[outcome] for outcome in OUTCOMES)
    return {outcome: answer.body[outcome] for outcome in OUTCOMES if answer.body[outcome]}


def stored(world: World, table: str, key: str) -> dict[str, Any]:
    answer = world.call("GET", f"/v1/erp/{table}/{quote(key, safe='')}", token=world.erp_key)
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


def codes(issues: list[dict[str, Any]]) -> list[tuple[int, str, str]]:
    return [(issue["index"], issue["field"], issue["code"]) for issue in issues]


@pytest.mark.parametrize("record", [full, minimal])
@pytest.mark.parametrize("table", FULL)
def test_every_table_takes_a_full_record_and_a_minimal_one(own_world: World, table: str, record: Any) -> None:
    sent = record(table)

    answer = own_world.push(table, [sent])

    assert counts(answer) == {"created": 1}
    assert (answer.body["table"], answer.body["errors"], answer.body["warnings"]) == (table, [], [])
    assert answer.headers["X-Request-Id"] == answer.body["request_id"]
    found = stored(own_world, table, KEYS[table])
    assert (found["key"], found["record"], found["state"]) == (KEYS[table], sent, "pending")
    assert found["request_id"] == answer.body["request_id"]
    assert counts(own_world.push(table, [sent])) == {"unchanged": 1}


def test_all_tables_reach_the_crm(own_world: World) -> None:
    for table in reversed(FULL):  # children first: parents may arrive later
        assert counts(own_world.push(table, [full(table)])) == {"created": 1}
    assert own_world.run()["status"] == "success"
    for table in FULL:
        assert stored(own_world, table, KEYS[table])["state"] == "applied"


def test_each_record_gets_its_own_outcome(own_world: World) -> None:
    own_world.push("vendedor", [ANA, RUI, {"codigo": "3", "nome": "Eva"}])
    answer = own_world.push(
        "vendedor",
        [
            {"codigo": "4", "nome": "Leo"},
            {**ANA, "nome": "Ana Maria"},
            RUI,
            {"codigo": "3", "excluido": True},
            {"codigo": "5"},
            {"codigo": "6", "excluido": True},
        ],
    )
    assert counts(answer) == {"created": 1, "updated": 1, "unchanged": 2, "deleted": 1, "rejected": 1}
    assert codes(answer.body["errors"]) == [(4, "nome", "missing")]
    assert answer.body["errors"][0]["key"] == "5"
    assert codes(answer.body["warnings"]) == [(5, "excluido", "nothing_to_delete")]


@pytest.mark.parametrize(
    ("second", "expected", "left"),
    [
        ({**ANA, "nome": "Bia"}, {"created": 1, "updated": 1}, "Bia"),
        (ANA, {"created": 1, "unchanged": 1}, "Ana"),
        ({"codigo": "1", "excluido": True}, {"created": 1, "deleted": 1}, None),
        ({**ANA, "nome": 7}, {"created": 1, "rejected": 1}, "Ana"),
    ],
)
def test_a_key_sent_twice_in_one_delivery_is_taken_in_order(
    own_world: World, second: dict[str, Any], expected: dict[str, int], left: str | None
) -> None:
    assert counts(own_world.push("vendedor", [ANA, second])) == expected
    found = stored(own_world, "vendedor", "1")
    assert found["record"].get("nome") == left
    assert found["revision"] == 1


def test_of_two_versions_in_one_delivery_the_newest_wins_whatever_their_order(own_world: World) -> None:
    older, newer = ({**ANA, "nome": name, "atualizado_em": f"2026-01-0{day}T00:00:00Z"}
                    for name, day in (("old", 1), ("new", 2)))  # fmt: skip
    answer = own_world.push("vendedor", [newer, older])
    assert counts(answer) == {"created": 1, "unchanged": 1}
    assert codes(answer.body["warnings"]) == [(1, "atualizado_em", "older_version")]
    assert stored(own_world, "vendedor", "1")["record"]["nome"] == "new"


def test_unknown_fields_are_kept_and_told(own_world: World) -> None:
    unknown = {"apelido": "Aninha", "Nome": "ANA", "comissao": 2.50, "regras": {"a": [1, None]}, "ok": False}

    answer = own_world.push("vendedor", [{**ANA, **unknown}], headers={"Accept-Language": "en"})

    assert counts(answer) == {"created": 1}
    assert codes(answer.body["warnings"]) == [(0, name, "unknown_field") for name in unknown]
    assert "Check its name" in answer.body["warnings"][0]["message"]
    kept = stored(own_world, "vendedor", "1")["record"]
    assert kept == {**ANA, **unknown, "comissao": "2.5"}, "decimals travel as strings"


@pytest.mark.parametrize(
    ("table", "fields", "expected"),
    [
        ("empresa", {"cnpj": "12.ABC.345/01DE-35"}, []),
        ("empresa", {"cnpj": "12abc34501de35"}, []),
        ("empresa", {"cnpj": "11.222.333/0001-81"}, []),
        ("empresa", {"cnpj": "11.222.333/0001-82"}, ["cnpj_check_digits"]),
        ("fornecedor", {"cnpj": "12ABC34501DE36"}, ["cnpj_check_digits"]),
        ("fornecedor", {"cnpj": "ISENTO"}, ["cnpj_check_digits"]),
        ("empresa", {"cnpj": ""}, []),
        ("contato", {"cpf": "52998224725"}, []),
        ("contato", {"cpf": "529.982.247-24"}, ["cpf_check_digits"]),
        ("contato", {"cpf": "111.111.111-11"}, ["cpf_check_digits"]),
        ("contato", {"uf": "XX"}, ["unknown_state"]),
        ("empresa", {"atualizado_em": "2026-06-30T12:00:00"}, ["instant_without_offset"]),
    ],
)
def test_a_doubtful_value_is_a_warning_and_no_rejection(
    own_world: World, table: str, fields: dict[str, Any], expected: list[str]
) -> None:
    for language in ("pt-BR", "en"):
        answer = own_world.push(table, [minimal(table, **fields)], headers={"Accept-Language": language})
        assert answer.body["rejected"] == 0
        assert [warning["code"] for warning in answer.body["warnings"]] == expected
        assert all(warning["message"] != warning["code"] for warning in answer.body["warnings"])
        assert [warning["key"] for warning in answer.body["warnings"]] == [KEYS[table]] * len(expected)


def test_a_child_may_come_before_its_parents(own_world: World) -> None:
    assert counts(own_world.push("itens_nota", [full("itens_nota")])) == {"created": 1}
    waiting = stored(own_world, "itens_nota", "N1|1|1")["missing_parents"]
    assert waiting == [{"table": "nota", "key": "N1|1"}]
    own_world.push("nota", [full("nota")])
    assert stored(own_world, "itens_nota", "N1|1|1")["missing_parents"] == []
    named = {(one["table"], one["key"]) for one in stored(own_world, "nota", "N1|1")["missing_parents"]}
    assert named == {("empresa", "E1"), ("contato", "C1"), ("pedido", "P1"), ("vendedor", "V1")}


def envelope(*records: dict[str, Any]) -> bytes:
    return json.dumps({"records": records}, ensure_ascii=False).encode()


LINES = b'{"codigo":"1","nome":"S\xc3\xa3o"}\r\n\r\n{"codigo":"2","nome":"Rui"}\n   \n'
BOTH = envelope({"codigo": "1", "nome": "São"}, RUI)
WAYS: dict[str, tuple[bytes, dict[str, str]]] = {
    "JSON": (BOTH, {}),
    "no content type": (BOTH, {"Content-Type": ""}),
    "a charset": (BOTH, {"Content-Type": 'Application/JSON; charset="UTF-8"'}),
    "a byte order mark": (b"\xef\xbb\xbf" + BOTH, {}),
    "gzip": (gzip.compress(BOTH), {"Content-Encoding": "gzip"}),
    "gzip in other letters": (gzip.compress(BOTH), {"Content-Encoding": " X-GZIP"}),
    "gzip, not announced": (gzip.compress(BOTH), {}),
    "gzip announced, inflated on the way": (BOTH, {"Content-Encoding": "gzip"}),
    "gzip in two members": (
        gzip.compress(BOTH[:20]) + gzip.compress(BOTH[20:]),
        {"Content-Encoding": "gzip"},
    ),
    "lines": (LINES, {"Content-Type": "application/x-ndjson"}),
    "lines by another name": (LINES, {"Content-Type": "application/jsonl; charset=utf-8"}),
    "lines in gzip": (
        gzip.compress(LINES),
        {"Content-Type": "application/ndjson", "Content-Encoding": "gzip"},
    ),
    "escapes": (BOTH.replace("ã".encode(), rb"\u00e3"), {}),
    "more in the envelope": (BOTH[:-1] + b',"origem":"ERP"}', {}),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_sending_is_understood(own_world: World, way: str) -> None:
    body, headers = WAYS[way]
    answer = own_world.call("POST", "/v1/erp/vendedor", body, token=own_world.erp_key, headers=headers)
    assert counts(answer) == {"created": 2}
    assert stored(own_world, "vendedor", "1")["record"] == {"codigo": "1", "nome": "São"}


def test_a_delivery_may_be_as_large_as_the_limits(own_world: World) -> None:
    records = [{"codigo": str(number), "nome": "Ana"} for number in range(1_000)]
    body = envelope(*records)
    largest = body + b" " * (4 * 1024 * 1024 - len(body))
    answer = own_world.call("POST", "/v1/erp/vendedor", largest, token=own_world.erp_key)
    assert counts(answer) == {"created": 1_000}
    unpacked = gzip.compress(body + b" " * (10 * 1024 * 1024 - len(body)))
    again = own_world.call("POST", "/v1/erp/vendedor", unpacked, token=own_world.erp_key)
    assert counts(again) == {"unchanged": 1_000}


def test_an_empty_list_is_a_sign_of_life(own_world: World) -> None:
    answer = own_world.push("vendedor", [])
    assert (answer.status, answer.body["received"], counts(answer)) == (200, 0, {})
    [one] = [
        one
        for one in own_world.as_user("viewer", "GET", "/tables").body["items"]
        if one["table"] == "vendedor"
    ]
    assert (one["records"], one["last_received_at"] is None) == (0, False)
