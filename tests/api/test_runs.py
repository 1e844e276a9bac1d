"""Runs as people see them: what they tell, how they are started, and how they are listed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import wiring
from chalicelib.domain import runs
from chalicelib.domain.errors import Conflict
from chalicelib.domain.runs import STAGES
from tests.support.slices import deliver, end_in_error, one_step_slices, read_run, store_run
from tests.support.world import World

ENGINE = "dynamodb_local"  # clients meet here

CONTRACT = {
    "run_id", "trigger", "status", "started_at", "finished_at", "duration_seconds", "progress",
    "expected_end_at", "stages", "error",
}  # fmt: skip
NIGHT = datetime(2026, 11, 24, 3, tzinfo=UTC)
ANA = {"codigo": "1", "nome": "Ana"}
NAMELESS = {"codigo": "2"}


# ── what a run tells ──
def test_a_finished_run_tells_all_that_the_contract_names(world: World) -> None:
    world.clock.frozen = NIGHT
    world.push("vendedor", [ANA, NAMELESS])
    world.clock.advance(hours=1)
    run_id = world.start_run()
    world.clock.advance(seconds=90.5)
    world.work_off()

    run = read_run(world, run_id)

    assert run.keys() >= CONTRACT
    assert (run["run_id"], run["trigger"], run["status"]) == (run_id, "manual", "partial")
    assert (run["started_at"], run["finished_at"]) == ("2026-11-24T04:00:00.000Z", "2026-11-24T04:01:30.500Z")
    assert (run["duration_seconds"], run["progress"], run["error"]) == (90.5, 1.0, None)
    stages = {stage["name"]: stage for stage in run["stages"]}
    assert tuple(stages) == STAGES
    assert all(stage["status"] == "done" and stage["seconds"] >= 0 for stage in stages.values())
    assert (stages["load"]["processed"], stages["load"]["rejected"]) == (1, 1)


def test_a_run_that_is_on_has_no_end_yet_and_is_shown_at_the_integration(world: World) -> None:
    run_id = world.start_run()

    run = read_run(world, run_id)

    assert (run["status"], run["finished_at"], run["duration_seconds"]) == ("running", None, None)
    assert (run["progress"], run["expected_end_at"], run["error"]) == (0.0, None, None)
    assert {stage["status"] for stage in run["stages"]} == {"pending"}
    assert world.as_user("viewer", "GET", "").body["current_run"] == run


def test_after_its_end_no_run_is_on(world: World) -> None:
    world.run()
    integration = world.as_user("viewer", "GET", "").body
    assert integration["current_run"] is None
    assert integration["last_success_at"]


@pytest.mark.parametrize("role", ["viewer", "admin"])
def test_an_unknown_run_is_not_found(world: World, role: str) -> None:
    answer = world.as_user(role, "GET", "/runs/20261124T030000Z-s")
    assert (answer.status, answer.body["code"]) == (404, "run_not_found")


def test_another_tenant_s_run_is_not_found(world: World) -> None:
    run_id = world.start_run()
    path = f"/v1/integrations/{world.integration_id}/runs/{run_id}"
    stranger = world.token("admin", "tenant-b")

    answers = [world.call("GET", path, token=stranger), world.call("POST", f"{path}/cancel", token=stranger)]

    assert [answer.status for answer in answers] == [404, 404]
    assert not read_run(world, run_id)["cancel_requested"]


# ── starting ──
def test_while_a_run_is_on_another_cannot_start(world: World) -> None:
    run_id = world.start_run()

    portuguese = world.as_user("admin", "POST", "/runs", {})
    english = world.as_user("admin", "POST", "/runs", {}, headers={"Accept-Language": "en"})

    assert [(one.status, one.body["code"]) for one in (portuguese, english)] == [(409, "run_in_progress")] * 2
    assert run_id in portuguese.body["detail"]
    assert "em andamento" in portuguese.body["detail"]
    assert run_id in english.body["detail"]
    assert "already running" in english.body["detail"]


def test_of_two_that_start_at_once_one_gets_the_run_and_the_other_its_name(world: World) -> None:
    integration = wiring.integrations().find(world.tenant_id, world.integration_id)
    assert integration

    def start(run_id: str) -> str:
        try:
            return wiring.run_starts().begin(integration, "manual", run_id).run_id
        except Conflict as conflict:
            return f"conflict with {conflict.params['run_id']}"

    with ThreadPoolExecutor(4) as pool:
        for attempt in range(5):
            names = [f"20261124T03{attempt:02}00Z-m{number}" for number in range(4)]
            answers = list(pool.map(start, names))
            begun = [answer for answer in answers if answer in names]
            assert len(begun) == 1
            assert sorted(answers) == sorted([begun[0], *[f"conflict with {begun[0]}"] * 3])
            assert len(world.queue.messages) == 1
            world.work_off()


def test_a_viewer_may_neither_start_nor_cancel(world: World) -> None:
    run_id = world.start_run()
    starts = world.as_user("viewer", "POST", "/runs", {})
    cancels = world.as_user("viewer", "POST", f"/runs/{run_id}/cancel")
    assert [one.status for one in (starts, cancels)] == [403, 403]


def test_an_inactive_integration_starts_no_run_and_says_what_to_do(world: World) -> None:
    world.as_user("admin", "PATCH", "", {"active": False})

    answer = world.as_user("admin", "POST", "/runs", {})

    assert (answer.status, answer.body["code"]) == (409, "integration_inactive")
    assert "ative-a" in answer.body["detail"]
    assert world.as_user("viewer", "GET", "/runs").body["items"] == []


# ── listing ──
def test_runs_are_listed_newest_first_page_by_page(world: World) -> None:
    world.clock.frozen = NIGHT
    begun = []
    for _ in range(5):
        begun.append(world.run()["run_id"])
        world.clock.advance(hours=1)

    first = world.as_user("viewer", "GET", "/runs?limit=2").body
    second = world.as_user("viewer", "GET", f"/runs?limit=2&cursor={first['next_cursor']}").body
    third = world.as_user("viewer", "GET", f"/runs?limit=2&cursor={second['next_cursor']}").body

    pages = [[run["run_id"] for run in page["items"]] for page in (first, second, third)]
    newest = begun[::-1]
    assert pages == [newest[:2], newest[2:4], newest[4:]]
    assert third["next_cursor"] is None


def test_each_status_can_be_asked_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.clock.frozen = NIGHT
    begun = {"success": world.run()["run_id"]}
    world.push("vendedor", [NAMELESS])
    world.clock.advance(minutes=1)
    begun["partial"] = world.run()["run_id"]
    world.clock.advance(minutes=1)
    begun["error"] = end_in_error(world, monkeypatch)
    world.clock.advance(minutes=1)
    begun["cancelled"] = world.start_run()
    world.as_user("admin", "POST", f"/runs/{begun['cancelled']}/cancel")
    world.work_off()
    world.clock.advance(minutes=1)
    begun["running"] = world.start_run()

    for status, run_id in begun.items():
        found = world.listed(f"/runs?status={status}")
        assert [(run["run_id"], run["status"]) for run in found] == [(run_id, status)]
    assert [run["run_id"] for run in world.listed("/runs")] == list(begun.values())[::-1]


def test_the_status_filter_looks_behind_other_runs(world: World) -> None:
    """A page of matches is full even when they lie far apart."""
    world.clock.frozen = NIGHT
    for minute in range(8):
        status: runs.Status = "success" if minute in (0, 5) else "cancelled"
        store_run(world, NIGHT + timedelta(minutes=minute), status=status)

    first = world.as_user("viewer", "GET", "/runs?status=success&limit=1").body
    second = world.as_user(
        "viewer", "GET", f"/runs?status=success&limit=1&cursor={first['next_cursor']}"
    ).body

    found = [run["started_at"] for page in (first, second) for run in page["items"]]
    assert found == ["2026-11-24T03:05:00.000Z", "2026-11-24T03:00:00.000Z"]


@pytest.mark.parametrize(("language", "said"), [("pt-BR", "precisa ser um destes"), ("en", "must be one of")])
def test_an_unknown_status_is_refused_with_the_choices(world: World, language: str, said: str) -> None:
    answer = world.as_user("viewer", "GET", "/runs?status=done", headers={"Accept-Language": language})
    assert (answer.status, answer.body["code"]) == (400, "filter_invalid")
    assert said in answer.body["detail"]
    assert "running, success, partial, error, cancelled" in answer.body["detail"]


def test_a_listed_run_that_is_on_stands_where_it_stands(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_step_slices(monkeypatch)
    run_id = world.start_run()
    deliver(world, world.queue.messages.popleft())

    listed = world.as_user("viewer", "GET", "/runs").body["items"]

    assert listed == [read_run(world, run_id)]
    assert listed[0]["progress"] > 0
