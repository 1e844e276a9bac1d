"""Reading the request log as tests like it: by day, by id in whatever log, and a body by its entry."""

from datetime import UTC, datetime, timedelta

from chalicelib import wiring
from chalicelib.domain.request_log import NO_INTEGRATION, RequestEntry
from chalicelib.storage.bulk import Item
from chalicelib.storage.requests import Logged, Part, RequestLog


def day_of(log: RequestLog, integration_id: str, table: str, day: str) -> list[Logged]:
    """Read one table's requests of one UTC day, oldest first."""
    since = datetime.fromisoformat(day).replace(tzinfo=UTC)
    found, after = [], None
    while True:
        page = log.page(integration_id, table, since, since + timedelta(days=1), after=after)
        found += page.items
        if page.more is None:
            return found
        after = page.more


def entries(integration_id: str, table: str, day: str) -> list[RequestEntry]:
    """Read one table's entries of one UTC day, oldest first."""
    return [one.entry for one in day_of(wiring.request_log(), integration_id, table, day)]


def entry_of(integration_id: str, request_id: str) -> RequestEntry | None:
    """Find a request in an integration's log, or among those of nobody we know."""
    for log in (integration_id, NO_INTEGRATION):
        if found := wiring.request_log().find(log, request_id):
            return found.entry
    return None


def body_of(entry: RequestEntry, part: Part) -> bytes | None:
    """Read a body; None is an answer that was never written."""
    log = wiring.request_log()
    logged = log.find(entry.integration_id, entry.request_id)
    assert logged is not None
    return None if part == "response" and logged.entry.status is None else log.body(logged, part)


def stored_items(log: RequestLog, entry: RequestEntry, request: bytes, response: bytes) -> list[Item]:
    """Shape a finished request's items as the log stores them; the entry's own is the first."""
    kept, beside = log._packed(entry, "request", request)
    answer, more = log._packed(entry, "response", response)
    return [{**log._entry(entry), **kept, **answer}, *beside, *more]
