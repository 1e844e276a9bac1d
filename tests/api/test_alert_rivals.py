"""Alerts when the mail service is down, many come at once, and others act at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import alert_wiring, wiring
from chalicelib.domain import watch
from chalicelib.domain.incidents import Mail
from chalicelib.storage.runs import Runs
from chalicelib.storage.watches import Watches
from tests.support.watching import alerts, armed, events, failing_run, freshness, tick
from tests.support.world import World

ENGINE = "dynamodb_local"  # clients meet here

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
QUIET = {"alert_settings": {"erp_silent": False}}


# ── the mail service ──
def test_while_the_mail_service_is_down_nothing_is_lost_and_then_each_comes_once(own_world: World) -> None:
    armed(own_world, NOON, **QUIET)
    own_world.clock.advance(hours=24)
    own_world.topics.failing = ConnectionError("SNS is down")
    for _ in range(60):
        own_world.clock.advance(minutes=1)
        assert alert_wiring.watchdog().tick(60).broken
    assert freshness(own_world) == "overdue"
    assert alerts(own_world)[0]["messages"][0]["sent_at"] is None
    failing_run(own_world)
    own_world.topics.failing = None
    assert events(tick(own_world, minutes=1)) == [("stale", "opened"), ("run_failed", "opened")]
    assert tick(own_world, minutes=5) == []


def test_trouble_that_is_over_before_it_could_be_told_is_told_as_over_only(own_world: World) -> None:
    armed(own_world, NOON, **QUIET)
    own_world.clock.advance(hours=24)
    own_world.topics.failing = ConnectionError("SNS is down")
    alert_wiring.watchdog().tick(60)
    own_world.run()
    own_world.topics.failing = None
    told = [*tick(own_world, minutes=1), *tick(own_world, minutes=1)]
    assert events(told) == [("stale", "recovered")]
    [alert] = alerts(own_world)
    assert [(one["event"], one["withdrawn"]) for one in alert["messages"]] == [
        ("opened", True),
        ("recovered", False),
    ]


def test_one_topic_that_fails_stands_in_nobodys_way(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    armed(own_world, NOON, **QUIET)
    other, _ = own_world.new_integration(None, schedule={"time": "00:00", "timezone": "UTC"}, **QUIET)
    publish, broken = own_world.topics.publish, own_world.integration_id

    def picky(integration_id: str, mail: Mail) -> None:
        if integration_id == broken:
            raise PermissionError("not this one")
        publish(integration_id, mail)

    monkeypatch.setattr(own_world.topics, "publish", picky)
    own_world.clock.advance(hours=25)
    done = alert_wiring.watchdog().tick(60)
    assert len(done.broken) == 1
    assert events(own_world.topics.mails_of(other)) == [("stale", "opened")]


# ── many, and rivals ──
def test_500_that_get_overdue_in_the_same_minute_are_all_told_once(world: World) -> None:
    # They have tables of their own, for they stay overdue.
    world.clock.frozen = NOON
    schedule = {"time": "00:00", "timezone": "UTC"}
    token = world.token("operator", "tenant-500")
    ids = set()
    for number in range(500):
        body = {"name": f"Número {number}", "schedule": schedule, **QUIET}
        ids.add(world.call("POST", "/v1/integrations", body, token=token).body["integration_id"])
    alert_wiring.watchdog().tick(60)
    world.clock.advance(hours=24)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: alert_wiring.watchdog().tick(60), range(2)))
    alert_wiring.watchdog().tick(60)
    told = [one for one, mail in world.topics.mails if one in ids]
    assert sorted(told) == sorted(ids)


def test_two_watchdogs_at_once_send_one_message(own_world: World) -> None:
    armed(own_world, NOON, **QUIET)
    for day in range(1, 3):
        own_world.clock.advance(hours=24)
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: alert_wiring.watchdog().tick(60), range(4)))
        assert len(own_world.topics.mails_of(own_world.integration_id)) == day


def test_a_success_between_reading_and_writing_keeps_the_alert_from_being_raised(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    armed(own_world, NOON, **QUIET)
    tick(own_world)
    own_world.clock.advance(hours=24)
    move, first = Watches.move, [True]

    def late(watches: Watches, *arguments: Any) -> None:
        if first and first.pop():
            own_world.run()
        move(watches, *arguments)

    monkeypatch.setattr(Watches, "move", late)
    assert tick(own_world) == []
    assert alerts(own_world) == []
    assert freshness(own_world) == "ok"


@pytest.mark.parametrize(("storage", "call"), [(Watches, "read"), (Runs, "states")])
def test_a_success_before_either_reading_keeps_the_alert_from_being_raised(
    own_world: World, monkeypatch: pytest.MonkeyPatch, storage: type, call: str
) -> None:
    armed(own_world, NOON, **QUIET)
    tick(own_world)
    own_world.clock.advance(hours=24)
    original, first = getattr(storage, call), [True]

    def late(*arguments: Any) -> Any:
        if first and first.pop():
            own_world.run()
        return original(*arguments)

    monkeypatch.setattr(storage, call, late)
    assert tick(own_world) == []
    assert alerts(own_world) == []


def test_a_success_between_deciding_and_sending_keeps_the_alert_from_being_sent(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    armed(own_world, NOON, **QUIET)
    own_world.clock.advance(hours=24)
    claim, first = type(alert_wiring.alerts()).claim, [True]

    def late(*arguments: Any) -> bool:
        if first and first.pop():
            own_world.run()
        return claim(*arguments)

    monkeypatch.setattr(type(alert_wiring.alerts()), "claim", late)
    assert tick(own_world) == []
    assert events(tick(own_world, minutes=1)) == [("stale", "recovered")]


def test_settings_and_watchdog_in_each_others_way_lose_nothing(own_world: World) -> None:
    armed(own_world, NOON, **QUIET)
    tick(own_world)
    own_world.clock.advance(hours=24)

    def rename(number: int) -> int:
        return own_world.as_user("admin", "PATCH", "", {"name": f"Nome {number}"}).status

    with ThreadPoolExecutor(4) as threads:
        looks = [threads.submit(alert_wiring.watchdog().tick, 60) for _ in range(12)]
        assert {rename(number) for number in range(6)} == {200}
        for one in looks:
            assert not one.result().broken
    tick(own_world, minutes=1)
    assert events(own_world.topics.mails_of(own_world.integration_id)) == [("stale", "opened")]


def test_an_integration_that_cannot_be_read_stands_in_nobodys_way(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    armed(own_world, NOON, **QUIET)
    other, _ = own_world.new_integration("tenant-z", schedule={"time": "00:00", "timezone": "UTC"}, **QUIET)
    decide = watch.decide

    def picky(known: watch.Watch, facts: Any) -> Any:
        if facts.integration.integration_id == other:
            raise ValueError("its settings are broken")
        return decide(known, facts)

    monkeypatch.setattr("chalicelib.services.watchdog.decide", picky)
    own_world.clock.advance(hours=25)
    done = alert_wiring.watchdog().tick(60)
    assert set(done.broken) == {other}
    assert events(own_world.topics.mails_of(own_world.integration_id)) == [("stale", "opened")]


def test_reading_the_page_tells_people_as_the_watchdog_would(own_world: World) -> None:
    """The page must not say "overdue" before anybody is told: reading it decides, the watchdog sends."""
    armed(own_world, NOON, **QUIET)
    tick(own_world)
    own_world.clock.advance(hours=24)
    assert freshness(own_world) == "overdue"
    listed = own_world.call("GET", "/v1/integrations?limit=200", token=own_world.token("viewer")).body[
        "items"
    ]
    mine = [one for one in listed if one["integration_id"] == own_world.integration_id]
    assert [one["freshness"]["state"] for one in mine] == ["overdue"]
    assert len(alerts(own_world)) == 1
    assert events(tick(own_world, minutes=1)) == [("stale", "opened")]
    own_world.run()
    assert freshness(own_world) == "ok"
    assert events(tick(own_world, minutes=1)) == [("stale", "recovered")]
    assert wiring.runs().state(own_world.integration_id).outcomes.success


def test_while_alerts_cannot_be_written_an_integration_can_be_read(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    armed(own_world, NOON, **QUIET)
    tick(own_world)
    own_world.clock.advance(hours=24)

    def broken(*_: Any) -> None:
        raise ConnectionError("no alerts table")

    with monkeypatch.context() as patch:
        patch.setattr(Watches, "move", broken)
        found = own_world.as_user("viewer", "GET", "")
        assert (found.status, found.body["freshness"]["state"]) == (200, "warning"), "nobody was told yet"
    assert freshness(own_world) == "overdue"


def test_a_notice_that_cannot_be_written_out_is_sent_as_it_is(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    armed(own_world, NOON, **QUIET)
    own_world.clock.advance(hours=24)

    def broken(*_: Any) -> None:
        raise KeyError("a fact of an older version")

    monkeypatch.setattr("chalicelib.services.alert_mail.AlertWriter.__call__", broken)
    done = alert_wiring.watchdog().tick(60)
    [mail] = own_world.topics.mails_of(own_world.integration_id)
    assert mail.message_id in done.sent
    assert mail.message_id in done.broken, "operations hear of it"
    assert mail.subject == f"stale opened {own_world.integration_id}"
    assert f"integration_id: {own_world.integration_id}\n" in mail.body
    assert tick(own_world, minutes=5) == []
