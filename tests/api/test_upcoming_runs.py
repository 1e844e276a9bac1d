"""When the next runs are: announced with the integration, and told of a schedule that is not saved yet."""

from datetime import UTC, datetime

import pytest

from tests.support.world import World

NOON = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon(own_world: World) -> None:
    own_world.clock.frozen = NOON
    own_world.as_user("admin", "PATCH", "", {"scheduled": True, "max_hours_without_success": 1})


def test_the_next_five_runs_are_announced_and_begin_with_the_next_one(own_world: World) -> None:
    own_world.as_user("admin", "PATCH", "", {"schedule": {"time": "02:30", "timezone": "America/Sao_Paulo"}})
    shown = own_world.as_user("viewer", "GET", "").body
    assert shown["next_runs"] == [f"2026-11-{day}T05:30:00.000Z" for day in range(25, 30)]
    assert shown["next_run_at"] == shown["next_runs"][0]


@pytest.mark.parametrize("switched_off", ["active", "scheduled"])
def test_what_will_not_run_announces_nothing(own_world: World, switched_off: str) -> None:
    shown = own_world.as_user("admin", "PATCH", "", {switched_off: False}).body
    assert (shown["next_run_at"], shown["next_runs"]) == (None, [])


def test_a_schedule_can_be_tried_before_it_is_saved(own_world: World) -> None:
    before = own_world.as_user("viewer", "GET", "").body
    tried = own_world.as_user("viewer", "GET", "/schedule-preview?time=12:00&timezone=Asia/Tokyo").body
    assert tried["next_runs"] == [f"2026-11-{day}T03:00:00.000Z" for day in range(25, 30)]
    assert (tried["time"], tried["timezone"]) == ("12:00", "Asia/Tokyo")
    assert own_world.as_user("viewer", "GET", "").body["schedule"] == before["schedule"]


def test_what_is_left_out_is_as_the_integration_has_it(own_world: World) -> None:
    own_world.as_user("admin", "PATCH", "", {"schedule": {"time": "02:30", "timezone": "America/Sao_Paulo"}})
    assert own_world.as_user("viewer", "GET", "/schedule-preview").body["time"] == "02:30"
    tried = own_world.as_user("viewer", "GET", "/schedule-preview?time=03:00").body
    assert (tried["timezone"], tried["next_runs"][0]) == ("America/Sao_Paulo", "2026-11-25T06:00:00.000Z")


def test_a_time_that_the_clocks_skip_is_not_announced(own_world: World) -> None:
    own_world.clock.frozen = datetime(2027, 3, 13, 12, 0, tzinfo=UTC)
    tried = own_world.as_user("viewer", "GET", "/schedule-preview?time=02:30&timezone=America/New_York").body
    assert tried["next_runs"][0] == "2027-03-15T06:30:00.000Z"  # on the 14th there is no 02:30


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("time=25:00", "schedule.time"),
        ("timezone=Mars/Olympus", "schedule.timezone"),
        ("time=2:30", "schedule.time"),
    ],
)
def test_what_is_no_schedule_is_refused_by_its_field(own_world: World, query: str, field: str) -> None:
    answer = own_world.as_user("viewer", "GET", f"/schedule-preview?{query}")
    assert answer.status == 400
    assert [one["field"] for one in answer.body["errors"]] == [field]


def test_open_alerts_are_counted_with_the_integration(own_world: World) -> None:
    assert own_world.as_user("viewer", "GET", "").body["open_alerts"] == 0
    own_world.clock.frozen = NOON.replace(hour=23)
    late = own_world.as_user("viewer", "GET", "").body
    assert (late["freshness"]["state"], late["open_alerts"]) == ("overdue", 1)
    open_now = own_world.as_user("viewer", "GET", "/alerts?status=open").body["items"]
    assert len(open_now) == 1
