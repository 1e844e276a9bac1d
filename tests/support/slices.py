"""Runs slice by slice: messages delivered by hand to the jobs, as SQS and EventBridge deliver them."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib import export_wiring, onboarding_wiring, view_wiring, wiring
from chalicelib.domain import runs
from chalicelib.domain.runs import Run
from chalicelib.services.stages import STEPS
from chalicelib.settings import settings
from tests.support.world import World


def one_step_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each slice end after a single step, as if its time were up."""
    slices_of(monkeypatch, seconds=0)


def slices_of(monkeypatch: pytest.MonkeyPatch, *, seconds: int) -> None:
    """Give each slice this time budget."""
    monkeypatch.setenv("SLICE_SECONDS", str(seconds))
    settings.cache_clear()
    for one in (wiring.run_parts, wiring.run_starts, wiring.sync_runs, wiring.lost_runs):
        one.cache_clear()
    for other in (
        *(export_wiring.export_chain, export_wiring.export_requests),
        *(view_wiring.view_parts, view_wiring.extracting_runs),
        *(onboarding_wiring.proof_desk, onboarding_wiring.proofs_at_work),
    ):
        other.cache_clear()


def break_stage(monkeypatch: pytest.MonkeyPatch, stage: str, error: Exception) -> None:
    """Let every step of a stage raise an error that is not about its data."""

    def step(work: Any, cursor: dict[str, Any]) -> Any:
        raise error

    monkeypatch.setitem(STEPS, stage, step)


def store_run(world: World, start: datetime, seconds: float = 1, status: runs.Status = "success") -> None:
    """Let a run of this length pass, without its work."""
    run = Run(
        run_id=runs.manual_id(start, "000000"),
        tenant_id=world.tenant_id,
        integration_id=world.integration_id,
        trigger="manual",
        started_at=start,
        as_of="2026-11-24",
        cutoff="",
    )
    wiring.runs().begin(run, start, 60)
    wiring.runs().claim(run.run_id, run.integration_id, "worker", 0, start, 60)
    ended = replace(run, status=status, finished_at=start + timedelta(seconds=seconds))
    wiring.runs().finish(ended, "worker")


def read_run(world: World, run_id: str, language: str = "pt-BR") -> dict[str, Any]:
    """Read a run as the page does."""
    answer = world.as_user("viewer", "GET", f"/runs/{run_id}", headers={"Accept-Language": language})
    body: dict[str, Any] = answer.body
    return body


def claim_and_vanish(world: World, message: dict[str, Any]) -> None:
    """Let a worker take the slice's lease and never be heard of again."""
    run_id, hop, lease = message["run_id"], message["hop"], settings().lease_seconds
    wiring.runs().claim(run_id, message["integration_id"], "vanished", hop, world.clock.now(), lease)


def end_in_error(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run with a stage that fails for good, until its message is a dead letter; answers the run's id."""
    with monkeypatch.context() as patch:
        break_stage(patch, "analyse", RuntimeError("table is on fire"))
        run_id = world.start_run()
        message = world.queue.messages.popleft()
        assert not deliver(world, message)
        assert deliver_dead_letter(world, message)
    return run_id


def schedule_event(world: World, scheduled_time: str | None, **changes: str) -> str | None:
    """Deliver the schedule's event to start_run; answers the id of the run that it began."""
    event = {"tenant_id": world.tenant_id, "integration_id": world.integration_id, **changes}
    if scheduled_time is not None:
        event["scheduled_time"] = scheduled_time
    answer: dict[str, str | None] = world.client.lambda_.invoke("start_run", event).payload
    return answer["run_id"]


def deliver(world: World, message: Any, message_id: str = "message-1") -> bool:
    """Deliver one message to advance_run; False when it is to come back later."""
    return _invoke(world, "advance_run", message, message_id)


def deliver_dead_letter(world: World, message: Any) -> bool:
    """Deliver one message to fail_run; False when it is to come back later."""
    return _invoke(world, "fail_run", message, "dead-letter")


def watch(world: World) -> dict[str, int]:
    """Let the watchman make his round."""
    counts: dict[str, int] = world.client.lambda_.invoke("watch_runs", {}).payload
    return counts


def _invoke(world: World, job: str, message: Any, message_id: str) -> bool:
    body = message if isinstance(message, str) else json.dumps(message)
    event = {"Records": [{"messageId": message_id, "body": body}]}
    answer = world.client.lambda_.invoke(job, event).payload
    assert answer["batchItemFailures"] in ([], [{"itemIdentifier": message_id}])
    return not answer["batchItemFailures"]
