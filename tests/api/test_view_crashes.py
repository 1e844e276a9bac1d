"""A reader may die before or after any call: the next one goes on, and nothing is lost or counted twice."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import view_wiring
from chalicelib.domain.runs import LeaseHeld
from chalicelib.services.views import rows, stream
from tests.support.digest import counters, pending_changes, recounted, staged_records, unapplied
from tests.support.erp_database import ErpDatabase, reading
from tests.support.faults import NEVER, Life, Moment, living
from tests.support.slices import slices_of
from tests.support.views import vendedores
from tests.support.world import World

NOON = datetime(2026, 7, 1, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few rows be many pages, some of them in one step."""
    monkeypatch.setattr(stream, "PAGE_ROWS", 3)
    monkeypatch.setattr(stream, "STATEMENT_ROWS", 7)
    monkeypatch.setattr(rows, "PAGES_AT_ONCE", 2)


def extract(world: World, when: Moment, number: int) -> Life:
    """Extract, by a worker that dies at a call and by others after it; answers the first one's life."""
    with living(world, when, number) as life:
        deliver(world, "first")
    for attempt in range(20):
        if not world.views_queue.messages:
            return life
        world.clock.advance(minutes=10)
        deliver(world, f"worker {attempt}")
    raise AssertionError("it does not get on")


def deliver(world: World, worker: str) -> None:
    """Deliver what waits; a message is gone once it was worked off, and those that come too early stay."""
    waiting = world.views_queue.messages
    for _ in range(1_000):
        if not waiting:
            return
        message = waiting[0]
        try:
            view_wiring.extracting_runs().advance(message, worker)
        except LeaseHeld:
            waiting.rotate(-1)
            if len(waiting) == 1 or worker == "first":
                return
            continue
        waiting.remove(message)
        if all(one["hop"] > message["hop"] + 1 for one in waiting):
            return


def left(world: World) -> dict[str, Any]:
    """Describe the table, but for moments and requests."""
    assert counters(world.integration_id, "vendedor") == recounted(world.integration_id, "vendedor")
    return {
        "records": [
            (one.key, one.data, one.deleted) for one in staged_records(world.integration_id, "vendedor")
        ],
        "waiting": {key for key, _ in pending_changes(world.integration_id, "vendedor")},
    }


@pytest.mark.parametrize(
    ("night", "seconds", "step"), [("first", 45, 11), ("first", 0, 41), ("second", 45, 37)]
)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_reader_may_die_at_any_call(
    view_world: World,
    erp: ErpDatabase,
    monkeypatch: pytest.MonkeyPatch,
    night: str,
    moment: Moment,
    seconds: int,
    step: int,
) -> None:
    slices_of(monkeypatch, seconds=seconds)
    source = erp.source("vendedor")

    def one_night(number: int) -> tuple[dict[str, Any], Life]:
        erp.execute("DELETE FROM t_vendedor")
        erp.insert("t_vendedor", vendedores(*range(20)))
        world = reading(view_world, source)
        world.clock.frozen = NOON
        if night == "second":
            world.run()
            erp.execute(
                "DELETE FROM t_vendedor WHERE codigo IN ('003', '017')",
                "UPDATE t_vendedor SET nome = 'Outra' WHERE codigo IN ('004', '011')",
            )
            world.clock.advance(hours=1)
        world.start_run()
        life = extract(world, moment, number)
        found = left(world)
        if number % 5 == 0:
            world.work_off()
            assert unapplied(world.integration_id, "vendedor") == []
        world.queue.messages.clear()
        return found, life

    wanted, undisturbed = one_night(NEVER)
    assert not undisturbed.dead
    last = undisturbed.calls  # in one slice these are all, and the last ones clear up
    for number in sorted({*range(1, last, step), *range(last - 4, last + 1)}):
        found, _ = one_night(number)
        assert found == wanted, number
