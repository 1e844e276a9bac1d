from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.errors import Conflict
from chalicelib.domain.run_outcomes import Outcomes
from chalicelib.domain.runs import AlreadyBegun, Failure, LeaseHeld, LeaseLost, Run, State
from chalicelib.domain.values import instant_text
from chalicelib.storage import keys
from chalicelib.storage.run_log import RunLog
from chalicelib.storage.runs import Runs

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
LEASE, GRACE = 60, 120
LATER = NOON + timedelta(seconds=LEASE + 1)


def new_run(here: str, run_id: str = "run-1", **fields: Any) -> Run:
    return Run(
        run_id, "tenant-a", here, "manual", NOON, "2026-07-01", "2026-07-01T12:00:00.000000Z", **fields
    )


@pytest.fixture
def run(runs: Runs, here: str) -> Run:
    """A run that has begun."""
    one = new_run(here, expected_end_at=NOON + timedelta(minutes=5), total=7)
    runs.begin(one, NOON, GRACE)
    return one


def claimed(runs: Runs, run: Run, owner: str = "a", hop: int = 0, now: datetime = NOON) -> Run:
    return runs.claim(run.run_id, run.integration_id, owner, hop, now, LEASE)


def ended(runs: Runs, run: Run, seconds: int = 10, **fields: Any) -> Run:
    """End a run that nobody works on."""
    claimed(runs, run)
    values: dict[str, Any] = {"status": "success", "finished_at": NOON + timedelta(seconds=seconds), **fields}
    done = replace(run, **values)
    runs.finish(done, "a")
    return done


def test_without_a_run_the_state_is_blank(runs: Runs, here: str) -> None:
    assert runs.state(here) == State()
    assert runs.find(here, "run-1") is None
    assert runs.latest(here, status=None, limit=10, before=None) == ([], None)


def test_a_run_that_has_begun_is_the_one_that_is_on(runs: Runs, run: Run) -> None:
    assert runs.state(run.integration_id) == State(run=run)
    assert runs.find(run.integration_id, run.run_id) == run
    assert runs.state(f"{run.integration_id}x") == State()


def test_a_run_begins_once(runs: Runs, run: Run) -> None:
    with pytest.raises(AlreadyBegun):
        runs.begin(replace(run, total=9), NOON, GRACE)
    ended(runs, run)
    with pytest.raises(AlreadyBegun):
        runs.begin(run, NOON, GRACE)
    assert runs.state(run.integration_id).run is None


def test_two_runs_are_never_on(runs: Runs, run: Run) -> None:
    with pytest.raises(Conflict) as refused:
        runs.begin(new_run(run.integration_id, "run-2"), NOON, GRACE)
    assert refused.value.params == {"run_id": "run-1"}
    assert runs.find(run.integration_id, "run-2") is None
    ended(runs, run)
    runs.begin(new_run(run.integration_id, "run-2"), NOON, GRACE)


def test_a_lease_keeps_others_out_until_it_is_over(runs: Runs, run: Run) -> None:
    assert claimed(runs, run).attempts == 1
    with pytest.raises(LeaseHeld):
        claimed(runs, run, "b", now=NOON + timedelta(seconds=LEASE))
    assert claimed(runs, run, "b", now=LATER).attempts == 2
    assert runs.state(run.integration_id).owner == "b"


def test_who_lost_the_lease_writes_nothing(runs: Runs, run: Run) -> None:
    claimed(runs, run)
    claimed(runs, run, "b", now=LATER)
    stood = runs.state(run.integration_id)
    moved = replace(run, stage="load", status="success", finished_at=LATER)
    with pytest.raises(LeaseLost):
        runs.save(moved, "a", LATER, LEASE)
    with pytest.raises(LeaseLost):
        runs.release(moved, "a", LATER, GRACE)
    with pytest.raises(LeaseLost):
        runs.finish(moved, "a")
    assert runs.state(run.integration_id) == stood
    assert runs.find(run.integration_id, run.run_id) == replace(run, redrives=0)


def test_a_save_keeps_where_the_run_stands_and_renews_the_lease(runs: Runs, run: Run) -> None:
    claimed(runs, run)
    moved = replace(run, stage="load", cursor={"drop": ["a#ç"]}, log_lines=3).with_stage("load", processed=7)
    assert runs.save(moved, "a", LATER, LEASE) is False
    assert runs.state(run.integration_id).run == moved
    with pytest.raises(LeaseHeld):
        claimed(runs, run, "b", now=LATER + timedelta(seconds=LEASE))


def test_a_released_run_goes_on_with_the_next_message_only(runs: Runs, run: Run) -> None:
    claimed(runs, run)
    with pytest.raises(LeaseHeld):
        claimed(runs, run, "b", hop=1)  # the next message came before the release
    runs.release(replace(run, hop=1), "a", NOON, GRACE)
    with pytest.raises(LeaseLost):
        claimed(runs, run, "c", hop=0)  # the old message came again
    assert claimed(runs, run, "b", hop=1).hop == 1


def test_the_end_frees_the_integration_and_stays_in_the_history(runs: Runs, run: Run) -> None:
    failure = Failure("run_stage_failed", {"cause": "ç"}, "load")
    done = ended(runs, run, status="error", failure=failure)
    state = runs.state(run.integration_id)
    assert replace(state, outcomes=Outcomes()) == State()
    assert state.outcomes.error
    assert state.outcomes.error.params == {"cause": "ç"}
    assert [one.count for one in state.outcomes.failing.values()] == [1]
    assert runs.find(run.integration_id, run.run_id) == done
    with pytest.raises(LeaseLost):
        claimed(runs, run)
    with pytest.raises(LeaseLost):
        runs.finish(done, "a")


def test_durations_of_the_last_thirty_successes_are_kept(runs: Runs, here: str) -> None:
    for number in range(32):
        one = new_run(here, f"run-{number:02}")
        runs.begin(one, NOON, GRACE)
        ended(runs, one, seconds=number, status="error" if number == 31 else "success")
    state = runs.state(here)
    assert state.durations == tuple(float(number) for number in range(1, 31))
    assert state.outcomes.success
    assert state.outcomes.success.at == instant_text(NOON + timedelta(seconds=30))


def test_a_wish_to_cancel_reaches_the_worker_and_ends_with_the_run(runs: Runs, run: Run) -> None:
    assert runs.request_cancel(run.integration_id, "run-2") is False
    assert runs.request_cancel(run.integration_id, run.run_id) is True
    found = runs.find(run.integration_id, run.run_id)
    assert found
    assert found.cancel_requested
    assert claimed(runs, run).cancel_requested
    assert runs.save(run, "a", NOON, LEASE) is True
    runs.finish(replace(run, status="cancelled", finished_at=NOON), "a")
    assert runs.request_cancel(run.integration_id, run.run_id) is False
    runs.begin(new_run(run.integration_id, "run-2"), NOON, GRACE)
    assert claimed(runs, new_run(run.integration_id, "run-2")).cancel_requested is False


def test_runs_are_listed_newest_first_page_by_page(runs: Runs, here: str) -> None:
    for number in range(5):
        one = new_run(here, f"run-{number}")
        runs.begin(one, NOON, GRACE)
        ended(runs, one, status="partial" if number % 2 else "success")
    first, more = runs.latest(here, status=None, limit=2, before=None)
    rest, end = runs.latest(here, status=None, limit=10, before=more)
    assert [one.run_id for one in (*first, *rest)] == [f"run-{number}" for number in (4, 3, 2, 1, 0)]
    assert end is None
    partial, _ = runs.latest(here, status="partial", limit=10, before=None)
    assert [one.run_id for one in partial] == ["run-3", "run-1"]


def vanished(runs: Runs, run: Run, seconds: int) -> bool:
    return run.integration_id in runs.vanished(NOON + timedelta(seconds=seconds), limit=1_000)


def test_a_run_is_missed_when_its_message_or_its_worker_is_late(runs: Runs, run: Run) -> None:
    assert not vanished(runs, run, GRACE)
    assert vanished(runs, run, GRACE + 1)
    claimed(runs, run)
    assert not vanished(runs, run, LEASE)
    assert vanished(runs, run, LEASE + 1)
    runs.save(run, "a", NOON + timedelta(seconds=30), LEASE)
    assert not vanished(runs, run, LEASE + 1)
    runs.finish(replace(run, status="error", finished_at=NOON), "a")
    assert not vanished(runs, run, 10 * GRACE)


def test_the_index_of_runs_to_watch_is_sparse(engine: Any, runs: Runs, run: Run) -> None:
    def indexed() -> dict[str, Any]:
        item: dict[str, Any] = engine.item("RUNS_TABLE", keys.runs(run.integration_id), keys.STATE) or {}
        return {name: value for name, value in item.items() if name.startswith("watch_")}

    assert set(indexed()) == {"watch_pk", "watch_at"}
    ended(runs, run)
    assert indexed() == {}


def test_one_watchman_drives_a_vanished_run_on(runs: Runs, run: Run) -> None:
    late = NOON + timedelta(seconds=GRACE + 1)
    assert runs.redrive(run.integration_id, run, late, GRACE) == 1
    assert not vanished(runs, run, GRACE + 2)
    with pytest.raises(LeaseLost):
        runs.redrive(run.integration_id, run, late, GRACE)
    found = runs.state(run.integration_id).run
    assert found
    assert found.redrives == 1


def line(number: int, message: str = "ç 🧾") -> dict[str, Any]:
    return {"number": number, "level": "info", "params": {"message": message}}


def test_log_lines_keep_their_order_and_a_repeated_step_writes_them_again(run_log: RunLog, run: Run) -> None:
    run_log.write(run, [line(number, "first") for number in range(1, 61)], NOON)
    run_log.write(run, [line(number) for number in range(1, 61)], NOON)
    here = run.integration_id
    assert list(run_log.read(here, run.run_id, after=0, limit=100)) == [
        line(number) for number in range(1, 61)
    ]
    assert list(run_log.read(here, run.run_id, after=58, limit=1)) == [line(59)]
    assert list(run_log.read(here, "run-2", after=0, limit=100)) == []


def test_log_lines_expire_and_the_history_does_not(engine: Any, run_log: RunLog, run: Run) -> None:
    run_log.write(run, [line(1)], NOON)
    kept = engine.item("RUNS_TABLE", keys.run_log(run.integration_id, run.run_id), "00000001")
    assert kept["expires_at"] == {"N": str(int(NOON.timestamp()) + 7 * 86_400)}
    assert "expires_at" not in engine.item("RUNS_TABLE", keys.runs(run.integration_id), keys.run(run.run_id))
