"""A batch of records that we fetched ourselves, in the request log: its records, and the fate of each."""

import json
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from ..domain.errors import FieldIssue
from ..domain.request_log import RequestEntry
from ..domain.staging import Outcome
from .background import Background
from .ingestion import Receipt

if TYPE_CHECKING:
    from ..storage.requests import RequestLog

Answer = TypeVar("Answer")
Rendered = Callable[[Sequence[FieldIssue]], list[dict[str, Any]]]


@dataclass(slots=True)
class BatchLog:
    """One batch's entry: written ahead beside the work, completed at its end."""

    log: "RequestLog"
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
        """Write the answer, and the keys that the batch's records are stored under."""
        body = as_json(answer)
        done = replace(
            self.entry,
            status=status,
            code=answer.get("code"),
            duration_ms=milliseconds,
            response_bytes=len(body),
            counts=counts,
        )
        self.log.complete(done, self.ahead.result(), body, named)


def begin(log: "RequestLog", beside: Background, entry: RequestEntry, body: bytes) -> BatchLog:
    """Begin to write an entry ahead."""
    entry = replace(entry, request_bytes=len(body))
    return BatchLog(log, entry, beside(lambda: log.begin(entry, body)))


def answer_of(receipt: Receipt, rendered: Rendered) -> dict[str, Any]:
    """Describe what became of a batch's records, each of them."""
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
    """Write JSON whatever a source holds; what has no form of its own is written as its text."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=_shown).encode(
        "utf-8", "surrogatepass"
    )


def _shown(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return getattr(value, "literal", str(value))
