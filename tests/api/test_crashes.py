"""A process may die before or after any of its calls: nothing taken is lost, nothing is applied twice."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from chalice.local import LambdaContext

from chalicelib import wiring
from chalicelib.domain.request_log import RequestEntry
from tests.support.digest import counters, digest, recounted, staged_records, unapplied
from tests.support.faults import Moment, living
from tests.support.history import body_of, entries
from tests.support.world import World

NOON = datetime(2026, 7, 1, 15, tzinfo=UTC)
TABLE = "nota"


def nota(number: int, client: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "numero": f"{number:04d}",
        "serie": "1",
        "empresa_codigo": str(client),
        "emitida_em": "2026-06-01",
        "situacao": "autorizada",
        "valor_total": 10 + number,
        "atualizado_em": "2026-06-01T12:00:00Z",
        **fields,
    }


def earlier_notas() -> list[Any]:
    return [nota(number, number % 5) for number in range(100)]


def mixed_notas() -> list[Any]:
    """Changed, moved to another client, deleted, invalid, older, unchanged, new and keyless ones: 250."""
    later = "2026-06-02T12:00:00Z"
    return [
        *(nota(number, number % 5, valor_total=1, atualizado_em=later) for number in range(30)),
        *(nota(number, 7, atualizado_em=later) for number in range(30, 40)),
        *(nota(number, excluido=True, atualizado_em=later) for number in range(40, 60)),
        *(nota(number, valor_total="much", atualizado_em=later) for number in range(60, 70)),
        *(nota(number, valor_total=2, atualizado_em="2026-05-01T12:00:00Z") for number in range(70, 80)),
        *(nota(number, number % 5) for number in range(80, 90)),
        *(nota(number, number % 9) for number in range(1_000, 1_150)),
        *(nota(0, serie=None, valor_total=number) for number in range(10)),
    ]


@pytest.fixture
def still_world(world: World) -> World:
    """A world at noon, whose time passes only when the test says so."""
    world.clock.frozen = NOON
    return world


def with_earlier_notas(world: World) -> None:
    """Start over with an integration of its own that holds the earlier notas."""
    world.integration_id, world.erp_key = world.new_integration()
    assert world.push(TABLE, earlier_notas()).body["created"] == 100
    world.clock.advance(seconds=1)


def undisturbed(world: World) -> tuple[dict[str, Any], int]:
    """Deliver the mixed notas as it should be; answers the digest after a run, and the delivery's calls."""
    with_earlier_notas(world)
    with living(world) as life:
        answer = world.push(TABLE, mixed_notas())
    assert (answer.status, answer.body["received"]) == (200, 250)
    after_a_run(world)
    return digest(world.integration_id, [TABLE]), life.calls


def after_a_run(world: World) -> None:
    world.clock.advance(seconds=1)
    assert world.run()["status"] == "partial"


def test_a_delivery_that_dies_at_any_call_and_is_sent_again_ends_in_the_undisturbed_state(
    still_world: World,
) -> None:
    expected, calls = undisturbed(still_world)
    for number in range(1, calls + 1):
        with_earlier_notas(still_world)
        with living(still_world, "before", number) as life:
            still_world.push(TABLE, mixed_notas())
        assert life.dead, f"the delivery was meant to die before call {number} of {calls}"
        still_world.clock.advance(seconds=1)
        assert still_world.push(TABLE, mixed_notas()).status == 200
        after_a_run(still_world)
        assert digest(still_world.integration_id, [TABLE]) == expected, f"died before call {number}"


def test_whatever_a_dying_delivery_stored_is_logged_counted_and_applied_by_the_next_run(
    still_world: World,
) -> None:
    expected, calls = undisturbed(still_world)
    for number in range(1, calls + 1):
        with_earlier_notas(still_world)
        with living(still_world, "after", number) as life:
            still_world.push(TABLE, mixed_notas())
        assert life.dead, f"the delivery was meant to die after call {number} of {calls}"
        here = still_world.integration_id
        assert counters(here, TABLE) == recounted(here, TABLE), f"died after call {number}"
        assert stored_by(here) <= {entry.request_id for entry in logged(here)}, f"died after call {number}"
        still_world.clock.advance(seconds=1)
        still_world.run()
        assert unapplied(here, TABLE) == [], f"died after call {number}"
        assert counters(here, TABLE).pending == 0, f"died after call {number}"
        assert still_world.push(TABLE, mixed_notas()).status == 200
        assert digest(here, [TABLE])["records"] == expected["records"], f"died after call {number}"


def stored_by(integration_id: str) -> set[str]:
    """Name the requests that stored anything."""
    staged = staged_records(integration_id, TABLE)
    return {one.request_id for one in staged} | {one.rejection.request_id for one in staged if one.rejection}


def logged(integration_id: str) -> list[RequestEntry]:
    return entries(integration_id, TABLE, NOON.date().isoformat())


def test_a_request_that_died_is_in_the_log_without_an_answer(still_world: World) -> None:
    with living(still_world, "after", 3):
        still_world.push(TABLE, [nota(1)])
    [entry] = logged(still_world.integration_id)
    assert entry.status is None
    assert b'"numero": "0001"' in (body_of(entry, "request") or b"")


def test_nothing_is_stored_before_the_request_is_in_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = threading.Event()
    log, records = wiring.request_log(), wiring.records()
    begin, commit = log.begin, records.commit

    def begin_late(*entry: Any) -> Any:
        assert not stored.wait(0.3), "the records were stored while the entry was still being written"
        return begin(*entry)

    def commit_and_tell(*writes: Any) -> Any:
        stored.set()
        return commit(*writes)

    monkeypatch.setattr(log, "begin", begin_late)
    monkeypatch.setattr(records, "commit", commit_and_tell)
    assert world.push(TABLE, [nota(1)]).status == 200
    assert stored.is_set()


def test_the_answer_leaves_when_all_work_is_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    records, answering, folded = wiring.records(), threading.Event(), threading.Event()
    fold, complete = records.fold, wiring.request_log().complete

    def fold_late(*deltas: Any) -> None:
        answering.wait(5)
        fold(*deltas)
        folded.set()

    def complete_and_tell(*entry: Any) -> None:
        complete(*entry)
        answering.set()

    monkeypatch.setattr(records, "fold", fold_late)
    monkeypatch.setattr(wiring.request_log(), "complete", complete_and_tell)
    assert world.push(TABLE, [nota(1)]).status == 200
    assert folded.is_set()


def test_a_delivery_whose_counters_cannot_be_folded_is_taken_and_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*deltas: Any) -> None:
        raise RuntimeError("no fold today")

    monkeypatch.setattr(wiring.records(), "fold", fail)
    answer = world.push(TABLE, [nota(1)])
    assert (answer.status, answer.body["created"]) == (200, 1)
    assert counters(world.integration_id, TABLE) == recounted(world.integration_id, TABLE)


@pytest.fixture
def no_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every function be at the end of its allowed time: a died one can no longer be at work."""
    monkeypatch.setattr(LambdaContext, "get_remaining_time_in_millis", lambda context: 0)


@pytest.mark.usefixtures("no_time_left")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_keyed_delivery_that_died_can_be_sent_again_under_its_key(world: World, when: Moment) -> None:
    for number in range(1, 30):
        key = {"Idempotency-Key": f"{when}-{number}"}
        with living(world, when, number) as life:
            world.push(TABLE, [nota(number)], headers=key)
        if not life.dead:
            return
        again = world.push(TABLE, [nota(number)], headers=key)
        assert (again.status, again.body.get("code")) == (200, None), f"died {when} call {number}"
        assert again.body["created"] + again.body["unchanged"] == 1
    raise AssertionError("a delivery of one record makes fewer calls")
