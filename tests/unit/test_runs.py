"""A run's identity, progress, judgement and expected end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import runs
from chalicelib.domain.runs import STAGES, Run, Stage
from chalicelib.services.run_parts import Clockwork
from chalicelib.services.run_starts import scheduled_minute

NOW = datetime(2026, 11, 24, 3, 0, 30, tzinfo=UTC)
PLACEHOLDER = "<aws.scheduler.scheduled-time>"


def a_run(**changes: object) -> Run:
    run = Run("id", "tenant", "integration", "manual", NOW, "2026-11-24", "cutoff")
    return replace(run, **changes)  # type: ignore[arg-type]


def at_stage(name: str, processed: int = 0, total: int = 0, status: str = "running") -> Run:
    run = a_run(stage=name, total=total)
    for earlier in STAGES[: STAGES.index(name)]:
        run = run.with_stage(earlier, status="done")
    return run.with_stage(name, status=status, processed=processed)


# ── progress ──
def test_a_run_that_begins_has_made_no_progress() -> None:
    assert a_run().progress == 0


@pytest.mark.parametrize("status", ["success", "partial"])
def test_a_run_that_went_through_is_at_its_end(status: runs.Status) -> None:
    assert at_stage("finish", status="done").with_stage("finish", status="done").progress < 1
    assert replace(at_stage("finish"), status=status).progress == 1


@pytest.mark.parametrize("status", ["error", "cancelled"])
def test_a_run_that_was_stopped_stays_where_it_was(status: runs.Status) -> None:
    running = at_stage("load", processed=50, total=100)
    stopped = replace(running, status=status).with_stage("load", status=status)
    assert stopped.progress == running.progress > at_stage("load").progress


@given(st.lists(st.integers(0, 300), min_size=2), st.integers(0, 250))
def test_load_moves_ahead_with_its_changes_and_never_past_its_end(done: list[int], total: int) -> None:
    seen = [at_stage("load", processed, total).progress for processed in sorted(done)]
    assert seen == sorted(seen)
    assert at_stage("load").progress <= seen[0] <= seen[-1] <= at_stage("analyse").progress


def test_each_stage_done_is_progress() -> None:
    seen = [at_stage(name).progress for name in STAGES]
    assert all(earlier < later for earlier, later in pairwise(seen))


# ── stages ──
def test_stages_follow_one_another() -> None:
    assert [runs.next_stage(name) for name in STAGES] == [*STAGES[1:], None]


def test_changing_one_stage_s_account_leaves_the_others() -> None:
    run = a_run().with_stage("load", processed=7)
    assert {stage.name: stage.processed for stage in run.stages if stage.processed} == {"load": 7}
    assert tuple(stage.name for stage in run.stages) == STAGES


def test_a_stage_shows_its_seconds_to_the_millisecond() -> None:
    shown = Stage("load", "done", 3, 1, 1.23456).to_json()
    assert shown == {"name": "load", "status": "done", "processed": 3, "rejected": 1, "seconds": 1.235}


# ── judgement, durations ──
def test_one_rejected_record_makes_a_run_partial() -> None:
    assert runs.outcome(a_run().with_stage("load", processed=9)) == "success"
    assert runs.outcome(a_run().with_stage("load", rejected=1)) == "partial"


def test_a_duration_is_known_at_the_end() -> None:
    assert a_run().duration_seconds is None
    assert a_run(finished_at=NOW + timedelta(seconds=90.5)).duration_seconds == 90.5


def test_the_average_and_the_expected_end_need_a_past_run() -> None:
    assert (runs.average([]), runs.expected_end(NOW, [])) == (None, None)
    assert (runs.average([1, 2, 4]), runs.average([0.0])) == (2.333, 0.0)
    assert runs.expected_end(NOW, [60, 120]) == NOW + timedelta(seconds=90)
    assert runs.expected_end(NOW, [0.0]) == NOW


# ── names ──
def test_a_scheduled_run_is_named_by_its_minute() -> None:
    assert runs.scheduled_id(NOW.replace(second=0)) == "20261124T030000Z-s"


@given(st.integers(0, 4 * 10**12), st.integers(1, 10**10))
def test_names_sort_as_the_times_they_tell(instant: int, milliseconds: int) -> None:
    earlier = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=instant)
    later = earlier + timedelta(milliseconds=milliseconds)
    assert runs.manual_id(earlier, "zzz") < runs.manual_id(later, "000")
    assert runs.scheduled_id(earlier) < runs.scheduled_id(later + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("2026-11-24T05:07:00Z", "05:07"),
        ("2026-11-24T05:07:59.999Z", "05:07"),
        ("2026-11-24T02:07:00-03:00", "05:07"),
        ("2026-11-24T05:07:00", "05:07"),
        (PLACEHOLDER, "03:00"),
        ("", "03:00"),
        (None, "03:00"),
        ("2026-13-01T00:00:00Z", "03:00"),
    ],
)
def test_the_scheduled_minute_is_read_or_else_the_current_one(text: str | None, minute: str) -> None:
    found = scheduled_minute(text, NOW)
    assert found == datetime.fromisoformat(f"2026-11-24T{minute}:00+00:00")
    assert found.utcoffset() == timedelta()


def test_a_repeated_hour_has_two_minutes_of_one_name_each() -> None:
    """When New York's clocks go back, 01:30 comes twice: these are two instants, and never one run."""
    first = datetime(2026, 11, 1, 1, 30, tzinfo=timezone(timedelta(hours=-4)))
    second = datetime(2026, 11, 1, 1, 30, tzinfo=timezone(timedelta(hours=-5)))
    names = [runs.scheduled_id(scheduled_minute(one.isoformat(), NOW)) for one in (first, second)]
    assert names == ["20261101T053000Z-s", "20261101T063000Z-s"]


def test_the_watchman_is_more_patient_than_a_lease() -> None:
    assert Clockwork(slice_seconds=45, lease_seconds=150).grace_seconds == 300
