"""Runs on their way and at their end: cancelled, followed, expected, and judged."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain import runs
from tests.support.slices import (
    break_stage,
    deliver,
    end_in_error,
    one_step_slices,
    read_run,
    store_run,
)
from tests.support.world import World

NIGHT = datetime(2026, 11, 24, 3, tzinfo=UTC)
ANA = {"codigo": "1", "nome": "Ana"}
NAMELESS = {"codigo": "2"}


def work_off_and_watch(world: World, run_id: str) -> Iterator[dict[str, Any]]:
    """Deliver slice after slice, and read the run before each and at the end."""
    while world.queue.messages:
        yield read_run(world, run_id)
        assert deliver(world, world.queue.messages.popleft())
    yield read_run(world, run_id)


# ── cancelling ──
def test_a_cancelled_run_stops_at_its_next_step_and_leaves_the_rest_to_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_step_slices(monkeypatch)
    world.push("vendedor", [ANA])
    world.push("fornecedor", [{"codigo": "1", "razao_social": "Tintas Sul"}])
    run_id = world.start_run()
    deliver(world, world.queue.messages.popleft())  # extract
    deliver(world, world.queue.messages.popleft())  # vendedor

    asked = world.as_user("admin", "POST", f"/runs/{run_id}/cancel")
    again = world.as_user("admin", "POST", f"/runs/{run_id}/cancel")
    before = read_run(world, run_id)
    world.work_off()
    run = read_run(world, run_id)

    assert [(one.status, one.body["cancel_requested"]) for one in (asked, again)] == [(202, True)] * 2
    assert (before["status"], before["cancel_requested"]) == ("running", True)
    assert (run["status"], run["error"]) == ("cancelled", None)
    assert run["finished_at"]
    assert [stage["status"] for stage in run["stages"]] == ["done", "cancelled", *["pending"] * 4]
    assert run["progress"] == before["progress"]
    assert world.run()["status"] == "success"
    for table in ("vendedor", "fornecedor"):
        assert world.call("GET", f"/v1/erp/{table}/1", token=world.erp_key).body["state"] == "applied"


def test_cancelled_runs_leave_the_counters_right(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a cancelled run had applied is applied again by the next, and counted once."""
    one_step_slices(monkeypatch)
    world.push("vendedor", [ANA])
    run_id = world.start_run()
    deliver(world, world.queue.messages.popleft())
    deliver(world, world.queue.messages.popleft())
    world.as_user("admin", "POST", f"/runs/{run_id}/cancel")
    world.work_off()
    world.run()

    tables = {one["table"]: one for one in world.as_user("viewer", "GET", "/tables").body["items"]}

    assert (tables["vendedor"]["records"], tables["vendedor"]["pending"]) == (1, 0)


def test_what_is_not_on_cannot_be_cancelled(world: World) -> None:
    run_id = world.run()["run_id"]

    finished = world.as_user("admin", "POST", f"/runs/{run_id}/cancel")
    english = world.as_user("admin", "POST", f"/runs/{run_id}/cancel", headers={"Accept-Language": "en"})
    unknown = world.as_user("admin", "POST", "/runs/20200101T000000Z-s/cancel")

    assert (finished.status, finished.body["code"]) == (409, "run_has_ended")
    assert "já terminou (success)" in finished.body["detail"]
    assert "already ended (success)" in english.body["detail"]
    assert (unknown.status, unknown.body["code"]) == (404, "run_not_found")
    assert read_run(world, run_id)["status"] == "success"


# ── progress and expectations ──
def test_progress_grows_and_never_goes_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one_step_slices(monkeypatch)
    for start in range(0, 1_200, 300):
        sellers = [{"codigo": str(code), "nome": "Ana"} for code in range(start, start + 300)]
        assert world.push("vendedor", sellers).status == 200
    world.push("empresa", [{"codigo": "1", "razao_social": "Mercado Azul"}])

    seen = list(work_off_and_watch(world, world.start_run()))

    progress = [run["progress"] for run in seen]
    assert progress == sorted(progress)
    assert (progress[0], progress[-1]) == (0.0, 1.0)
    assert all(run["progress"] < 1 for run in seen if run["status"] == "running")
    in_load = {
        run["progress"]
        for run in seen
        if run["stages"][1]["status"] == "running" and run["status"] == "running"
    }
    assert len(in_load) > 2, "load tells how far it is"


def test_without_past_runs_no_end_is_expected(world: World) -> None:
    assert read_run(world, world.start_run())["expected_end_at"] is None


def test_the_end_is_expected_as_past_runs_took_on_average(world: World) -> None:
    world.clock.frozen = NIGHT
    for seconds in (100, 200):
        world.start_run()
        world.clock.advance(seconds=seconds)
        world.work_off()

    run = read_run(world, world.start_run())

    assert (run["started_at"], run["expected_end_at"]) == (
        "2026-11-24T03:05:00.000Z",
        "2026-11-24T03:07:30.000Z",
    )
    assert world.as_user("viewer", "GET", "").body["average_duration_seconds"] == 150


def test_the_average_is_over_the_last_thirty_successful_runs(world: World) -> None:
    for number in range(31):
        store_run(world, NIGHT + timedelta(hours=number), 10_000 if number == 0 else number)
        average = world.as_user("viewer", "GET", "").body["average_duration_seconds"]
        assert average == (10_000 if number == 0 else pytest.approx(expected_average(number), abs=0.001))


@pytest.mark.parametrize("status", ["error", "cancelled"])
def test_a_run_without_success_does_not_count_for_the_average(world: World, status: runs.Status) -> None:
    store_run(world, NIGHT, 60)
    store_run(world, NIGHT + timedelta(hours=1), 5, status)

    assert world.as_user("viewer", "GET", "").body["average_duration_seconds"] == 60


def expected_average(number: int) -> float:
    durations: list[float] = [10_000, *range(1, number + 1)]
    return sum(durations[-30:]) / min(30, len(durations))


# ── how a run ends ──
def test_a_run_without_rejected_records_is_a_success(world: World) -> None:
    world.push("vendedor", [ANA])
    assert world.run()["status"] == "success"


def test_a_rejected_record_makes_the_run_partial_and_only_once(world: World) -> None:
    world.push("vendedor", [ANA, NAMELESS])
    assert [world.run()["status"], world.run()["status"]] == ["partial", "success"]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("pt-BR", ["falhou repetidas vezes", "RuntimeError: table is on fire", "Os dados estão guardados"]),
        (
            "en",
            ["failed repeatedly", "RuntimeError: table is on fire", "The data is safe; start the sync again"],
        ),
    ],
)
def test_an_error_says_what_happened_and_what_to_do(
    world: World, monkeypatch: pytest.MonkeyPatch, language: str, told: list[str]
) -> None:
    run_id = end_in_error(world, monkeypatch)

    run = read_run(world, run_id, language)

    assert run["status"] == "error"
    assert (run["error"]["code"], run["error"]["stage"]) == ("run_stage_failed", "analyse")
    assert all(part in run["error"]["message"] for part in told)
    assert [stage["status"] for stage in run["stages"]] == ["done", "done", "error", *["pending"] * 3]
    assert 0 < run["progress"] < 1


def test_after_an_error_the_next_run_takes_up_everything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.push("empresa", [{"codigo": "1", "razao_social": "Mercado Azul"}])
    end_in_error(world, monkeypatch)

    assert world.run()["status"] == "success"
    assert [one["codigo"] for one in world.listed("/customers")] == ["1"]


def test_a_stage_that_fails_once_is_tried_again_and_the_run_succeeds(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = world.start_run()
    message = world.queue.messages.popleft()
    with monkeypatch.context() as patch:
        break_stage(patch, "update", TimeoutError("no answer"))
        assert not deliver(world, message)
    assert read_run(world, run_id)["error"] is None, "nothing has ended in error yet"

    assert deliver(world, message)

    run = read_run(world, run_id)
    assert (run["status"], run["error"]) == ("success", None)
