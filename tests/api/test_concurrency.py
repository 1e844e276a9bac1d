"""Clients that do different things to the same data at once: the newest wins, and nothing is lost."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import wiring
from tests.support.digest import counters, recounted, staged_records, unapplied
from tests.support.rivals import Move, rivals
from tests.support.slices import one_step_slices
from tests.support.world import World

ENGINE = "dynamodb_local"  # clients meet here

TABLE, RECORDS, ROUNDS = "empresa", 200, 20
MIDNIGHT = datetime(2026, 7, 1, tzinfo=UTC)


def empresa(key: int, number: int, **fields: Any) -> dict[str, Any]:
    """Build version `number` of a record; a higher number is newer."""
    moment = (MIDNIGHT + timedelta(seconds=number)).isoformat()
    return {"codigo": str(key), "razao_social": f"Version {number}", "atualizado_em": moment, **fields}


def version(number: int, client: int, key: int) -> int:
    """Number the version that a client sends in round `number`: which client is ahead is a toss-up."""
    ahead = random.Random(f"{number} {key}").randrange(2)
    return number * 2 + int(client == ahead)


def shuffled(number: int, client: int) -> list[dict[str, Any]]:
    records = [empresa(key, version(number, client, key)) for key in range(RECORDS)]
    random.Random(number * 2 + client).shuffle(records)
    return records


def pushes(world: World, client: int) -> Move:
    """Let a client push its version of all records; answers how many it was told were written."""

    def push(number: int) -> int:
        answer = world.push(TABLE, shuffled(number, client))
        assert answer.status == 200, answer.body
        return int(answer.body["created"] + answer.body["updated"])

    return push


def test_of_two_versions_sent_at_once_the_newest_wins_and_reaches_the_crm(world: World) -> None:
    here, told = world.integration_id, 0
    with rivals(pushes(world, 0), pushes(world, 1)) as both:
        for number in range(ROUNDS):
            told += sum(both.play(number))
            staged = staged_records(here, TABLE)
            assert len(staged) == RECORDS
            assert {f'"Version {number * 2 + 1}"' in one.data for one in staged} == {True}, f"round {number}"
            assert told == sum(one.revision for one in staged), "each write is told once, in one answer"
            assert counters(here, TABLE) == recounted(here, TABLE)
    world.run()
    assert unapplied(here, TABLE) == []
    assert counters(here, TABLE) == recounted(here, TABLE)


def test_of_two_runs_started_at_once_one_is_on_and_the_other_is_refused(world: World) -> None:
    def start(number: int) -> int:
        return world.as_user("admin", "POST", "/runs", {}).status

    with rivals(start, start) as both:
        for number in range(ROUNDS):
            assert sorted(both.play(number)) == [202, 409], f"round {number}"
            end_the_run(world)
    assert len(world.listed("/runs")) == ROUNDS


def end_the_run(world: World) -> None:
    """Cancel the run that is on, in place of the worker whose message another process has sent."""
    run = wiring.runs().state(world.integration_id).run
    assert run is not None
    wiring.run_starts().cancel(world.integration_id, run.run_id)
    message = {"integration_id": run.integration_id, "run_id": run.run_id, "hop": run.hop}
    assert wiring.sync_runs().advance(message, "worker") == "cancelled"


def test_what_is_delivered_while_runs_are_on_is_applied_by_them_or_by_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_step_slices(monkeypatch)
    here = world.integration_id
    with rivals(pushes_shared(world, 0), pushes_shared(world, 1)) as both:
        for number in range(ROUNDS):
            both.start(number)
            for _ in range(4):
                work_on(world)
            both.results()
    world.work_off()
    world.run()
    assert len(world.listed("/runs")) > 2, "runs were meant to come and go while deliveries came"
    assert unapplied(here, TABLE) == []
    assert counters(here, TABLE) == recounted(here, TABLE)
    assert counters(here, TABLE).pending == 0


def pushes_shared(world: World, client: int) -> Move:
    """Let a client push 30 records, ten of which the other one pushes as well; now and then as deletions."""

    def push(number: int) -> None:
        deletes = {"excluido": True} if number % 4 == 3 else {}
        records = [empresa(key, number, **deletes) for key in range(client * 20, client * 20 + 30)]
        assert world.push(TABLE, records).status == 200

    return push


def work_on(world: World) -> None:
    """Do one slice of the run that is on, or begin one."""
    if not world.queue.messages:
        world.start_run()
    wiring.sync_runs().advance(world.queue.messages.popleft(), "worker")
