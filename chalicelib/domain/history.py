"""What may be asked of the request log: a period of the last 7 days, tables, and situations."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

from . import values
from .errors import FieldIssue, Invalid
from .request_log import NO_TABLE, SITUATIONS, RequestEntry, situation
from .tables import NAMES

LONGEST: Final = timedelta(days=7)
EVERYTHING: Final = (*NAMES, NO_TABLE)


@dataclass(frozen=True, slots=True)
class Period:
    """Moments from `since` until `until`, aware UTC; one that is a whole second includes that second."""

    since: datetime
    until: datetime

    @property
    def end(self) -> datetime:
        """The first moment that is too late: who says 23:59:59 means all of that second."""
        return self.until + timedelta(seconds=0 if self.until.microsecond else 1)

    def days(self) -> Iterator["Period"]:
        """Cut the period into pieces of one UTC day, oldest first, `since <= at < until`."""
        start = self.since
        while start < self.end:
            midnight = datetime.combine(start.date() + timedelta(days=1), time(), UTC)
            yield Period(start, min(midnight, self.end))
            start = midnight


def parse_period(
    raw_from: object, raw_to: object, *, now: datetime, zone: ZoneInfo, retention_days: int
) -> Period:
    """Read a period; raises Invalid, one issue a field.

    It may be 7 days long, and begin on the day 7 days ago (as the integration's time zone or UTC counts
    days) or later; its end may lie ahead.
    """
    issues: list[FieldIssue] = []
    since, until = _moment("from", raw_from, issues), _moment("to", raw_to, issues)
    if since and until:
        issues += _period_issues(since, until, now, zone, retention_days)
    if issues or since is None or until is None:
        raise Invalid(issues[0].code, fields=issues, **issues[0].params)
    return Period(since, until)


def recent(now: datetime, zone: ZoneInfo, retention_days: int) -> Period:
    """Give the longest period that may be asked for, up to now."""
    return Period(max(now - LONGEST, earliest(now, zone, retention_days)), now)


def earliest(now: datetime, zone: ZoneInfo, retention_days: int) -> datetime:
    """Tell since when requests may be asked for."""
    midnights = (datetime.combine((now - LONGEST).astimezone(one).date(), time(), one) for one in (zone, UTC))
    return max(min(midnights).astimezone(UTC), now - timedelta(days=retention_days))


def _period_issues(
    since: datetime, until: datetime, now: datetime, zone: ZoneInfo, retention_days: int
) -> Iterator[FieldIssue]:
    def shown(moment: datetime) -> str:
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

    if since >= now:
        yield FieldIssue("from", "period_from_ahead", {"value": shown(since), "now": shown(now)})
    elif since >= until:
        yield FieldIssue("to", "period_reversed", {"from": shown(since), "to": shown(until)})
    elif until - since > LONGEST:
        yield FieldIssue("to", "period_too_long", {"limit": shown(since + LONGEST)})
    elif since < (first := earliest(now, zone, retention_days)):
        yield FieldIssue("from", "period_too_old", {"value": shown(since), "earliest": shown(first)})


def _moment(name: str, raw: object, issues: list[FieldIssue]) -> datetime | None:
    if raw is None or raw == "":
        issues.append(FieldIssue(name, "period_moment_missing", {"name": name}))
        return None
    try:
        return datetime.fromisoformat(values.instant(raw))
    except (PydanticCustomError, OverflowError):
        issues.append(FieldIssue(name, "period_moment_invalid", {"name": name, "value": _shortened(raw)}))
        return None


def parse_tables(raw: object) -> tuple[str, ...]:
    """Read a list of tables; none means all of them and what named no table. Raises Invalid."""
    if raw is None or raw == []:
        return EVERYTHING
    if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
        raise Invalid("tables_invalid", fields=[FieldIssue("tables", "tables_invalid")])
    issues = [
        FieldIssue(f"tables.{at}", "history_table_unknown", _unknown(name))
        for at, name in enumerate(raw)
        if name not in EVERYTHING
    ]
    if issues:
        raise Invalid("history_table_unknown", fields=issues, **issues[0].params)
    return tuple(name for name in EVERYTHING if name in raw)


def _unknown(name: object) -> dict[str, str]:
    return {"table": _shortened(name), "tables": ", ".join(NAMES)}


def _shortened(raw: object) -> str:
    shown = str(raw)[:100]
    return shown.encode("utf-8", "backslashreplace").decode()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which requests to show: of any of these situations, HTTP statuses ("404") or classes ("4xx")."""

    wanted: frozenset[str] = frozenset()

    def takes(self, entry: RequestEntry, now: datetime) -> bool:
        """Tell whether to show a request."""
        if not self.wanted:
            return True
        found = {situation(entry, now)} | (
            {str(entry.status), f"{entry.status // 100}xx"} if entry.status else set()
        )
        return bool(self.wanted & found)


def parse_filter(raw: Sequence[str]) -> Filter:
    """Read the values of `status`; raises Invalid."""
    for one in raw:
        if one not in SITUATIONS and not _is_status(one):
            choices = ", ".join((*SITUATIONS, "200", "4xx"))
            params = {"name": "status", "choices": choices}
            raise Invalid("filter_invalid", fields=[FieldIssue("status", "filter_invalid", params)], **params)
    return Filter(frozenset(raw))


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks of an integration's request log."""

    integration_id: str
    tables: tuple[str, ...]
    period: Period
    filter: Filter = Filter()


def _is_status(raw: str) -> bool:
    return re.fullmatch(r"[1-5](xx|[0-9][0-9])", raw) is not None
