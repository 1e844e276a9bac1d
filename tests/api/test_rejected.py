"""Refused records: listed without looking at the others, corrected and sent again, or dismissed."""

from typing import Any

import pytest

from chalicelib.domain import validation
from chalicelib.services.rejections import name_of
from tests.support.calls import counted
from tests.support.digest import counters, digest, recounted, staged_records, unapplied
from tests.support.history import body_of, entry_of
from tests.support.samples import full
from tests.support.world import Answer, World

ANA = {"codigo": "1", "nome": "Ana"}
BAD = {"codigo": "1", "nome": "", "email": "ana@example.com.br"}
KEYLESS = {"nome": "Ninguém", "telefone": "(11) 98888-7777"}


@pytest.fixture
def world(own_world: World) -> World:
    return own_world


def rejected(world: World, query: str = "") -> list[dict[str, Any]]:
    return world.listed(f"/rejected{query}")


def correct(world: World, table: str, records: list[Any], corrects: str | None = None) -> Answer:
    body = {"records": records, "corrects": corrects}
    return world.as_user("admin", "POST", f"/records/{table}", body)


def exact(world: World, table: str = "vendedor") -> None:
    here = world.integration_id
    assert counters(here, table) == recounted(here, table)


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.body["code"]


def test_refused_records_are_listed_newest_first_with_what_was_wrong(world: World) -> None:
    world.push("vendedor", [ANA])
    first = world.push("vendedor", [KEYLESS, {"codigo": "2", "nome": "Rui"}])
    second = world.push("vendedor", [BAD])
    shown = world.as_user("admin", "GET", "/rejected").body["items"]
    assert [(one["key"], one["live"], one["request_id"]) for one in shown] == [
        ("1", True, second.body["request_id"]),
        (None, False, first.body["request_id"]),
    ]
    assert [one["record"] for one in shown] == [BAD, KEYLESS]
    assert [[(e["field"], e["code"]) for e in one["errors"]] for one in shown] == [
        [("nome", "missing")],
        [("codigo", "missing")],
    ]
    assert all(one["errors"][0]["message"] for one in shown)
    assert {one["table"] for one in shown} == {"vendedor"}


def test_pages_and_tables_together_are_the_whole_list(world: World) -> None:
    for number in range(7):
        world.push("vendedor", [{"codigo": str(number)}, {"nome": str(number)}])
        world.push("fatura", [{"numero": str(number), "parcela": "1"}])
    world.push("empresa", [{"codigo": "1", "razao_social": "Loja"}])
    found, cursor = [], ""
    while True:
        page = world.as_user("viewer", "GET", f"/rejected?limit=4{cursor}").body
        found += page["items"]
        if not page["next_cursor"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(found) == len({(one["table"], one["stored_as"]) for one in found}) == 21
    assert [one["at"] for one in found] == sorted((one["at"] for one in found), reverse=True)
    assert len(rejected(world, "?table=fatura")) == 7
    assert len(rejected(world, "?table=fatura,vendedor")) == 21
    assert rejected(world, "?table=empresa") == []
    assert world.as_user("viewer", "GET", "/rejected?table=nada").status == 400
    assert world.as_user("viewer", "GET", "/rejected?cursor=x").status == 400


def test_listing_costs_by_what_is_refused_and_not_by_what_is_stored(
    world: World, tables: dict[str, str]
) -> None:
    for page in range(3):
        world.push("empresa", [{"codigo": f"{page}-{n}", "razao_social": "Loja"} for n in range(1_000)])
    world.push("empresa", [{"codigo": "1"}])
    with counted() as calls:
        assert len(world.as_user("viewer", "GET", "/rejected").body["items"]) == 1
    assert calls.by_operation == {"BatchGetItem": 1, "GetItem": 1, "Query": 1 + 8}
    assert calls.read_units <= 12


def test_a_viewer_sees_no_personal_data(world: World) -> None:
    world.push("vendedor", [{**KEYLESS, "email": "ana@example.com.br"}])
    world.push("vendedor", [{"codigo": "ana@example.com.br"}])
    both = world.as_user("viewer", "GET", "/rejected").body["items"]
    assert "ana@example" not in str(both)
    assert "98888" not in str(both)
    assert both[0]["stored_as"] is None
    assert world.as_user("admin", "GET", "/rejected").body["items"][1]["record"]["email"] == (
        "ana@example.com.br"
    )


def test_a_corrected_record_leaves_the_list_and_reaches_the_crm(world: World) -> None:
    world.push("vendedor", [ANA])
    world.push("vendedor", [BAD])
    [one] = rejected(world)
    answer = correct(world, "vendedor", [{**BAD, "nome": "Ana Lima"}], one["stored_as"])
    assert (answer.status, answer.body["updated"]) == (200, 1)
    assert rejected(world) == []
    exact(world)
    assert world.run()["status"] == "success"
    assert unapplied(world.integration_id, "vendedor") == []
    entry = entry_of(world.integration_id, answer.body["request_id"])
    assert entry is not None
    assert (entry.kind, entry.key_name, entry.key_id, entry.status) == ("api", "admin-1", None, 200)
    assert entry.path == f"/v1/integrations/{world.integration_id}/records/vendedor"
    assert (entry.counts["received"], entry.counts["updated"]) == (1, 1)
    assert b"Ana Lima" in (body_of(entry, "request") or b"")


def test_a_keyless_refusal_is_settled_by_its_correction_and_not_by_a_wrong_one(world: World) -> None:
    world.push("vendedor", [KEYLESS])
    [one] = rejected(world)
    still_bad = correct(world, "vendedor", [{"codigo": "5", "nome": 7}], one["stored_as"])
    assert still_bad.body["rejected"] == 1
    assert len(rejected(world)) == 2
    good = correct(world, "vendedor", [{**KEYLESS, "codigo": "5"}], one["stored_as"])
    assert good.body["created"] == 1
    assert rejected(world) == []
    exact(world)
    assert counters(world.integration_id, "vendedor").rejected == 0


def test_records_may_be_sent_without_naming_a_refusal(world: World) -> None:
    answer = correct(world, "vendedor", [ANA, {"codigo": "2"}, KEYLESS])
    assert (answer.body["created"], answer.body["rejected"]) == (1, 2)
    assert len(rejected(world)) == 2
    exact(world)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"records": [ANA], "corrects": 7}, (400, "corrects_invalid")),
        ({"records": [ANA, ANA], "corrects": "MQ"}, (400, "corrects_one_record")),
        ({"records": [], "corrects": "MQ"}, (400, "corrects_one_record")),
        ({"records": [ANA], "corrects": "MQ"}, (404, "rejected_not_found")),
        ({"records": [ANA], "corrects": ""}, (404, "rejected_not_found")),
        ({"records": [ANA], "corrects": "é!" * 999}, (404, "rejected_not_found")),
        ({"records": [ANA], "corrects": "_w"}, (404, "rejected_not_found")),
        ({"records": [ANA], "corrects": "\ud800"}, (404, "rejected_not_found")),
        ({"records": [ANA] * 1_001}, (413, "too_many_records")),
        ({"records": "x"}, (400, "envelope_invalid")),
        (b"{", (400, "malformed_json")),
    ],
)
def test_odd_corrections_are_refused_and_write_no_record(
    world: World, body: Any, expected: tuple[int, str]
) -> None:
    answer = world.as_user("admin", "POST", "/records/vendedor", body)
    assert refused(answer) == expected
    assert staged_records(world.integration_id, "vendedor") == []
    entry = entry_of(world.integration_id, answer.headers["X-Request-Id"])
    assert entry is not None
    assert (entry.status, entry.code, entry.key_name) == (*expected, "admin-1")


def test_a_dismissed_refusal_leaves_the_list_and_the_audit_list_says_who(world: World) -> None:
    world.push("vendedor", [ANA, KEYLESS])
    world.push("vendedor", [BAD, {"codigo": "2"}])
    for one in rejected(world):
        answer = world.as_user("admin", "DELETE", f"/rejected/vendedor/{one['stored_as']}")
        assert (answer.status, answer.body["stored_as"]) == (200, one["stored_as"])
        again = world.as_user("admin", "DELETE", f"/rejected/vendedor/{one['stored_as']}")
        assert refused(again) == (404, "rejected_not_found")
    assert rejected(world) == []
    exact(world)
    assert (counters(world.integration_id, "vendedor").records) == 1
    assert world.run()["status"] == "success"
    assert unapplied(world.integration_id, "vendedor") == []
    written = world.as_user("admin", "GET", "/audit").body["items"]
    assert {one["act"] for one in written} == {"rejected_dismissed"}
    assert {one["what"]["key"] for one in written} == {"1", "2", None}
    assert world.push("vendedor", [{"codigo": "2"}]).body["rejected"] == 1
    assert len(rejected(world)) == 1, "refused again, it is listed again"


def test_other_tenants_and_viewers_can_do_nothing(world: World) -> None:
    world.push("vendedor", [{"codigo": "2"}])
    before = digest(world.integration_id, ["vendedor"])
    path = f"/rejected/vendedor/{name_of('2')}"
    for method, rest, body in (("DELETE", path, None), ("POST", "/records/vendedor", {"records": [ANA]})):
        assert refused(world.as_user("viewer", method, rest, body)) == (403, "role_required")
        theirs = f"/v1/integrations/{world.integration_id}{rest}"
        other = world.call(method, theirs, body, token=world.token("admin", "tenant-b"))
        assert refused(other) == (404, "integration_not_found")
        erp = world.call(method, theirs, body, token=world.erp_key)
        assert refused(erp) == (403, "erp_key_only_pushes")
    assert digest(world.integration_id, ["vendedor"]) == before


def test_a_record_that_the_run_had_set_aside_is_applied_when_that_is_dismissed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.push("nota", [full("nota")])
    with monkeypatch.context() as patch:
        patch.setattr(validation, "ACCESS_KEY_LENGTH", 50)
        assert world.run()["status"] == "partial"
    [one] = rejected(world)
    assert one["live"] is True
    assert world.as_user("admin", "DELETE", f"/rejected/nota/{one['stored_as']}").status == 200
    exact(world, "nota")
    assert world.run()["status"] == "success"
    assert unapplied(world.integration_id, "nota") == []
