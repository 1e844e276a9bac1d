"""When an integration's daily run is due: a local time in a time zone.

What we announce must be what EventBridge Scheduler does. Asked for a local time that the clocks skip
(spring forward) it runs nothing that day; for one that occurs twice (fall back) it runs once. AWS does
not say which of the two; we take the first. Source: EventBridge Scheduler User Guide, "Schedule types",
section on daylight saving time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from itertools import count, islice, takewhile
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from .setting_fields import SHAPE, Text, invalid_setting, refused

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+)*")
_ZONE_LENGTH = 50  # EventBridge Scheduler's limit
# Files beside the IANA names: `right/` counts leap seconds, the rest is this machine's own setting.
_NOT_IANA = frozenset({"posix", "right", "localtime", "posixrules", "Factory"})


@dataclass(frozen=True, slots=True)
class Schedule:
    """Daily at `time` ("HH:MM") on the clocks of `timezone` (IANA name); InvalidSetting if it is neither."""

    time: str
    timezone: str

    def __post_init__(self) -> None:
        if not _TIME.fullmatch(self.time):
            raise refused("schedule.time", "schedule_time_invalid", value=self.time[:50])
        zone(self.timezone)

    @property
    def at(self) -> clock_time:
        """The time of day."""
        return clock_time.fromisoformat(self.time)


class ScheduleBody(BaseModel):
    """A schedule as sent."""

    model_config = SHAPE

    time: Text
    timezone: Text


def parse_schedule(raw: object) -> Schedule:
    """Validate a schedule as sent; InvalidSetting says what is wrong."""
    try:
        body = ScheduleBody.model_validate(raw)
    except ValidationError as error:
        raise invalid_setting(error, under="schedule") from None
    return Schedule(body.time, body.timezone)


def zone(name: str) -> ZoneInfo:
    """Look up an IANA time zone; InvalidSetting if there is none of that name."""
    if len(name) <= _ZONE_LENGTH and _ZONE.fullmatch(name) and name.partition("/")[0] not in _NOT_IANA:
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # unknown, malformed, or a directory of zones
            pass
    raise refused("schedule.timezone", "schedule_timezone_unknown", value=name[:_ZONE_LENGTH])


def next_run_at(schedule: Schedule, now: datetime) -> datetime:
    """Tell the first run strictly after `now` (aware); the answer is UTC."""
    return next(_runs_after(schedule, now))


def next_runs(schedule: Schedule, now: datetime, n: int) -> list[datetime]:
    """List the next `n` runs, UTC, earliest first."""
    return list(islice(_runs_after(schedule, now), n))


def runs_between(schedule: Schedule, since: datetime, until: datetime) -> int:
    """Count the runs after `since` and before `until`."""
    return sum(1 for _ in takewhile(lambda run: run < until, _runs_after(schedule, since)))


def cron_expression(schedule: Schedule) -> str:
    """Write the schedule for EventBridge Scheduler, to go with `ScheduleExpressionTimezone`."""
    return _daily(schedule.at.hour, schedule.at.minute)


def cron_expression_utc(schedule: Schedule, now: datetime) -> str:
    """Write the schedule for a scheduler that evaluates in UTC.

    Right for the next run; after the zone changes its offset it must be written again.
    """
    due = next_run_at(schedule, now)
    return _daily(due.hour, due.minute)


def local_date(timezone: str, now: datetime) -> date:
    """Tell the date on the zone's calendars at `now` (aware)."""
    return _aware(now).astimezone(zone(timezone)).date()


def _daily(hour: int, minute: int) -> str:
    return f"cron({minute} {hour} * * ? *)"


def _runs_after(schedule: Schedule, now: datetime) -> Iterator[datetime]:
    tz = zone(schedule.timezone)
    today = _aware(now).astimezone(tz).date()
    for days in count():
        local = datetime.combine(today + timedelta(days=days), schedule.at, tzinfo=tz)
        due = local.astimezone(UTC)
        exists = due.astimezone(tz).replace(tzinfo=None) == local.replace(tzinfo=None)
        if exists and due > now:
            yield due


def _aware(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise ValueError("now must be an aware datetime")
    return now
