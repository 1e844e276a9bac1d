"""Alerts at the edges: clocks that change, limits of every size, and changes of settings."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import alert_wiring
from tests.support.watching import alerts, armed, events, failing_run, freshness, tick
from tests.support.world import World

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
QUIET = {"alert_settings": {"erp_silent": False}}


# ── time ──
@pytest.mark.parametrize("hours", [1, 24, 720])
def test_a_limit_is_kept_to_the_minute(own_world: World, hours: int) -> None:
    armed(own_world, NOON, max_hours_without_success=hours, **QUIET)
    assert tick(own_world, hours=hours, minutes=-1) == []
    assert freshness(own_world) == "warning"
    [mail] = tick(own_world, minutes=1)
    assert events([mail]) == [("stale", "opened")]
    assert f"(limite {hours} h)" in mail.subject


@pytest.mark.parametrize(
    ("zone", "success", "since"),
    [  # New York sets its clocks ahead on 8 March 2026 at 7:00 UTC, and back on 1 November at 6:00 UTC.
        (
            "America/New_York",
            datetime(2026, 3, 8, 5, tzinfo=UTC),
            "2026-03-08 00:00",
        ),
        (
            "America/New_York",
            datetime(2026, 11, 1, 4, tzinfo=UTC),
            "2026-11-01 00:00",
        ),
        (
            "America/Sao_Paulo",
            datetime(2026, 7, 1, 3, tzinfo=UTC),
            "2026-07-01 00:00",
        ),
    ],
)
def test_a_limit_of_24_hours_lasts_24_hours_whatever_the_clocks_do(
    own_world: World, zone: str, success: datetime, since: str
) -> None:
    settings = {"language": "en", "erp_silent": False}
    schedule = {"time": "00:00", "timezone": zone}
    armed(own_world, success - timedelta(hours=1), schedule=schedule, alert_settings=settings)
    own_world.clock.frozen = success
    own_world.run()
    assert tick(own_world, hours=23, minutes=59) == []
    [mail] = tick(own_world, minutes=1)
    assert f"Since: {since} ({zone})" in mail.body
    assert "no success for 24 h" in mail.subject


def test_over_midnight_and_a_change_of_the_clocks_missed_nights_are_counted_right(
    own_world: World,
) -> None:
    """2:30 does not exist in New York on 8 March 2026: that night no run is due."""
    schedule = {"time": "02:30", "timezone": "America/New_York"}
    armed(own_world, datetime(2026, 3, 6, 12, tzinfo=UTC), schedule=schedule, **QUIET)
    own_world.run()
    tick(own_world, days=2)
    own_world.clock.frozen, own_world.clock.offset = datetime(2026, 3, 9, 12, tzinfo=UTC), timedelta()
    own_world.run()
    tick(own_world, minutes=1)
    assert alerts(own_world)[0]["missed_runs"] == 2, "7 and 9 March"


# ── settings ──
def test_a_limit_lowered_below_the_time_elapsed_alerts_at_once(own_world: World) -> None:
    armed(own_world, NOON, **QUIET)
    own_world.clock.advance(hours=10)
    changed = own_world.as_user("admin", "PATCH", "", {"max_hours_without_success": 5}).body
    assert changed["freshness"] == {"state": "overdue", "deadline_at": "2026-07-01T17:00:00.000Z"}
    assert events(tick(own_world)) == [("stale", "opened")]


def test_a_limit_raised_beyond_it_closes_the_alert_and_claims_no_recovery(
    own_world: World,
) -> None:
    armed(own_world, NOON, **QUIET)
    tick(own_world, hours=24)
    changed = own_world.as_user("admin", "PATCH", "", {"max_hours_without_success": 48}).body
    assert changed["freshness"]["state"] == "ok"
    [mail] = tick(own_world, minutes=1)
    assert events([mail]) == [("stale", "closed")]
    assert "configurações mudaram" in mail.body
    assert events(tick(own_world, hours=24)) == [("stale", "opened")]
    assert [one["recovered"] for one in alerts(own_world)] == [None, False]


def test_a_success_from_before_the_trouble_is_no_recovery(own_world: World) -> None:
    armed(own_world, NOON, **QUIET)
    own_world.run()
    tick(own_world, hours=24)
    own_world.as_user("admin", "PATCH", "", {"max_hours_without_success": 48})
    assert events(tick(own_world, minutes=1)) == [("stale", "closed")]


def test_stale_recovered_and_stale_again_between_two_looks_is_two_alerts(own_world: World) -> None:
    armed(own_world, NOON, **QUIET)
    tick(own_world, hours=24)
    own_world.clock.advance(hours=1)
    own_world.run()
    assert events(tick(own_world, hours=24)) == [("stale", "recovered"), ("stale", "opened")]
    assert len({one["alert_id"] for one in alerts(own_world)}) == 2


def test_nobody_hears_of_an_integration_that_is_switched_off(own_world: World) -> None:
    armed(own_world, NOON, **QUIET)
    failing_run(own_world)
    assert events(tick(own_world, minutes=1)) == [("run_failed", "opened")]
    own_world.as_user("admin", "PATCH", "", {"active": False})
    assert events(tick(own_world, minutes=1)) == [("run_failed", "closed")]
    watches = alert_wiring.watches()
    watches.note_dead_letter(own_world.tenant_id, own_world.integration_id, "runs", own_world.clock.now())
    assert tick(own_world, minutes=1) == []


@pytest.mark.parametrize("change", [{"active": False}, {"scheduled": False}])
def test_switched_off_or_unscheduled_nothing_can_be_late(own_world: World, change: dict[str, Any]) -> None:
    armed(own_world, NOON, **QUIET)
    tick(own_world, hours=24)
    changed = own_world.as_user("admin", "PATCH", "", change).body
    assert changed["freshness"] == {"state": "not_armed", "deadline_at": None}
    assert events(tick(own_world, minutes=1)) == [("stale", "closed")]
    assert tick(own_world, days=30) == []
    back = own_world.as_user("admin", "PATCH", "", dict.fromkeys(change, True)).body
    assert back["freshness"]["state"] == "ok"
    assert tick(own_world, hours=23) == []
    assert events(tick(own_world, hours=1)) == [("stale", "opened")]


def test_switched_off_and_on_between_two_looks_the_clock_starts_anew(own_world: World) -> None:
    armed(own_world, NOON, **QUIET)
    tick(own_world, hours=24)
    for active in (False, True):
        own_world.as_user("admin", "PATCH", "", {"active": active})
    assert events(tick(own_world, minutes=1)) == [("stale", "closed")]
    assert freshness(own_world) == "ok"


def test_another_schedule_gives_the_next_run_its_time_unless_it_is_late_already(own_world: World) -> None:
    """From 0:00 to 6:00: the next run is 30 hours after the last one, and nothing is wrong with that."""
    armed(own_world, datetime(2026, 7, 1, 2, tzinfo=UTC), **QUIET)
    own_world.clock.frozen = datetime(2026, 7, 1, 3, tzinfo=UTC)
    own_world.run()
    own_world.clock.frozen = datetime(2026, 7, 1, 12, tzinfo=UTC)
    later = {"schedule": {"time": "06:00", "timezone": "America/Sao_Paulo"}}
    own_world.as_user("admin", "PATCH", "", later)
    assert tick(own_world, hours=21) == [], "when the next run is due"
    assert events(tick(own_world, hours=3)) == [("stale", "opened")]
    again = {"schedule": {"time": "07:00", "timezone": "America/Sao_Paulo"}}
    assert own_world.as_user("admin", "PATCH", "", again).body["freshness"]["state"] == "overdue"
    assert tick(own_world, minutes=1) == []
