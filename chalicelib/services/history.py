"""Browse the request log: newest first, over several tables and days, reading no more than is shown."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from ..domain.history import Period, Question
from ..domain.request_log import first_id
from .background import Background

if TYPE_CHECKING:
    from ..storage.requests import Logged, Page, RequestLog

MAX_READ: Final = 5_000
"""Entries that one call reads at most while it looks for those that a filter takes."""


@dataclass(slots=True)
class _Stream:
    """One table's requests of one day, newest first, read page by page."""

    log: "RequestLog"
    integration_id: str
    table: str
    day: Period
    size: int
    waiting: list["Logged"] = field(default_factory=list)
    more: str | None = None

    def read(self, after: str | None = None) -> "Page":
        """Read a page."""
        return self.log.page(
            self.integration_id,
            self.table,
            self.day.since,
            self.day.until,
            after=after,
            newest_first=True,
            limit=self.size,
        )

    def take(self, page: "Page") -> None:
        """Put a page in line; the newest stands last."""
        self.waiting, self.more = page.items[::-1], page.more

    def newest(self) -> "Logged | None":
        """Look at the newest request that is left."""
        while not self.waiting and self.more:
            self.take(self.read(self.more))
        return self.waiting[-1] if self.waiting else None


def browse(
    log: "RequestLog",
    background: Background,
    asked: Question,
    before: str | None,
    limit: int,
    now: datetime,
) -> tuple[list["Logged"], str | None]:
    """List requests, newest first, behind the id `before`; also the id to go on behind, if any.

    Days are read one after another, a day's tables in parallel. With a filter, a call may answer fewer
    than `limit`, even none, and still tell where to go on.
    """
    found: list[Logged] = []
    read = 0
    last = before
    for day in reversed(list(asked.period.days())):
        if before and first_id(day.since) > before:
            continue
        for logged in _day(log, background, asked, day, before, limit + 1):
            if len(found) == limit or read == MAX_READ:
                return found, last
            read += 1
            last = logged.entry.request_id
            if asked.filter.takes(logged.entry, now):
                found.append(logged)
    return found, None


def _day(
    log: "RequestLog",
    background: Background,
    asked: Question,
    day: Period,
    before: str | None,
    size: int,
) -> Iterator["Logged"]:
    """Merge the tables' requests of a day, newest first."""
    streams = [_Stream(log, asked.integration_id, table, day, size) for table in asked.tables]
    inside = before if before and before < first_id(day.until) else None
    reading = [background(lambda one=one: one.read(inside)) for one in streams]  # type: ignore[misc]
    for stream, page in zip(streams, [one.result() for one in reading], strict=True):
        stream.take(page)
    while True:
        heads = [(head.entry.request_id, one) for one in streams if (head := one.newest())]
        if not heads:
            return
        _, stream = max(heads, key=lambda head: head[0])
        yield stream.waiting.pop()
