"""Runs that do not move any more are ended, with a word for people; none is on for ever."""

from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain import runs
from chalicelib.services.lost_runs import MAX_REDRIVES
from chalicelib.storage import connection, keys
from tests.support.slices import (
    break_stage,
    deliver,
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


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("pt-BR", ["parou de responder", "Os dados estão guardados; inicie a sincronização de novo"]),
        ("en", ["stopped responding", "The data is safe; start the sync again"]),
    ],
)
def test_after_three_vain_redrives_the_run_ends_and_says_what_to_do(
    world: World, run_id: str, language: str, told: list[str]
) -> None:
    rounds = []
    for _ in range(MAX_REDRIVES + 1):
        lose_message(world)
        world.clock.advance(seconds=GRACE + 1)
        rounds.append(watch(world))

    run = read_run(world, run_id, language)

    assert rounds == [REDRIVEN] * 3 + [FAILED]
    assert (run["status"], run["error"]["code"]) == ("error", "run_worker_lost")
    assert all(part in run["error"]["message"] for part in told)
    assert log(world, run_id)[-1] == ("error", "run_worker_lost")


def test_a_redrive_that_brought_progress_does_not_count(world: World, run_id: str) -> None:
    for _ in range(MAX_REDRIVES + 3):
        lose_message(world)
        world.clock.advance(seconds=GRACE + 1)
        assert watch(world) == REDRIVEN
        assert deliver(world, world.queue.messages.popleft())

    world.work_off()
    assert read_run(world, run_id)["status"] == "success"


def test_no_run_is_on_for_ever(world: World, run_id: str) -> None:
    """Whatever becomes of its messages: minutes after the last sign of life it has ended."""
    began = world.clock.now()
    while read_run(world, run_id)["status"] == "running":
        world.queue.messages.clear()
        world.clock.advance(minutes=1)
        watch(world)
    assert (world.clock.now() - began).total_seconds() < 25 * 60


def test_a_run_that_keeps_failing_ends_with_its_cause_even_without_dead_letters(
    world: World, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_stage(monkeypatch, "extract", RuntimeError("no such table"))
    while read_run(world, run_id)["status"] == "running":
        deliver(world, world.queue.messages.popleft())
        world.clock.advance(seconds=GRACE + 1)
        watch(world)

    assert read_run(world, run_id)["error"]["code"] == "run_stage_failed"
    assert "no such table" in read_run(world, run_id)["error"]["message"]


def test_after_a_lost_run_the_next_one_applies_everything(world: World, run_id: str) -> None:
    for _ in range(MAX_REDRIVES + 1):
        world.queue.messages.clear()
        world.clock.advance(seconds=GRACE + 1)
        watch(world)

    assert world.run()["status"] == "success"
    assert world.call("GET", "/v1/erp/vendedor/1", token=world.erp_key).body["state"] == "applied"


def test_a_cancelled_run_whose_message_was_lost_is_cancelled_all_the_same(world: World, run_id: str) -> None:
    world.as_user("admin", "POST", f"/runs/{run_id}/cancel")
    lose_message(world)
    world.clock.advance(seconds=GRACE + 1)
    watch(world)
    world.work_off()

    assert read_run(world, run_id)["status"] == "cancelled"


def test_a_run_that_never_ends_by_itself_is_stopped(
    world: World, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "MAX_HOPS", 3)

    world.work_off()

    run = read_run(world, run_id)
    assert (run["status"], run["error"]["code"]) == ("error", "run_too_many_slices")
    assert "limite de 3 fatias" in run["error"]["message"]
    assert "limit of 3 slices" in read_run(world, run_id, "en")["error"]["message"]


def test_a_run_whose_integration_is_gone_ends(world: World, run_id: str, tables: dict[str, str]) -> None:
    place = {"pk": {"S": keys.tenant(world.tenant_id)}, "sk": {"S": keys.integration(world.integration_id)}}
    connection.client().delete_item(TableName=tables["INTEGRATIONS_TABLE"], Key=place)

    world.work_off()

    ended = wiring.runs().find(world.integration_id, run_id)
    assert ended
    assert ended.failure
    assert (ended.status, ended.failure.code) == ("error", "run_integration_gone")
