"""A page that was read, in the request log: its statement as the request, its rows' fates as the answer."""

import json
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Final

from ...domain import values
from ...domain.errors import FieldIssue
from ...domain.request_log import VIEW, RequestEntry, new_id
from ...domain.staging import Outcome
from ...domain.view_plan import Fetched
from ..ingestion import Receipt
from ..work import Work
from .parts import ViewParts

METHOD: Final = "VIEW"
Rendered = Callable[[Sequence[FieldIssue]], list[dict[str, Any]]]


@dataclass(slots=True)
class PageLog:
    """One page's entry: written ahead beside the work, completed at its end."""

    parts: ViewParts
    entry: RequestEntry
    ahead: "Future[Any]"

    def wait(self) -> None:
        """Make sure that the entry is written before the first record is."""
        self.ahead.result()

    def complete(
        self,
        answer: dict[str, Any],
        counts: dict[str, int],
        *,
        status: int,
        milliseconds: int,
        named: Collection[str] = (),
    ) -> None:
        """Write the answer, and the keys that the page's records are stored under."""
        body = as_json(answer)
        done = replace(
            self.entry,
            status=status,
            code=answer.get("code"),
            duration_ms=milliseconds,
            response_bytes=len(body),
            counts=counts,
        )
        self.parts.log.complete(done, self.ahead.result(), body, named)


def entry_of(work: Work, table: str, view: str) -> RequestEntry:
    """Make the entry of a page that is read now."""
    at = values.instant_text(work.now)
    request_id = new_id(table, work.now)
    return RequestEntry(request_id, work.integration_id, table, at, METHOD, view, kind=VIEW)


def begin(parts: ViewParts, entry: RequestEntry, request: dict[str, Any]) -> PageLog:
    """Begin to write an entry ahead."""
    body = as_json(request)
    entry = replace(entry, request_bytes=len(body))
    return PageLog(parts, entry, parts.beside(lambda: parts.log.begin(entry, body)))


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


def answer_of(receipt: Receipt, rendered: Rendered) -> dict[str, Any]:
    """Describe what became of a page's records, each of them."""
    return {
        "request_id": receipt.request_id,
        "table": receipt.table,
        "received": receipt.received,
        **{outcome.value: receipt.counts[outcome] for outcome in Outcome},
        "errors": rendered(receipt.errors),
        "warnings": rendered(receipt.warnings),
        **({"omitted": receipt.omitted} if receipt.omitted else {}),
        "results": [[one.key, one.outcome.value] for one in receipt.results],
    }


def counts_of(receipt: Receipt) -> dict[str, int]:
    """Count as the request log does."""
    return {"received": receipt.received, **{one.value: number for one, number in receipt.counts.items()}}


def as_json(content: dict[str, Any]) -> bytes:
    """Write JSON whatever a database holds; what has no form of its own is written as its text."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=_shown).encode(
        "utf-8", "surrogatepass"
    )


def _shown(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return getattr(value, "literal", str(value))
