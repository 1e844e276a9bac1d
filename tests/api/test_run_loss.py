"""Runs whose worker or message gets lost: driven on by the watchman."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain import runs
from chalicelib.services.lost_runs import MAX_REDRIVES
from chalicelib.storage import connection, keys
from tests.support.slices import (
    claim_and_vanish,
    deliver,
    deliver_dead_letter,
    one_step_slices,
    read_run,
    watch,
)
from tests.support.world import World

LEASE = 150
GRACE = 2 * LEASE
NOTHING = {"redriven": 0, "failed": 0}
REDRIVEN = {"redriven": 1, "failed": 0}
FAILED = {"redriven": 0, "failed": 1}
Message = dict[str, Any]


@pytest.fixture
def run_id(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run that has just begun, with one record to load, whose slices end after each step."""
    one_step_slices(monkeypatch)
    world.push("vendedor", [{"codigo": "1", "nome": "Ana"}])
    return world.start_run()


def log(world: World, run_id: str) -> list[tuple[str, str]]:
    return [(line["level"], line["code"]) for line in world.listed(f"/runs/{run_id}/log")]


def lose_message(world: World) -> Message:
    """Take the only message out of the queue."""
    message = world.queue.messages.pop()
    assert not world.queue.messages
    return message


def watched(world: World) -> list[str]:
    """List what the watchman's index holds, in whatever state."""
    return wiring.runs().vanished(world.clock.now() + timedelta(days=1_000))


# ── lost messages and workers ──
def test_a_run_that_moves_is_left_alone(world: World, run_id: str) -> None:
    assert watch(world) == NOTHING
    world.clock.advance(seconds=GRACE - 1)
    assert watch(world) == NOTHING
    assert len(world.queue.messages) == 1


def test_a_run_whose_message_was_lost_is_driven_on(world: World, run_id: str) -> None:
    lost = lose_message(world)
    world.clock.advance(seconds=GRACE + 1)

    assert watch(world) == REDRIVEN

    assert list(world.queue.messages) == [lost]
    world.work_off()
    assert read_run(world, run_id)["status"] == "success"


def test_a_message_lost_half_way_is_made_good_too(world: World, run_id: str) -> None:
    for _ in range(4):
        assert deliver(world, world.queue.messages.popleft())
    lose_message(world)
    world.clock.advance(seconds=GRACE + 1)
    watch(world)
    world.work_off()

    assert read_run(world, run_id)["status"] == "success"
    assert world.call("GET", "/v1/erp/vendedor/1", token=world.erp_key).body["state"] == "applied"


def test_a_run_whose_worker_vanished_goes_on_when_its_lease_has_run_out(world: World, run_id: str) -> None:
    claim_and_vanish(world, lose_message(world))

    world.clock.advance(seconds=LEASE - 1)
    assert watch(world) == NOTHING
    world.clock.advance(seconds=2)
    assert watch(world) == REDRIVEN
    world.work_off()

    assert read_run(world, run_id)["status"] == "success"


def test_a_message_that_comes_back_early_waits_for_the_lease(world: World, run_id: str) -> None:
    message = lose_message(world)
    claim_and_vanish(world, message)

    assert not deliver(world, message), "somebody may still be at it"
    world.clock.advance(seconds=LEASE + 1)
    assert deliver(world, message)
    world.work_off()

    assert read_run(world, run_id)["status"] == "success"


def test_two_watchmen_at_once_drive_a_run_on_once(world: World, run_id: str) -> None:
    lose_message(world)
    world.clock.advance(seconds=GRACE + 1)
    seen = wiring.runs().state(world.integration_id).run
    assert seen
    watch(world)

    with pytest.raises(runs.LeaseLost):
        wiring.runs().redrive(world.integration_id, seen, world.clock.now(), GRACE)

    after = wiring.runs().state(world.integration_id).run
    assert after
    assert after.redrives == 1


def test_the_watchman_looks_after_every_run(world: World, run_id: str) -> None:
    ours, others = world.integration_id, []
    for _ in range(2):
        world.integration_id, _ = world.new_integration()
        others.append(world.integration_id)
        world.start_run()
    world.queue.messages.clear()
    world.clock.advance(seconds=GRACE + 1)

    assert watch(world) == {"redriven": 3, "failed": 0}

    assert {message["integration_id"] for message in world.queue.messages} == {ours, *others}


def test_a_run_that_cannot_be_read_does_not_keep_the_watchman_from_the_others(
    world: World, run_id: str, tables: dict[str, str]
) -> None:
    broken = world.integration_id
    world.clock.advance(seconds=1)
    world.integration_id, _ = world.new_integration()
    world.start_run()
    world.queue.messages.clear()
    connection.client().update_item(
        TableName=tables["RUNS_TABLE"],
        Key={"pk": {"S": keys.runs(broken)}, "sk": {"S": keys.STATE}},
        UpdateExpression="SET #run = :junk",
        ExpressionAttributeNames={"#run": "run"},
        ExpressionAttributeValues={":junk": {"S": "{}"}},
    )
    world.clock.advance(seconds=GRACE + 1)

    with pytest.raises(RuntimeError, match=broken):
        watch(world)

    assert [message["integration_id"] for message in world.queue.messages] == [world.integration_id]


def test_the_watchman_leaves_no_trace_on_a_run_that_came_back_to_life(
    world: World, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """His index lags behind: a run in it may have got a worker meanwhile."""
    for _ in range(MAX_REDRIVES):
        lose_message(world)
        world.clock.advance(seconds=GRACE + 1)
        watch(world)
    claim_and_vanish(world, lose_message(world))
    monkeypatch.setattr(wiring.runs(), "vanished", lambda now: [world.integration_id])

    assert watch(world) == NOTHING

    assert (read_run(world, run_id)["status"], log(world, run_id)) == ("running", [])


# ── the watchman's index ──
def test_the_index_holds_the_runs_that_are_on_and_no_others(world: World, run_id: str) -> None:
    assert watched(world) == [world.integration_id]
    world.work_off()
    assert watched(world) == []


@pytest.mark.parametrize("end", ["cancelled", "error"])
def test_the_index_is_empty_when_runs_end_without_success(world: World, run_id: str, end: str) -> None:
    if end == "cancelled":
        world.as_user("admin", "POST", f"/runs/{run_id}/cancel")
        world.work_off()
    else:
        deliver_dead_letter(world, lose_message(world))

    assert read_run(world, run_id)["status"] == end
    assert watched(world) == []
