"""The watchdog's memory, incidents and the outbox, on every engine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.incidents import Incident, Notice
from chalicelib.domain.integrations import Integration
from chalicelib.domain.values import instant_text
from chalicelib.domain.watch import Overtaken, Watch, Watched
from chalicelib.storage.alerts import Alerts
from chalicelib.storage.integrations import Integrations
from chalicelib.storage.watches import Watches
from tests.support.calls import counted

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
TENANT = "tenant ç"


@pytest.fixture
def integrations(engine: Any) -> Integrations:
    return Integrations(engine.tables["INTEGRATIONS_TABLE"])


@pytest.fixture
def watches(engine: Any) -> Watches:
    return Watches(engine.tables["INTEGRATIONS_TABLE"], engine.tables["ALERTS_TABLE"])


@pytest.fixture
def alerts(engine: Any) -> Alerts:
    return Alerts(engine.tables["ALERTS_TABLE"])


@pytest.fixture
def watched(integrations: Integrations, watches: Watches, here: str) -> Watched:
    """An integration that was just made."""
    integrations.add(Integration(here, TENANT, "Distribuidora São João"), NOON)
    return read(watches, here)


def read(watches: Watches, here: str) -> Watched:
    [found] = watches.read([(TENANT, here)])
    return found


def incident(here: str, **fields: Any) -> Incident:
    at = instant_text(NOON)
    values = {"facts": {"name": "ção", "tables": ["nota"]}, "told": 1, **fields}
    return Incident(f"20260701T120000Z-{here}", TENANT, here, "stale:x", "stale", at, at, "us", **values)


def notice(here: str, number: int = 1) -> Notice:
    one = incident(here, told=number)
    return Notice("opened", number, instant_text(NOON + timedelta(minutes=number)), one, {"name": "ção"})


def mine(found: list[Notice], here: str) -> list[Notice]:
    return [one for one in found if one.incident.integration_id == here]


def test_what_was_just_made_is_due_at_once(watches: Watches, watched: Watched, here: str) -> None:
    assert (TENANT, here) in watches.due(NOON, 10_000)
    assert (TENANT, here) not in watches.due(NOON - timedelta(seconds=1), 10_000)
    assert (watched.watch, watched.revision, watched.dead_letters) == (Watch(), 1, {})


def test_what_is_due_is_found_in_one_query_a_shard(watches: Watches, watched: Watched) -> None:
    with counted() as calls:
        watches.due(NOON, 10)
    assert calls.by_operation == {"Query": 8}


def test_memory_incident_and_notice_are_written_together(
    watches: Watches, alerts: Alerts, watched: Watched, here: str
) -> None:
    one = incident(here)
    memory = Watch((one,), "2026-07-02T03:00:00+00:00", {"2026-07-01": frozenset({"nota", "pedido"})})
    watches.move(watched, memory, LATER, [one], [notice(here)])
    found = read(watches, here)
    assert (found.watch, found.revision) == (memory, 2)
    assert alerts.find(here, one.incident_id) == one
    assert mine(alerts.waiting(10_000), here) == [notice(here)]
    assert (TENANT, here) not in watches.due(LATER - timedelta(seconds=1), 10_000)
    assert (TENANT, here) in watches.due(LATER, 10_000)


def test_nothing_is_written_by_one_who_was_overtaken(
    watches: Watches, alerts: Alerts, watched: Watched, here: str
) -> None:
    watches.move(watched, watched.watch, LATER)
    told = Watch((incident(here),))
    with pytest.raises(Overtaken):
        watches.move(watched, told, None)
    with pytest.raises(Overtaken):
        watches.move(watched, told, None, [incident(here)], [notice(here)])
    assert read(watches, here).watch == watched.watch
    assert alerts.find(here, incident(here).incident_id) is None
    assert mine(alerts.waiting(10_000), here) == []


def test_a_change_of_settings_overtakes_and_keeps_the_memory(
    watches: Watches, integrations: Integrations, watched: Watched, here: str
) -> None:
    watches.move(watched, Watch((incident(here),)), None)
    before = read(watches, here)
    integrations.replace(replace(watched.integration, version=2, name="Outro"), 1, LATER)
    with pytest.raises(Overtaken):
        watches.move(before, Watch(), None)
    after = read(watches, here)
    assert (after.integration.name, after.watch) == ("Outro", before.watch)
    assert (TENANT, here) in watches.due(LATER, 10_000)


def test_what_has_nothing_to_be_looked_at_leaves_the_index(
    watches: Watches, watched: Watched, here: str
) -> None:
    watches.move(watched, watched.watch, None)
    assert (TENANT, here) not in watches.due(NOON + timedelta(days=1_000), 10_000)


def test_a_dead_letter_is_noted_with_its_queue(watches: Watches, watched: Watched, here: str) -> None:
    watches.move(watched, watched.watch, None)
    assert watches.note_dead_letter(TENANT, here, "exports", LATER)
    found = read(watches, here)
    assert (found.dead_letters, found.revision) == ({"exports": instant_text(LATER)}, 3)
    assert (TENANT, here) in watches.due(LATER, 10_000)
    assert not watches.note_dead_letter("another tenant", here, "exports", LATER)
    assert watches.read([("another tenant", here)]) == []


def test_a_notice_is_claimed_by_one_until_it_gives_up_or_time_is_over(
    watches: Watches, alerts: Alerts, watched: Watched, here: str
) -> None:
    one = notice(here)
    watches.move(watched, watched.watch, None, [], [one])
    assert alerts.claim(one, NOON, 60)
    assert not alerts.claim(one, NOON + timedelta(seconds=60), 60)
    assert alerts.claim(one, NOON + timedelta(seconds=61), 60)
    alerts.release(one)
    assert alerts.claim(one, NOON, 60)
    alerts.sent(one, "subject", LATER)
    assert not alerts.claim(one, LATER + timedelta(days=1), 60)
    assert mine(alerts.waiting(10_000), here) == []
    [message] = alerts.messages([incident(here)])[incident(here).incident_id]
    assert (message.notice, message.sent_at, message.subject) == (one, instant_text(LATER), "subject")


def test_a_notice_that_is_withdrawn_stays_in_the_history(
    watches: Watches, alerts: Alerts, watched: Watched, here: str
) -> None:
    watches.move(watched, watched.watch, None, [], [notice(here)])
    alerts.withdraw(notice(here))
    assert mine(alerts.waiting(10_000), here) == []
    [message] = alerts.messages([incident(here)])[incident(here).incident_id]
    assert (message.sent_at, message.withdrawn) == (None, True)


def test_of_many_messages_the_first_and_the_last_are_read(
    watches: Watches, alerts: Alerts, watched: Watched, here: str
) -> None:
    for first in range(1, 61, 20):
        given = [notice(here, number) for number in range(first, first + 20)]
        watches.move(read(watches, here), watched.watch, None, [], given)
    numbers = [one.notice.number for one in alerts.messages([incident(here, told=60)]).popitem()[1]]
    assert numbers == [1, *range(42, 61)]


def test_incidents_are_listed_newest_first_page_by_page(
    watches: Watches, alerts: Alerts, watched: Watched, here: str
) -> None:
    ids = [f"2026070{day}T000000Z-{here}" for day in (3, 1, 2)]
    over = {"closed_at": instant_text(LATER), "recovered": True}
    many = [replace(incident(here, **(over if one == ids[1] else {})), incident_id=one) for one in ids]
    watches.move(watched, watched.watch, None, many, [notice(here)])
    page, more = alerts.latest(here, open_only=None, limit=2, before=None)
    assert [one.incident_id for one in page] == [ids[0], ids[2]]
    rest, end = alerts.latest(here, open_only=None, limit=2, before=more)
    assert ([one.incident_id for one in rest], end) == ([ids[1]], None)
    [resolved], _ = alerts.latest(here, open_only=False, limit=9, before=None)
    assert resolved.incident_id == ids[1]
    assert len(alerts.latest(here, open_only=True, limit=9, before=None)[0]) == 2
    assert alerts.latest(f"{here}x", open_only=None, limit=9, before=None) == ([], None)
