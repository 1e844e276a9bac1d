"""An integration is created, listed and read with all that Informações Gerais shows."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.calls import counted
from tests.support.samples import full
from tests.support.world import World

CONTRACT = frozenset({
    "integration_id", "tenant_id", "name", "integration_type", "erp_name", "erp_version",
    "deployment_status", "active", "scheduled", "schedule", "next_run_at", "average_duration_seconds",
    "database_size_bytes", "business_rule", "max_hours_without_success", "last_success_at", "freshness",
    "current_run", "version",
})  # fmt: skip


def read(world: World) -> dict[str, Any]:
    answer = world.as_user("viewer", "GET", "")
    assert answer.status == 200
    body: dict[str, Any] = answer.body
    return body


def change(world: World, **settings: Any) -> dict[str, Any]:
    answer = world.as_user("admin", "PATCH", "", settings)
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


def created(world: World, body: Any) -> World:
    """Create an integration; answers the world as seen from it."""
    answer = world.call("POST", "/v1/integrations", body, token=world.token("operator"))
    assert answer.status == 201, answer.body
    return replace(world, integration_id=answer.body["integration_id"])


# ── creating ──
def test_a_new_integration_needs_a_name_and_has_sensible_settings(own_world: World) -> None:
    found = read(created(own_world, {"name": "Nova"}))
    assert found.keys() >= CONTRACT
    expected = {
        "name": "Nova", "tenant_id": own_world.tenant_id, "integration_type": "api", "erp_name": "",
        "erp_version": "", "deployment_status": "pending", "active": True, "scheduled": False,
        "schedule": {"time": "00:00", "timezone": "America/Sao_Paulo"}, "next_run_at": None,
        "average_duration_seconds": None, "database_size_bytes": 0, "business_rule": "",
        "max_hours_without_success": 24, "last_success_at": None, "current_run": None, "version": 1,
        "freshness": {"state": "not_armed", "deadline_at": None},
        "abc_cuts": {"a": "80", "b": "95"}, "abc_window_months": 24,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected


def test_what_is_answered_to_the_creation_is_what_is_read(own_world: World) -> None:
    own_world.clock.frozen = datetime(2026, 7, 1, 12, tzinfo=UTC)
    body = {
        "name": "Visão", "integration_type": "view", "erp_name": "ERP", "erp_version": "3",
        "schedule": {"time": "01:30", "timezone": "America/New_York"}, "max_hours_without_success": 30,
    }  # fmt: skip
    answer = own_world.call("POST", "/v1/integrations", body, token=own_world.token("operator"))
    assert answer.body == read(replace(own_world, integration_id=answer.body["integration_id"]))
    assert {name: answer.body[name] for name in body} == body
    assert (answer.headers["ETag"], answer.body["scheduled"]) == ('"1"', True)
    keeper = own_world.scheduler.schedules[answer.body["integration_id"]]
    assert (keeper.schedule.time, keeper.schedule.timezone, keeper.armed) == (
        "01:30",
        "America/New_York",
        True,
    )


# ── listing ──
def test_a_tenant_s_integrations_are_listed_page_by_page_each_exactly_once(own_world: World) -> None:
    world = replace(own_world, tenant_id=f"tenant of {own_world.integration_id}")
    mine = {created(world, {"name": f"Filial {number}"}).integration_id for number in range(5)}
    seen: list[str] = []
    cursor = ""
    while True:
        path = f"/v1/integrations?limit=2{cursor}"
        page = world.call("GET", path, token=world.token("viewer")).body
        assert len(page["items"]) <= 2
        seen += [one["integration_id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == sorted(mine)


def test_the_list_shows_each_as_it_is_read(own_world: World) -> None:
    world = replace(own_world, tenant_id=f"tenant of {own_world.integration_id}")
    world.clock.frozen = datetime(2026, 7, 1, 12, tzinfo=UTC)
    one = created(world, {"name": "Única", "schedule": {"time": "01:30", "timezone": "UTC"}})
    [listed] = world.call("GET", "/v1/integrations", token=world.token("viewer")).body["items"]
    assert listed == read(one)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "limit_invalid"),
        ("limit=201", "limit_invalid"),
        ("limit=-1", "limit_invalid"),
        ("limit=x", "limit_invalid"),
        ("cursor=%00", "cursor_invalid"),
        ("cursor=e30", "cursor_invalid"),
        ("cursor=WyJhIiwgImIiXQ", "cursor_invalid"),
        ("cursor=W251bGxd", "cursor_invalid"),
    ],
)
def test_a_page_that_is_none_is_refused(lasting_world: World, query: str, code: str) -> None:
    answer = lasting_world.call("GET", f"/v1/integrations?{query}", token=lasting_world.token("viewer"))
    assert (answer.status, answer.body["code"]) == (400, code)


# ── the next run ──
NEXT_RUNS = [
    # zone, time, now (UTC), next run (UTC)
    ("America/Sao_Paulo", "00:00", "2026-11-24T02:59:59", "2026-11-24T03:00:00"),
    ("America/Sao_Paulo", "00:00", "2026-11-24T03:00:00", "2026-11-25T03:00:00"),
    ("America/Sao_Paulo", "23:59", "2026-12-31T23:00:00", "2027-01-01T02:59:00"),
    ("America/New_York", "02:30", "2026-03-07T12:00:00", "2026-03-09T06:30:00"),  # skipped on the 8th
    ("America/New_York", "03:00", "2026-03-08T06:59:00", "2026-03-08T07:00:00"),
    ("America/New_York", "01:30", "2026-11-01T05:00:00", "2026-11-01T05:30:00"),  # occurs twice: the first
    ("America/New_York", "01:30", "2026-11-01T05:30:00", "2026-11-02T06:30:00"),
    ("Europe/Lisbon", "01:30", "2026-03-28T12:00:00", "2026-03-30T00:30:00"),  # skipped on the 29th
    ("Europe/Lisbon", "00:00", "2026-03-28T23:59:00", "2026-03-29T00:00:00"),
    ("Europe/Lisbon", "00:00", "2026-03-29T00:00:00", "2026-03-29T23:00:00"),
    ("Europe/Lisbon", "01:30", "2026-10-25T00:00:00", "2026-10-25T00:30:00"),
]


@pytest.mark.parametrize(("timezone", "time", "now", "due"), NEXT_RUNS)
def test_the_next_run_is_right_across_midnight_and_dst(
    own_world: World, timezone: str, time: str, now: str, due: str
) -> None:
    own_world.clock.frozen = datetime.fromisoformat(f"{now}+00:00")
    change(own_world, scheduled=True, schedule={"time": time, "timezone": timezone})
    assert read(own_world)["next_run_at"] == f"{due}.000Z"


@pytest.mark.parametrize(("active", "scheduled"), [(True, False), (False, True), (False, False)])
def test_without_activity_or_schedule_there_is_no_next_run(
    own_world: World, active: bool, scheduled: bool
) -> None:
    assert change(own_world, active=True, scheduled=True)["next_run_at"] is not None
    changed = change(own_world, active=active, scheduled=scheduled)
    assert changed["next_run_at"] is read(own_world)["next_run_at"] is None
    assert changed["freshness"] == {"state": "not_armed", "deadline_at": None}


# ── what runs and pushes leave ──
def test_the_first_run_gives_duration_success_and_a_fresh_deadline(own_world: World) -> None:
    own_world.clock.frozen = datetime(2026, 7, 1, 3, tzinfo=UTC)
    change(own_world, scheduled=True, max_hours_without_success=10)
    assert read(own_world)["average_duration_seconds"] is None
    own_world.clock.advance(hours=5)
    run_id = own_world.start_run()

    during = read(own_world)["current_run"]
    assert (during["run_id"], during["status"], during["trigger"]) == (run_id, "running", "manual")
    own_world.clock.advance(minutes=49)
    own_world.work_off()

    found = read(own_world)
    assert (found["current_run"], found["average_duration_seconds"]) == (None, 49 * 60)
    assert found["last_success_at"] == "2026-07-01T08:49:00.000Z"
    assert found["freshness"] == {"state": "ok", "deadline_at": "2026-07-01T18:49:00.000Z"}
    assert found["version"] == 2, "a run is no change of settings"


def test_freshness_ages_from_ok_over_warning_to_overdue_also_if_nothing_ever_ran(own_world: World) -> None:
    own_world.clock.frozen = datetime(2026, 7, 1, 3, tzinfo=UTC)
    change(own_world, scheduled=True, max_hours_without_success=10)
    deadline = "2026-07-01T13:00:00.000Z"
    for minutes, state in ((0, "ok"), (479, "ok"), (1, "warning"), (119, "warning"), (1, "overdue")):
        own_world.clock.advance(minutes=minutes)
        assert read(own_world)["freshness"] == {"state": state, "deadline_at": deadline}
    assert change(own_world, max_hours_without_success=11)["freshness"]["state"] == "warning"


def test_a_push_is_counted_in_size_and_tables_and_a_run_takes_it_off_the_pending(own_world: World) -> None:
    own_world.clock.frozen = datetime(2026, 7, 1, 3, tzinfo=UTC)
    assert own_world.push("vendedor", [full("vendedor"), {"codigo": "no name"}]).status == 200
    listed = own_world.as_user("viewer", "GET", "/tables", headers={"Accept-Language": "pt"}).body["items"]
    tables = {one["table"]: one for one in listed}
    assert len(listed) == len(tables) == 12
    one = tables["vendedor"]
    assert (one["records"], one["pending"], one["description"]) == (1, 1, "Vendedores.")
    assert one["last_received_at"].startswith("2026-07-01T03:00:00")
    assert read(own_world)["database_size_bytes"] == sum(one["bytes"] for one in listed) > 100
    assert {name for name, one in tables.items() if one["records"] or one["bytes"]} == {"vendedor"}

    own_world.clock.advance(seconds=1)
    own_world.run()

    after = own_world.as_user("viewer", "GET", "/tables").body["items"]
    assert next(one for one in after if one["table"] == "vendedor")["pending"] == 0


def test_an_integration_with_everything_is_read_in_two_calls(own_world: World) -> None:
    own_world.push("vendedor", [full("vendedor")])
    own_world.run()
    own_world.start_run()
    with counted() as calls:
        assert read(own_world)["current_run"]
    assert calls.total <= 2
    assert "Scan" not in calls.by_operation
