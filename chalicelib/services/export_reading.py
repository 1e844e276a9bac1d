"""Read the request log for an export: count first, then page by page, a little ahead of the writing."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, TypeVar

from ..domain.exports import Export, Part
from ..domain.history import Period
from .background import Background

if TYPE_CHECKING:
    from ..storage.requests import Logged, Page, RequestLog

AHEAD: Final = 4
PAGE_ITEMS: Final = 500
"""Parts whose first pages are read ahead, and how long a page is: both are paid for in memory."""
CHUNK_BYTES: Final = 8_000_000
CHUNK_ITEMS: Final = 200
Answer = TypeVar("Answer")


def look(log: "RequestLog", background: Background, export: Export) -> tuple[Part, ...]:
    """Count what is to be read, table by table and day by day, all at once; what is empty is left out."""

    def count(table: str, day: Period) -> Callable[[], int]:
        return lambda: log.count(export.integration_id, table, day.since, day.until)

    asked = [(table, day, background(count(table, day))) for table, day in export.days()]
    parts = [Part(table, day, counted.result()) for table, day, counted in asked]
    return tuple(part for part in parts if part.expected)


def pages(log: "RequestLog", background: Background, export: Export) -> Iterator[tuple[int, "Page"]]:
    """Read on from the export's position; answers each page with its part's number."""
    assert export.parts is not None, "a look comes before the reading"
    parts = export.parts
    start, behind = export.position

    def ask(number: int, after: str | None) -> "Future[Page]":
        part = parts[number]
        return background(
            lambda: log.page(
                export.integration_id,
                part.table,
                part.day.since,
                part.day.until,
                after=after,
                limit=PAGE_ITEMS,
            )
        )

    waiting: deque[Future[Page]] = deque()
    for number in range(start, len(parts)):
        while len(waiting) < AHEAD and number + len(waiting) < len(parts):
            coming = number + len(waiting)
            waiting.append(ask(coming, behind if coming == start else None))
        page = waiting.popleft().result()
        while page.more:
            following = ask(number, page.more)
            yield number, page
            page = following.result()
        yield number, page


def chunks(read: Iterator[tuple[int, "Page"]]) -> Iterator[tuple[tuple[int, str | None], list["Logged"]]]:
    """Cut pages so that the bodies of one piece fit into memory; answers each with the position behind it."""
    for number, page in read:
        chunk: list[Logged] = []
        room = CHUNK_BYTES
        for logged in page.items:
            size = logged.entry.request_bytes + logged.entry.response_bytes
            if chunk and (size > room or len(chunk) == CHUNK_ITEMS):
                yield (number, chunk[-1].entry.request_id), chunk
                chunk, room = [], CHUNK_BYTES
            chunk.append(logged)
            room -= size
        yield ((number, page.more) if page.more else (number + 1, None)), chunk
