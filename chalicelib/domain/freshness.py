"""How long a sync may go without success: not_armed → ok → warning → overdue → ok again.

The clock starts when the integration is armed, so one that never succeeded gets overdue as well; a
success winds it up again. States follow from the time alone, except that `overdue` is what people were
told: it lasts from the moment an incident was opened until it was closed.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

State = Literal["ok", "warning", "overdue", "not_armed"]
WARNING_SHARE: Final = 0.8
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Freshness:
    """The state now, and when it becomes or became overdue (None when not armed)."""

    state: State
    deadline_at: datetime | None


def wound_at(armed_at: datetime, last_success_at: datetime | None) -> datetime:
    """Tell since when the clock runs: the last success, or the arming if that came later."""
    return max(armed_at, last_success_at) if last_success_at else armed_at


def evaluate(
    *,
    armed_at: datetime | None,
    last_success_at: datetime | None,
    max_hours: int,
    now: datetime,
    hour: timedelta = HOUR,
) -> Freshness:
    """Judge freshness at `now`; `armed_at` is None when no run is expected, `hour` is a unit of the limit."""
    if armed_at is None:
        return Freshness("not_armed", None)
    since = wound_at(armed_at, last_success_at)
    allowed = max_hours * hour
    deadline = since + allowed
    if now >= deadline:
        return Freshness("overdue", deadline)
    return Freshness("warning" if now >= since + allowed * WARNING_SHARE else "ok", deadline)


def as_told(found: Freshness, overdue_was_told: bool) -> Freshness:
    """Bring a judgement in line with what people were told: nobody reads `overdue` before its alert."""
    if found.state == "overdue" and not overdue_was_told:
        return replace(found, state="warning")
    return replace(found, state="overdue") if overdue_was_told else found
