"""The watchdog dies before or after any of its calls: everything is told, and nothing under two names."""

from datetime import UTC, datetime

import pytest

from chalicelib import alert_wiring
from chalicelib.domain.incidents import Mail
from tests.support.faults import Moment, living
from tests.support.watching import alerts, armed, events, failing_run, freshness, tick
from tests.support.world import World

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
QUIET = {"alert_settings": {"erp_silent": False}}


def told(world: World) -> list[tuple[str, str]]:
    """What people were told, copies of the same message left out; a copy must be word for word the same."""
    found: dict[str, Mail] = {}
    for mail in world.topics.mails_of(world.integration_id):
        assert found.setdefault(mail.message_id, mail) == mail
    return events(list(found.values()))


def die(world: World, when: Moment, number: int) -> bool:
    """Let a watchdog die at its n-th call, then others look; answers whether it lived that long."""
    with living(world, when, number) as life:
        alert_wiring.watchdog().tick(60)
    for _ in range(4):  # what a dead one has claimed is free again after a few minutes
        tick(world, minutes=1)
    return life.dead


@pytest.mark.parametrize("when", ["before", "after"])
def test_whenever_it_dies_each_incident_is_told_and_told_to_be_over(own_world: World, when: Moment) -> None:
    world, deaths, dead = own_world, 0, True
    while dead:
        # Before a call is after the one before: every second call by either is each moment once.
        number = 2 * deaths + 1
        world.integration_id, world.erp_key = world.new_integration()
        armed(world, NOON, **QUIET)
        failing_run(world)
        world.clock.advance(hours=24)
        dead = die(world, when, number)
        assert sorted(told(world)) == [("run_failed", "opened"), ("stale", "opened")]
        assert freshness(world) == "overdue"
        world.run()
        dead = die(world, when, number) or dead
        assert sorted(told(world)[2:]) == [("run_failed", "recovered"), ("stale", "recovered")]
        assert freshness(world) == "ok"
        found = alerts(world)
        assert {one["status"] for one in found} == {"resolved"}
        assert all(message["sent_at"] for one in found for message in one["messages"])
        world.as_user("admin", "PATCH", "", {"active": False})
        tick(world)
        deaths += dead
    assert deaths > 10, "it makes so many calls"


@pytest.mark.parametrize("when", ["before", "after"])
def test_whenever_acknowledging_dies_it_can_be_repeated(own_world: World, when: Moment) -> None:
    world, deaths, dead = own_world, 0, True
    while dead:
        world.integration_id, world.erp_key = world.new_integration()
        armed(world, NOON, **QUIET)
        tick(world, hours=24)
        path = f"/alerts/{alerts(world)[0]['alert_id']}/acknowledge"
        with living(world, when, deaths + 1) as life:
            world.as_user("admin", "POST", path, {"snooze_hours": 2})
        dead = life.dead
        assert world.as_user("admin", "POST", path, {"snooze_hours": 2}).body["status"] == "snoozed"
        assert tick(world, hours=1) == []
        assert events(tick(world, hours=1)) == [("stale", "reminder")]
        world.as_user("admin", "PATCH", "", {"active": False})
        tick(world)
        deaths += dead
    assert deaths > 3


@pytest.mark.parametrize("when", ["before", "after"])
def test_whenever_the_end_of_a_run_dies_the_alert_follows_what_was_recorded(
    own_world: World, when: Moment
) -> None:
    """The success and the word to the watchdog are one write: there is never one without the other."""
    seen = {_run_dies(own_world, when, number) for number in range(_calls_of_a_run(own_world) + 2)[-12:]}
    assert seen == {True, False}, "before its success was recorded, and after it"


def _calls_of_a_run(world: World) -> int:
    world.start_run()
    with living(world) as life:
        world.work_off()
    return life.calls


def _run_dies(world: World, when: Moment, number: int) -> bool:
    """Let a late integration's run die at its n-th call; answers whether its success was recorded."""
    world.integration_id, world.erp_key = world.new_integration()
    armed(world, NOON, **QUIET)
    tick(world, hours=24)
    world.start_run()
    world.clock.advance(minutes=1)
    with living(world, when, number):
        world.work_off()
    succeeded = world.as_user("viewer", "GET", "").body["last_success_at"] is not None
    assert (freshness(world) == "ok") == succeeded
    assert events(tick(world, minutes=1)) == ([("stale", "recovered")] if succeeded else [])
    world.as_user("admin", "PATCH", "", {"active": False})
    world.queue.messages.clear()
    tick(world)
    return succeeded
