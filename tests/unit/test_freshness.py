"""Freshness is exact to the instant, and only an armed integration can be late."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.freshness import Freshness, evaluate

ARMED = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(hours=24)
TICK = timedelta(microseconds=1)
RANKS = ["ok", "warning", "overdue"]


def judge(after: timedelta, last_success: datetime | None = None, max_hours: int = 24) -> Freshness:
    return evaluate(armed_at=ARMED, last_success_at=last_success, max_hours=max_hours, now=ARMED + after)


@pytest.mark.parametrize("last_success", [None, ARMED])
def test_without_being_armed_nothing_is_late(last_success: datetime | None) -> None:
    long_after = ARMED + 1_000 * DAY
    found = evaluate(armed_at=None, last_success_at=last_success, max_hours=1, now=long_after)
    assert found == Freshness("not_armed", None)


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (timedelta(), "ok"),
        (0.8 * DAY - TICK, "ok"),
        (0.8 * DAY, "warning"),
        (DAY - TICK, "warning"),
        (DAY, "overdue"),
        (100 * DAY, "overdue"),
    ],
)
def test_one_that_never_succeeded_becomes_late_from_its_arming_on(after: timedelta, state: str) -> None:
    assert judge(after) == Freshness(state, ARMED + DAY)  # type: ignore[arg-type]


def test_a_success_moves_the_deadline() -> None:
    success = ARMED + timedelta(hours=20)
    assert judge(timedelta(hours=30), success) == Freshness("ok", success + DAY)
    assert judge(timedelta(hours=44), success) == Freshness("overdue", success + DAY)


def test_a_success_from_before_the_arming_does_not_count() -> None:
    """Switched off for a month and on again, it is not late at once."""
    assert judge(timedelta(hours=1), ARMED - 30 * DAY) == Freshness("ok", ARMED + DAY)


@pytest.mark.parametrize("hours", [1, 24, 720])
def test_the_deadline_is_the_hours_that_were_set(hours: int) -> None:
    allowed = timedelta(hours=hours)
    assert judge(allowed - TICK, max_hours=hours).state == "warning"
    assert judge(allowed, max_hours=hours) == Freshness("overdue", ARMED + allowed)


@given(
    st.integers(1, 720),
    st.timedeltas(-10 * DAY, 10 * DAY),
    st.tuples(st.timedeltas(timedelta(), 100 * DAY), st.timedeltas(timedelta(), 100 * DAY)),
)
def test_as_time_passes_it_only_gets_worse(
    hours: int, success: timedelta, moments: tuple[timedelta, timedelta]
) -> None:
    earlier, later = (judge(moment, ARMED + success, hours) for moment in sorted(moments))
    assert RANKS.index(earlier.state) <= RANKS.index(later.state)
    assert earlier.deadline_at == later.deadline_at
