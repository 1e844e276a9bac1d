"""How long a sync may go without success: the freshness deadline and its state.

Times are canonical instants (texts that sort). The clock starts when the integration is armed, so one
that never succeeded gets overdue as well.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

State = Literal["ok", "warning", "overdue", "not_armed"]
WARNING_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Freshness:
    """The state now, and when it becomes or became overdue (None when not armed)."""

    state: State
    deadline_at: datetime | None


def evaluate(
    *, armed_at: datetime | None, last_success_at: datetime | None, max_hours: int, now: datetime
) -> Freshness:
    """Judge freshness at `now`; `armed_at` is None when no run is expected."""
    if armed_at is None:
        return Freshness("not_armed", None)
    since = max(armed_at, last_success_at) if last_success_at else armed_at
    allowed = timedelta(hours=max_hours)
    deadline = since + allowed
    if now >= deadline:
        return Freshness("overdue", deadline)
    return Freshness("warning" if now >= since + allowed * WARNING_SHARE else "ok", deadline)
