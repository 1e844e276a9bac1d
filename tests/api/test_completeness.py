"""Completeness as it is now: ERP, intermediate database and CRM side by side, from counters."""

from typing import Any

import pytest

from chalicelib.domain.tables import NAMES
from chalicelib.domain.tallies import measure_of
from tests.api.test_control_totals import declare, list_keys
from tests.support.calls import counted
from tests.support.world import World


def nota(number: int, date: str = "2026-01-15", amount: str = "10.00", **fields: Any) -> dict[str, Any]:
    record = {"numero": str(number), "serie": "1", "empresa_codigo": "E1", "emitida_em": date}
    return {**record, "situacao": "autorizada", "valor_total": amount, **fields}


def looked(world: World) -> dict[str, Any]:
    answer = world.as_user("viewer", "GET", "/completeness")
    assert answer.status == 200, answer.body
    return dict(answer.body)


def months(world: World, table: str = "nota") -> list[dict[str, Any]]:
    return next(list(one["months"]) for one in looked(world)["tables"] if one["table"] == table)


def month(world: World, table: str = "nota") -> dict[str, Any]:
    [only] = months(world, table)
    return dict(only)


def test_what_is_declared_pushed_and_applied_is_complete(own_world: World) -> None:
    own_world.push("nota", [nota(1), nota(2, amount="2.50")])
    own_world.run()
    declare(
        own_world, "nota",
        {"month": "2026-01", "count": 2, "sum": "12.5", "min_key": "1|1", "max_key": "2|1"},
    )  # fmt: skip
    found = looked(own_world)
    assert (found["verdict"], found["totals"]["missing"]) == ("complete", 0)
    assert found["verdict_label"].startswith("Completo")
    one = month(own_world)
    assert {**one, "erp": None} == {
        "month": "2026-01", "status": "equal", "status_label": "Confere", "erp": None,
        "intermediate": {"count": 2, "sum": "12.50"}, "crm": {"count": 2, "sum": "12.50"},
        "pending": 0, "rejected": 0, "difference": 0, "sum_difference": "0.00", "absent_keys": [],
    }  # fmt: skip
    assert (one["erp"]["count"], one["erp"]["sum"]) == (2, "12.50")


def test_what_no_run_has_applied_yet_is_pending(own_world: World) -> None:
    own_world.push("nota", [nota(1)])
    declare(own_world, "nota", {"month": "2026-01", "count": 1, "sum": "10"})
    one = month(own_world)
    assert (one["status"], one["pending"], one["crm"]["count"]) == ("pending", 1, 0)
    own_world.run()
    assert month(own_world)["status"] == "equal"
    own_world.push("nota", [nota(1, amount="10.00", tipo="venda")])
    one = month(own_world)
    assert (one["status"], one["pending"], one["crm"]["count"]) == ("pending", 1, 1)


@pytest.mark.parametrize(
    ("total", "status", "difference"),
    [
        ({"count": 3}, "missing", -1),
        ({"count": 1}, "extra", 1),
        ({"count": 2, "sum": "20.01"}, "different", 0),
        ({"count": 2, "max_key": "9|1"}, "different", 0),
        ({"count": 2, "sum": "20"}, "equal", 0),
    ],
)
def test_a_month_is_judged_by_the_worst_that_is_wrong(
    own_world: World, total: dict[str, Any], status: str, difference: int
) -> None:
    own_world.push("nota", [nota(1), nota(2)])
    own_world.run()
    declare(own_world, "nota", {"month": "2026-01", **total})
    one = month(own_world)
    assert (one["status"], one["difference"]) == (status, difference)
    assert one["absent_keys"] == (["9|1"] if "max_key" in total else [])
    assert looked(own_world)["verdict"] == ("complete" if status == "equal" else "incomplete")


def test_refused_records_are_told_from_missing_ones(own_world: World) -> None:
    own_world.push("nota", [nota(1), nota(2, situacao="pendente")])
    own_world.run()
    declare(own_world, "nota", {"month": "2026-01", "count": 2})
    assert (month(own_world)["status"], month(own_world)["rejected"]) == ("rejected", 1)
    declare(own_world, "nota", {"month": "2026-01", "count": 3})
    assert month(own_world)["status"] == "missing"


def test_a_missing_month_shows_though_we_have_nothing_of_it(own_world: World) -> None:
    declare(own_world, "nota", {"month": "2025-03", "count": 7, "sum": "70"})
    own_world.push("nota", [nota(1)])
    undeclared, missing = months(own_world)
    assert (undeclared["month"], undeclared["status"]) == ("2026-01", "undeclared")
    assert (missing["month"], missing["status"], missing["difference"]) == ("2025-03", "missing", -7)


def test_nothing_wrong_and_nothing_declared_is_no_proof(own_world: World) -> None:
    assert looked(own_world)["verdict"] == "unproven"
    own_world.push("vendedor", [{"codigo": "1", "nome": "Ana"}])
    own_world.run()
    found = looked(own_world)
    assert (found["verdict"], found["totals"]["undeclared"]) == ("unproven", 1)
    declare(own_world, "vendedor", {"count": 1})
    assert looked(own_world)["verdict"] == "complete"


def test_a_deleted_record_and_one_that_moved_leave_their_month(own_world: World) -> None:
    own_world.push("nota", [nota(1), nota(2), nota(3)])
    own_world.run()
    own_world.push("nota", [nota(1, "2026-02-01"), {"numero": "2", "serie": "1", "excluido": True}])
    own_world.run()
    february, january = months(own_world)
    assert (february["intermediate"]["count"], january["intermediate"]["count"]) == (1, 1)
    assert (february["crm"], january["crm"]) == ({"count": 1, "sum": "10.00"},) * 2


def test_a_list_of_keys_stands_for_the_count(own_world: World) -> None:
    own_world.push("nota", [nota(1)])
    list_keys(own_world, "nota", {"month": "2026-01", "keys": ["1|1", "2|1"]})
    one = month(own_world)
    assert (one["status"], one["erp"]["count"], one["erp"]["listed_keys"]) == ("missing", 2, 2)


def test_24_months_of_12_tables_take_a_handful_of_calls(own_world: World) -> None:
    for table in NAMES:
        totals: list[dict[str, Any]] = [{"count": 1, "min_key": "1", "max_key": "2"}]
        if measure_of(table).date:
            names = [f"{year}-{number:02}" for year in (2025, 2026) for number in range(1, 13)]
            totals = [{"month": name, **totals[0], "max_key": f"{name}|1"} for name in names]
        assert declare(own_world, table, *totals).status == 200
        list_keys(own_world, table, {**({"month": "2026-01"} if len(totals) > 1 else {}), "keys": ["1"]})
    own_world.push(
        "nota", [nota(number, f"202{5 + number % 2}-{number % 12 + 1:02}-01") for number in range(400)]
    )
    with counted() as calls:
        found = looked(own_world)
    assert sum(len(one["months"]) for one in found["tables"]) == 4 * 24 + 8
    assert calls.total <= 30, "the bar"
    assert calls.total <= 10, calls.by_operation
    assert not calls.written


def test_only_the_tenant_sees_it(own_world: World) -> None:
    path = f"/v1/integrations/{own_world.integration_id}/completeness"
    assert own_world.call("GET", path, token=own_world.token("admin", "tenant-b")).status == 404
    assert own_world.call("GET", path, token=own_world.erp_key).status == 403
    assert own_world.call("GET", path).status == 401
