"""Runs on the deployed stack whose workers are killed, whose messages come twice, or get lost."""

import json
import random
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.runs import Run
from infra.local.erp.data import Dataset, generate
from infra.local.erp.push import push
from tests.support.digest import digest
from tests.support.stack import Stack, until

KILLS = 10
DIFFERENT_BY_NATURE = ("hops",)


@pytest.fixture(scope="module")
def data() -> Dataset:
    """A run over it takes some twenty slices."""
    return generate("tiny", seed=3, today=date(2026, 11, 20))


@pytest.fixture(scope="module")
def undisturbed(stack: Stack, data: Dataset) -> dict[str, Any]:
    """What a run leaves behind that nobody disturbs."""
    integration_id = delivered(stack, data, "undisturbed")
    run = stack.ended(integration_id, stack.start_run(integration_id))
    assert run["status"] == "partial"
    return state(stack, integration_id)


def delivered(stack: Stack, data: Dataset, name: str) -> str:
    """Create an integration that holds the data; one request at a time, so that histories are alike."""
    integration_id, key = stack.new_integration(name)
    push(data.deliveries, stack.outputs["ApiUrl"], key, concurrency=1)
    return integration_id


def state(stack: Stack, integration_id: str) -> dict[str, Any]:
    with stack.inside():
        found = digest(integration_id)
    for run in found["runs"]:
        for name in DIFFERENT_BY_NATURE:
            del run[name]
    return found


def differences(found: Any, wanted: Any, path: str = "") -> list[str]:
    """Say where two states differ, so that a failure can be read."""
    if isinstance(found, dict) and isinstance(wanted, dict) and found.keys() == wanted.keys():
        return [one for key in found for one in differences(found[key], wanted[key], f"{path}.{key}")]
    if isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        pairs = enumerate(zip(found, wanted, strict=True))
        return [one for at, (is_, was) in pairs for one in differences(is_, was, f"{path}[{at}]")]
    return [] if found == wanted else [f"{path}: {str(found)[:300]} is not {str(wanted)[:300]}"]


def slice_at_work(integration_id: str) -> tuple[int, str] | None:
    """Tell which slice is being worked on, and by whom; None while none is. To be called inside a stack."""
    found = wiring.runs().state(integration_id)
    return (found.run.hop, found.owner) if found.run and found.owner else None


def test_a_worker_killed_ten_times_leaves_the_same_state_as_an_undisturbed_run(
    stack: Stack, data: Dataset, undisturbed: dict[str, Any]
) -> None:
    integration_id = delivered(stack, data, "killed")
    run_id = stack.start_run(integration_id)
    kill_often(stack, integration_id, random.Random(2))
    run = stack.ended(integration_id, run_id, 240)
    assert run["status"] == "partial"
    assert differences(state(stack, integration_id), undisturbed) == []


def another(integration_id: str, seen: tuple[int, str] | None) -> Callable[[], tuple[int, str] | None]:
    """Look for a slice at work that was not seen before."""

    def look() -> tuple[int, str] | None:
        found = slice_at_work(integration_id)
        return found if found != seen else None

    return look


def kill_often(stack: Stack, integration_id: str, chance: random.Random) -> None:
    """Kill the worker KILLS times, at random moments, each time while it works on a slice."""
    killed = 0
    seen: tuple[int, str] | None = None
    with stack.inside():
        while killed < KILLS:
            seen = until(another(integration_id, seen), 60, f"no slice after {killed} kills")
            time.sleep(chance.uniform(0, 0.6))
            stack.kill("AdvanceRunName")
            killed += slice_at_work(integration_id) == seen


def test_every_message_delivered_twice_leaves_the_same_state(
    stack: Stack, data: Dataset, undisturbed: dict[str, Any]
) -> None:
    integration_id = delivered(stack, data, "doubled")
    run_id = stack.start_run(integration_id)
    queue, url = stack.client("sqs"), stack.outputs["RunsQueueUrl"]
    doubled: set[int] = set()
    with stack.inside():
        while (run := wiring.runs().state(integration_id).run) and run.run_id == run_id:
            if run.hop not in doubled:
                queue.send_message(QueueUrl=url, MessageBody=json.dumps(message_of(run)))
                doubled.add(run.hop)
            time.sleep(0.05)
    assert len(doubled) > 3, "the run took several slices"
    assert stack.ended(integration_id, run_id)["status"] == "partial"
    assert differences(state(stack, integration_id), undisturbed) == []


def message_of(run: Run) -> dict[str, Any]:
    return {
        "tenant_id": run.tenant_id,
        "integration_id": run.integration_id,
        "run_id": run.run_id,
        "hop": run.hop,
    }
