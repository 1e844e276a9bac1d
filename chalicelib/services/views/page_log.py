"""A page that was read, in the request log: its statement as the request."""

from collections.abc import Sequence
from typing import Any, Final

from ...domain import values
from ...domain.request_log import VIEW, RequestEntry, new_id
from ...domain.view_plan import Fetched
from .. import batch_log
from ..work import Work
from .parts import ViewParts

METHOD: Final = "VIEW"


def entry_of(work: Work, table: str, view: str) -> RequestEntry:
    """Make the entry of a page that is read now."""
    at = values.instant_text(work.now)
    request_id = new_id(table, work.now)
    return RequestEntry(request_id, work.integration_id, table, at, METHOD, view, kind=VIEW)


def begin(parts: ViewParts, entry: RequestEntry, request: dict[str, Any]) -> batch_log.BatchLog:
    """Begin to write an entry ahead."""
    return batch_log.begin(parts.log, parts.beside, entry, batch_log.as_json(request))


def request_of(place: str, view: str, fetched: Fetched, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Describe a page that was read."""
    return {
        "database": place,
        "view": view,
        "statement": fetched.statement,
        "parameters": fetched.parameters,
        "statement_ms": fetched.milliseconds,
        "rows": len(rows),
        "records": rows,
    }
