"""Take records into the intermediate database, and tell what became of them: an ERP's, or a person's."""

from collections.abc import Callable, Sequence
from typing import Any

from .. import wiring
from ..domain.staging import Outcome
from ..domain.tables import Table
from ..i18n.issues import rendered
from ..services.ingestion import Receipt, ingest
from ..services.logged import Logged
from .edge import Call


def take(
    call: Call,
    logged: Logged,
    table: Table,
    records: Sequence[Any],
    before_write: Callable[[], object] = lambda: None,
) -> Receipt:
    """Ingest records for the integration that the entry belongs to, once the entry is written."""

    def ready() -> None:
        logged.wait()
        before_write()

    receipt = ingest(
        wiring.records(),
        logged.entry.integration_id,
        table,
        records,
        request_id=call.request_id,
        now=wiring.now(),
        before_write=ready,
        beside=logged.beside,
    )
    logged.named = receipt.named
    return receipt


def receipt_json(receipt: Receipt, language: str) -> dict[str, Any]:
    """Describe what became of the records."""
    return {
        "request_id": receipt.request_id,
        "table": receipt.table,
        "received": receipt.received,
        **{outcome.value: receipt.counts[outcome] for outcome in Outcome},
        "errors": rendered(receipt.errors, language),
        "warnings": rendered(receipt.warnings, language),
        **({"omitted": receipt.omitted} if receipt.omitted else {}),
    }


def counts_of(receipt: Receipt) -> dict[str, int]:
    """Count as the request log does."""
    return {"received": receipt.received, **{one.value: number for one, number in receipt.counts.items()}}
