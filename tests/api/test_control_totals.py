"""What an ERP declares of itself: kept by month, replaced, withdrawn, refused with every reason."""

import gzip
import json
from typing import Any

import pytest

from tests.support.world import Answer, World


def declare(world: World, table: str, *totals: Any, **options: Any) -> Answer:
    return world.call(
        "PUT", f"/v1/erp/{table}/control-totals", {"totals": list(totals)}, token=world.erp_key, **options
    )


def list_keys(world: World, table: str, body: dict[str, Any]) -> Answer:
    return world.call("PUT", f"/v1/erp/{table}/control-keys", body, token=world.erp_key)


def declared(world: World, table: str) -> list[dict[str, Any]]:
    answer = world.call("GET", f"/v1/erp/{table}/control-totals", token=world.erp_key)
    assert answer.status == 200, answer.body
    return list(answer.body["totals"])


def reasons(answer: Answer) -> list[tuple[int | None, str, str]]:
    assert answer.status == 400, answer.body
    return [(one["index"], one["field"], one["code"]) for one in answer.body["errors"]]


def test_totals_are_kept_by_month_and_the_last_word_counts(own_world: World) -> None:
    first = declare(own_world, "nota", {"month": "2026-01", "count": 3, "sum": "10.50"})
    assert (first.status, first.body["declared"]) == (200, 1)
    declare(
        own_world, "nota",
        {"month": "2026-01", "count": 4, "sum": 12.5, "min_key": "1|1", "max_key": "9|1"},
        {"month": "2025-12", "count": 0},
    )  # fmt: skip
    [january, december] = declared(own_world, "nota")
    assert {**january, "declared_at": ""} == {
        "month": "2026-01", "count": 4, "sum": "12.50", "min_key": "1|1", "max_key": "9|1",
        "listed_keys": None, "declared_at": "", "source": "erp",
    }  # fmt: skip
    assert (december["month"], december["count"], december["sum"]) == ("2025-12", 0, None)
    assert declared(own_world, "pedido") == []


def test_a_table_without_a_date_has_one_total(own_world: World) -> None:
    assert declare(own_world, "vendedor", {"count": 12}).status == 200
    assert declare(own_world, "itens_nota", {"month": None, "count": 12, "sum": "-3"}).status == 200
    assert [(one["month"], one["count"]) for one in declared(own_world, "vendedor")] == [(None, 12)]
    assert declared(own_world, "itens_nota")[0]["sum"] == "-3.00"


def test_a_count_of_null_withdraws_what_was_declared(own_world: World) -> None:
    declare(own_world, "nota", {"month": "2026-01", "count": 3}, {"month": "2026-02", "count": 3})
    declare(own_world, "nota", {"month": "2026-01", "count": None})
    assert [one["month"] for one in declared(own_world, "nota")] == ["2026-02"]


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_stored(own_world: World) -> None:
    answer = declare(
        own_world, "nota",
        {"month": "2026-13", "count": -1, "sum": "1,5"},
        "nonsense",
        {"month": "2026-01", "count": 1},
        {"month": "2026-01", "count": 1.5},
        {"count": "7", "total": 3},
        {"month": "2026-03", "min_key": "x" * 901},
    )  # fmt: skip
    assert reasons(answer) == [
        (0, "month", "control_month_invalid"),
        (0, "count", "integer_out_of_range"),
        (0, "sum", "not_decimal"),
        (1, "", "record_not_object"),
        (3, "count", "not_integer"),
        (3, "month", "control_month_repeated"),
        (4, "total", "control_field_unknown"),
        (4, "month", "control_month_missing"),
        (4, "count", "not_integer"),
        (5, "count", "missing"),
        (5, "min_key", "key_too_long"),
    ]
    assert all(one["message"] for one in answer.body["errors"])
    assert declared(own_world, "nota") == []


def test_what_a_table_does_not_have_cannot_be_declared(own_world: World) -> None:
    answer = declare(own_world, "vendedor", {"month": "2026-01", "count": 1, "sum": "3"})
    assert reasons(answer) == [
        (0, "month", "control_month_of_undated"), (0, "sum", "control_sum_without_amount"),
    ]  # fmt: skip


@pytest.mark.parametrize("body", [[], {}, {"totals": {}}, {"totals": None}])
def test_a_body_of_another_shape_is_refused_with_an_example(own_world: World, body: Any) -> None:
    answer = own_world.call("PUT", "/v1/erp/nota/control-totals", body, token=own_world.erp_key)
    assert (answer.status, answer.body["code"]) == (400, "control_totals_shape")


def test_too_many_totals_are_refused(own_world: World) -> None:
    answer = declare(own_world, "nota", *[{"month": "2026-01", "count": 1}] * 601)
    assert (answer.status, answer.body["code"]) == (400, "control_totals_too_many")


@pytest.mark.parametrize(
    ("table", "token", "status"), [("nada", None, 404), ("nota", "erp_x_y", 401), ("nota", "user", 403)]
)
def test_only_the_erp_declares_and_only_of_the_12_tables(
    own_world: World, table: str, token: str | None, status: int
) -> None:
    used = own_world.token("admin") if token == "user" else token or own_world.erp_key
    answer = own_world.call("PUT", f"/v1/erp/{table}/control-totals", {"totals": []}, token=used)
    assert answer.status == status


def test_declarations_are_in_the_request_log(own_world: World) -> None:
    request_id = declare(own_world, "nota", {"month": "2026-01", "count": 3}).body["request_id"]
    logged = own_world.as_user("admin", "GET", f"/requests/{request_id}").body
    assert (logged["method"], logged["status"], logged["table"]) == ("PUT", 200, "nota")
    assert json.loads(logged["request_body"]) == {"totals": [{"month": "2026-01", "count": 3}]}


def test_another_integration_knows_nothing_of_it(own_world: World) -> None:
    declare(own_world, "nota", {"month": "2026-01", "count": 3})
    list_keys(own_world, "nota", {"month": "2026-01", "keys": ["1|1"]})
    _, other = own_world.new_integration()
    answer = own_world.call("GET", "/v1/erp/nota/control-totals", token=other)
    assert answer.body["totals"] == []


def test_keys_are_listed_whole_or_in_parts(own_world: World) -> None:
    whole = list_keys(own_world, "nota", {"month": "2026-01", "keys": ["1|1", "2|1", "2|1"]})
    assert whole.status == 200, whole.body
    assert {**whole.body, "request_id": ""} == {
        "request_id": "", "table": "nota", "month": "2026-01", "received": 2, "repeated": ["2|1"],
        "keys": 2, "complete": True,
    }  # fmt: skip
    first = list_keys(own_world, "nota", {"month": "2026-02", "keys": ["7|1"], "part": 1, "parts": 2})
    assert (first.body["keys"], first.body["complete"]) == (1, False)
    for _ in range(2):  # sent again, a part takes its own place
        second = list_keys(own_world, "nota", {"month": "2026-02", "keys": ["8|1"], "part": 2, "parts": 2})
        assert (second.body["keys"], second.body["complete"]) == (2, True)
    assert [one["listed_keys"] for one in declared(own_world, "nota")] == [2, 2]


def test_fewer_parts_leave_nothing_of_what_was_listed_before(own_world: World) -> None:
    for part in (1, 2, 3):
        list_keys(own_world, "nota", {"month": "2026-02", "keys": [f"{part}|1"], "part": part, "parts": 3})
    list_keys(own_world, "nota", {"month": "2026-02", "keys": ["1|1"]})
    again = list_keys(own_world, "nota", {"month": "2026-02", "keys": ["2|1"], "part": 1, "parts": 2})
    assert (again.body["keys"], again.body["complete"]) == (1, False)
    gone = list_keys(own_world, "nota", {"month": "2026-02", "keys": []})
    assert (gone.body["keys"], declared(own_world, "nota")) == (0, [])


def test_keys_may_be_numbers_and_tell_their_version(own_world: World) -> None:
    keys = [7, {"key": "8", "atualizado_em": "2026-01-01T00:00:00-03:00"}, {"key": 9}]
    assert list_keys(own_world, "vendedor", {"keys": keys}).body["received"] == 3


def test_wrong_keys_are_all_named(own_world: World) -> None:
    keys = ["1|1", "", None, 1.5, {"key": "2|1", "atualizado_em": "ontem"}, "x" * 901]
    answer = list_keys(own_world, "nota", {"keys": keys, "part": 3, "parts": 2, "mes": "2026-01"})
    assert reasons(answer) == [
        (None, "mes", "control_field_unknown"),
        (None, "month", "control_month_missing"),
        (None, "part", "whole_number_range"),
        (1, "keys", "missing"),
        (2, "keys", "missing"),
        (3, "keys", "not_text"),
        (4, "keys", "not_instant"),
        (5, "keys", "key_too_long"),
    ]


def test_a_long_list_may_come_packed(own_world: World) -> None:
    body = json.dumps({"keys": [f"{number:09}" for number in range(100_000)]}).encode()
    answer = own_world.call(
        "PUT", "/v1/erp/empresa/control-keys", gzip.compress(body), token=own_world.erp_key,
        headers={"Content-Encoding": "gzip"},
    )  # fmt: skip
    assert (answer.status, answer.body["keys"]) == (200, 100_000)


def test_other_content_types_are_refused(own_world: World) -> None:
    headers = {"Content-Type": "application/x-ndjson"}
    assert declare(own_world, "nota", headers=headers).body["code"] == "only_json"
