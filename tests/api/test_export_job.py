"""The job that builds exports: what it costs, how it gets on, and how it gives up."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import export_wiring, wiring
from chalicelib.domain.jobs import MAX_ATTEMPTS
from chalicelib.domain.runs import LeaseHeld
from chalicelib.domain.tables import NAMES
from chalicelib.services.job_chain import SliceFailed
from tests.support.calls import counted
from tests.support.exports import asked, stood
from tests.support.slices import slices_of
from tests.support.world import World

NOON = datetime(2026, 7, 8, 15, 30, tzinfo=UTC)
ANA = {"codigo": "1", "nome": "Ana"}


@pytest.fixture
def world(own_world: World) -> World:
    own_world.clock.frozen = NOON
    own_world.exports_queue.messages.clear()
    return own_world


def test_an_empty_week_costs_one_query_a_table_and_day(world: World) -> None:
    period = {"from": "2026-07-01T15:30:00Z", "to": "2026-07-08T15:30:00Z"}
    asked(world, tables=list(NAMES), **period)
    with counted() as calls:
        world.work_off_exports()
    assert calls.by_operation["Query"] == 12 * 8


def test_a_day_with_few_requests_costs_one_query_more(world: World) -> None:
    world.push("nota", [{}])
    world.clock.advance(seconds=1)
    asked(world, tables=["nota"], **{"from": "2026-07-08T00:00:00Z", "to": "2026-07-08T15:30:00Z"})
    with counted() as calls:
        world.work_off_exports()
    assert calls.by_operation["Query"] == 2
    assert calls.by_operation["BatchGetItem"] == 0


def test_a_lost_message_is_sent_again_when_somebody_asks(world: World) -> None:
    export_id = asked(world).body["export_id"]
    world.exports_queue.messages.clear()
    assert stood(world, export_id)["status"] == "queued"
    assert not world.exports_queue.messages
    world.clock.advance(minutes=6)
    for _ in range(3):
        assert stood(world, export_id)["status"] == "queued"
    assert len(world.exports_queue.messages) == 1
    world.work_off_exports()
    assert stood(world, export_id)["status"] == "done"


def test_a_message_delivered_twice_is_worked_on_once(world: World) -> None:
    world.push("vendedor", [ANA])
    world.clock.advance(seconds=1)
    export_id = asked(world).body["export_id"]
    [message] = world.exports_queue.messages
    export_wiring.exports().claim(world.integration_id, export_id, "somebody", 0, world.clock.now(), 150)
    with pytest.raises(LeaseHeld):
        export_wiring.export_chain().advance(message, "another")
    world.clock.advance(seconds=151)
    world.work_off_exports()
    assert export_wiring.export_chain().advance(message, "late") == "dropped"
    assert stood(world, export_id)["rows"] == 1


def test_what_fails_again_and_again_ends_in_an_error_that_says_what_to_do(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id = asked(world).body["export_id"]
    [message] = world.exports_queue.messages

    def fail(*_: Any) -> Any:
        raise OSError("disk is on fire")

    monkeypatch.setattr(wiring.request_log(), "count", fail)
    for attempt in range(MAX_ATTEMPTS):
        assert stood(world, export_id)["error"] is None
        with pytest.raises(SliceFailed):
            export_wiring.export_chain().advance(message, f"worker-{attempt}")
    assert export_wiring.export_chain().advance(message, "last") == "failed"
    told = {stood(world, export_id, language=one)["error"]["message"] for one in ("pt-BR", "en")}
    assert len(told) == 2
    assert all("disk is on fire" in one for one in told)
    assert asked(world).body["export_id"] != export_id


def test_workers_that_vanish_again_and_again_end_it_too(world: World) -> None:
    export_id = asked(world).body["export_id"]
    [message] = world.exports_queue.messages
    for attempt in range(MAX_ATTEMPTS):
        export_wiring.exports().claim(
            world.integration_id, export_id, f"w{attempt}", 0, world.clock.now(), 150
        )
        world.clock.advance(seconds=151)
    assert export_wiring.export_chain().advance(message, "last") == "failed"
    assert stood(world, export_id)["error"]["code"] == "export_worker_lost"


def test_the_progress_is_that_of_the_reading(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8):
        world.push(NAMES[number], [{"codigo": "1"}])
    world.clock.advance(seconds=1)
    slices_of(monkeypatch, seconds=0)
    export_id = asked(world, tables=list(NAMES)).body["export_id"]
    seen = [stood(world, export_id)]
    while world.exports_queue.messages:
        export_wiring.export_chain().advance(world.exports_queue.messages.popleft(), "worker")
        seen.append(stood(world, export_id))
    assert [one["rows"] for one in seen] == sorted(one["rows"] for one in seen)
    progress = [one["progress"] for one in seen]
    assert progress == sorted(progress)
    assert (progress[0], progress[-1]) == (0.0, 1.0)
    assert len(set(progress)) > 5
    assert {one["status"] for one in seen[1:-1]} == {"running"}
