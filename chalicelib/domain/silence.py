"""Has the ERP gone silent? What a table usually receives between two runs is learned from the last 14 days.

A window reaches from one scheduled run to the next. It counts as a working one by the day that lies in its
middle: weekends and Brazilian holidays (bank holidays and the usual days off, such as Carnival) have habits
of their own, mostly none, and are compared with each other only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from .schedule import Schedule, next_runs

DAYS: Final = 14
FEWEST: Final = 3
"""So many windows of a kind must be known before anything is called usual."""
USUAL_SHARE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Window:
    """From a scheduled run to the check before the next; `day` is the local day in its middle."""

    since: datetime
    until: datetime
    day: str
    working: bool


Heard = Mapping[str, frozenset[str]]
"""What was learned: day of a window → the tables that received data in it."""


def windows(
    schedule: Schedule,
    now: datetime,
    is_working: Callable[[date], bool],
    lead: timedelta,
    days: int = DAYS,
) -> list[Window]:
    """List the windows of the last days, oldest first, and at the end the one that is on, until now.

    Past ones end `lead` before the next run as well: what an ERP sends in the last hour cannot be missed yet.
    """
    runs = [run for run in next_runs(schedule, now - timedelta(days=days + 2), days + 6) if run <= now]
    found = []
    for since, following in zip(runs, [*runs[1:], None], strict=True):
        middle = since + ((following or since + timedelta(days=1)) - since) / 2
        day = middle.astimezone(ZoneInfo(schedule.timezone)).date()
        until = following - lead if following else now
        found.append(Window(since, until, day.isoformat(), is_working(day)))
    return found[-(days + 1) :]


def silent_tables(past: list[Window], current: Window, heard: Heard) -> list[str]:
    """List the tables that usually had data by now, in windows of this kind, and have none in this one."""
    alike = [one for one in past if one.working == current.working and one.day in heard]
    if len(alike) < FEWEST:
        return []
    known = {table for one in alike for table in heard[one.day]}
    usual = (
        table for table in known if sum(table in heard[one.day] for one in alike) >= USUAL_SHARE * len(alike)
    )
    return sorted(set(usual) - heard.get(current.day, frozenset()))


def next_check(
    schedule: Schedule, now: datetime, checked: str | None, lead: timedelta
) -> tuple[datetime, str]:
    """Tell when to listen next, and the name of that check: `lead` before a run, once a run.

    A check that was missed is made up for until its run begins; `checked` names the last one made.
    """
    for run in next_runs(schedule, now, 3):
        name = run.isoformat()
        if checked is None or name > checked:
            return run - lead, name
    raise AssertionError("a daily schedule has a next run")
