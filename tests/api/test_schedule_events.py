"""The nightly event: delivered at least once, it begins one run, whatever else is going on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.storage import connection, keys
from tests.support.slices import deliver, schedule_event
from tests.support.world import World

ENGINE = "dynamodb_local"  # clients meet here

MINUTE = "2026-11-24T03:00:00Z"
RUN_ID = "20261124T030000Z-s"
ANA = {"codigo": "1", "nome": "Ana"}


@pytest.fixture
def nightly(world: World) -> World:
    """A world whose integration is scheduled for midnight in São Paulo; it is that time."""
    world.integration_id, world.erp_key = world.new_integration(
        schedule={"time": "00:00", "timezone": "America/Sao_Paulo"}
    )
    world.clock.frozen = datetime(2026, 11, 24, 3, 0, 5, tzinfo=UTC)
    return world


def run_ids(world: World) -> list[str]:
    return [run["run_id"] for run in world.listed("/runs")]


def test_the_event_begins_the_run_of_its_minute(nightly: World) -> None:
    assert schedule_event(nightly, MINUTE) == RUN_ID

    nightly.work_off()

    run = nightly.as_user("viewer", "GET", f"/runs/{RUN_ID}").body
    assert (run["trigger"], run["status"], run["as_of"]) == ("schedule", "success", "2026-11-24")


def test_the_announced_next_run_is_the_one_that_the_event_begins(nightly: World) -> None:
    nightly.clock.frozen = datetime(2026, 11, 24, 2, 59, 59, tzinfo=UTC)
    announced = nightly.as_user("viewer", "GET", "").body["next_run_at"]
    nightly.clock.advance(seconds=2)

    assert announced == "2026-11-24T03:00:00.000Z"
    assert schedule_event(nightly, announced) == RUN_ID


def test_delivered_three_times_it_makes_one_run(nightly: World) -> None:
    nightly.push("vendedor", [ANA])
    nightly.clock.advance(seconds=1)

    begun = [schedule_event(nightly, MINUTE) for _ in range(3)]
    nightly.work_off()

    assert begun == [RUN_ID, None, None]
    assert run_ids(nightly) == [RUN_ID]
    stages = nightly.as_user("viewer", "GET", f"/runs/{RUN_ID}").body["stages"]
    assert [stage["processed"] for stage in stages if stage["name"] == "load"] == [1]


def test_delivered_at_once_it_makes_one_run(nightly: World) -> None:
    def start(number: int) -> str | None:
        minute = datetime(2026, 11, 24, 3, number // 4, tzinfo=UTC)
        run = wiring.run_starts().start_scheduled(nightly.tenant_id, nightly.integration_id, minute)
        return run.run_id if run else None

    with ThreadPoolExecutor(4) as pool:
        for minute in range(8):
            begun = list(pool.map(start, range(minute * 4, minute * 4 + 4)))
            assert [one for one in begun if one] == [f"20261124T03{minute:02}00Z-s"]
            nightly.work_off()

    assert len(run_ids(nightly)) == 8


def test_delivered_again_after_its_run_has_ended_it_begins_nothing(nightly: World) -> None:
    schedule_event(nightly, MINUTE)
    nightly.work_off()

    assert schedule_event(nightly, MINUTE) is None
    assert not nightly.queue.messages
    assert run_ids(nightly) == [RUN_ID]


def test_delivered_again_while_a_later_run_is_on_it_begins_nothing(nightly: World) -> None:
    schedule_event(nightly, MINUTE)
    nightly.work_off()
    nightly.clock.advance(minutes=5)
    manual = nightly.start_run()

    assert schedule_event(nightly, MINUTE) is None
    nightly.work_off()

    assert run_ids(nightly) == [manual, RUN_ID]


def test_a_delivery_that_died_before_sending_the_message_is_made_good_by_the_next(
    nightly: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(message: dict[str, Any], delay_seconds: int = 0) -> None:
        raise ConnectionError("no queue")

    with monkeypatch.context() as patch:
        patch.setattr(nightly.queue, "send", fail)
        with pytest.raises(ConnectionError):
            schedule_event(nightly, MINUTE)

    assert schedule_event(nightly, MINUTE) is None
    nightly.work_off()

    assert [(run["run_id"], run["status"]) for run in nightly.listed("/runs")] == [(RUN_ID, "success")]


# ── while another run is on ──
def test_while_a_manual_run_is_on_the_nightly_run_waits_and_is_not_lost(nightly: World) -> None:
    nightly.clock.frozen = datetime(2026, 11, 24, 2, 58, tzinfo=UTC)
    manual = nightly.start_run()
    nightly.clock.advance(minutes=1)
    nightly.push("vendedor", [ANA])
    nightly.clock.advance(minutes=1, seconds=5)

    assert schedule_event(nightly, MINUTE) is None
    nightly.work_off()

    assert [(run["run_id"], run["status"]) for run in nightly.listed("/runs")] == [
        (RUN_ID, "success"),
        (manual, "success"),
    ]
    stored = nightly.call("GET", "/v1/erp/vendedor/1", token=nightly.erp_key).body
    assert stored["state"] == "applied"


def test_a_run_that_waits_is_begun_once_however_often_its_event_came(nightly: World) -> None:
    manual = nightly.start_run()
    for _ in range(3):
        schedule_event(nightly, MINUTE)

    nightly.work_off()

    assert run_ids(nightly) == [RUN_ID, manual] or run_ids(nightly) == [manual, RUN_ID]


def test_a_night_that_outlasts_the_day_does_not_swallow_the_next(nightly: World) -> None:
    schedule_event(nightly, MINUTE)
    nightly.clock.advance(days=1)

    schedule_event(nightly, "2026-11-25T03:00:00Z")
    nightly.work_off()

    assert run_ids(nightly) == ["20261125T030000Z-s", RUN_ID]


def test_a_run_waits_no_longer_than_until_the_next_day_s(nightly: World) -> None:
    nightly.start_run()
    schedule_event(nightly, MINUTE)
    slice_, waiting = nightly.queue.messages
    nightly.queue.messages.clear()

    nightly.clock.advance(hours=23)
    assert deliver(nightly, waiting)
    assert nightly.queue.messages.popleft() == waiting, "it goes on waiting"
    nightly.clock.advance(hours=1)
    assert deliver(nightly, waiting)

    assert not nightly.queue.messages
    assert "hop" in slice_


def test_an_integration_switched_off_meanwhile_runs_no_more(nightly: World) -> None:
    manual = nightly.start_run()
    schedule_event(nightly, MINUTE)
    nightly.as_user("admin", "PATCH", "", {"active": False})

    nightly.work_off()

    assert run_ids(nightly) == [manual]


# ── events that start nothing ──
@pytest.mark.parametrize("change", [{"active": False}, {"scheduled": False}])
def test_a_switched_off_integration_starts_nothing(nightly: World, change: dict[str, bool]) -> None:
    nightly.as_user("admin", "PATCH", "", change)
    assert schedule_event(nightly, MINUTE) is None
    assert (nightly.listed("/runs"), list(nightly.queue.messages)) == ([], [])


def test_an_integration_that_is_gone_starts_nothing(nightly: World, tables: dict[str, str]) -> None:
    place = {
        "pk": {"S": keys.tenant(nightly.tenant_id)},
        "sk": {"S": keys.integration(nightly.integration_id)},
    }
    connection.client().delete_item(TableName=tables["INTEGRATIONS_TABLE"], Key=place)

    assert schedule_event(nightly, MINUTE) is None
    assert not nightly.queue.messages


@pytest.mark.parametrize("foreign", [{"tenant_id": "tenant-b"}, {"integration_id": "abcdefghijkl"}])
def test_an_event_that_names_somebody_else_s_integration_starts_nothing(
    nightly: World, foreign: dict[str, str]
) -> None:
    assert schedule_event(nightly, MINUTE, **foreign) is None
    assert (nightly.listed("/runs"), list(nightly.queue.messages)) == ([], [])


def test_switched_on_again_the_next_event_runs(nightly: World) -> None:
    nightly.as_user("admin", "PATCH", "", {"active": False})
    schedule_event(nightly, MINUTE)
    nightly.as_user("admin", "PATCH", "", {"active": True})
    assert schedule_event(nightly, "2026-11-25T03:00:00Z") == "20261125T030000Z-s"
