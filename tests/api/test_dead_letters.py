"""Dead letters end their run, unless somebody is still at it; odd messages hurt nobody."""

from typing import Any

import pytest

from tests.support.slices import (
    claim_and_vanish,
    deliver,
    deliver_dead_letter,
    one_step_slices,
    read_run,
)
from tests.support.world import World

LEASE = 150
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


# ── dead letters ──
def test_a_dead_letter_ends_its_run(world: World, run_id: str) -> None:
    assert deliver_dead_letter(world, lose_message(world))

    run = read_run(world, run_id)
    assert (run["status"], run["error"]["code"]) == ("error", "run_worker_lost")
    assert world.start_run(), "the integration is free again"


def test_a_dead_letter_waits_while_somebody_works_and_leaves_no_trace(world: World, run_id: str) -> None:
    message = lose_message(world)
    claim_and_vanish(world, message)

    assert not deliver_dead_letter(world, message)

    assert read_run(world, run_id)["status"] == "running"
    assert log(world, run_id) == []
    world.clock.advance(seconds=LEASE + 1)
    assert deliver_dead_letter(world, message)
    assert read_run(world, run_id)["status"] == "error"
    assert log(world, run_id) == [("error", "run_worker_lost")]


def test_a_dead_letter_of_an_earlier_slice_is_dropped(world: World, run_id: str) -> None:
    old = world.queue.messages[0]
    assert deliver(world, world.queue.messages.popleft())

    assert deliver_dead_letter(world, old)
    world.work_off()

    assert read_run(world, run_id)["status"] == "success"


def test_a_dead_letter_of_a_run_that_has_ended_is_dropped(world: World, run_id: str) -> None:
    message = world.queue.messages[0]
    world.work_off()
    following = world.start_run()

    assert deliver_dead_letter(world, message)

    assert (read_run(world, run_id)["status"], read_run(world, following)["status"]) == ("success", "running")


# ── messages that are not what they should be ──
POISON = ["", "not json", "[]", "7", "null", "{}", '{"integration_id": "a", "run_id": "b", "hop": "x"}',
          '{"integration_id": "a", "run_id": 2, "hop": 3}', '{"integration_id": "a"}']  # fmt: skip


def test_a_poison_message_ends_at_the_dead_letters(world: World) -> None:
    """It does not come back for ever."""
    assert [body for body in POISON if not deliver_dead_letter(world, body)] == []


def test_a_message_of_an_unknown_run_is_dropped(world: World, run_id: str) -> None:
    message = {**world.queue.messages[0], "run_id": "20200101T000000Z-s"}

    assert deliver(world, message)
    assert deliver(world, {**message, "integration_id": "abcdefghijkl"})

    assert read_run(world, run_id)["progress"] == 0


def test_a_message_that_is_ahead_of_its_run_waits(world: World, run_id: str) -> None:
    ahead = {**world.queue.messages[0], "hop": 1}

    assert not deliver(world, ahead)
    assert deliver(world, world.queue.messages.popleft())
    assert deliver(world, ahead)
