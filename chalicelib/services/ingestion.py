"""Take what an ERP delivers into the intermediate database: partial, idempotent, newest wins."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..domain import staging, values
from ..domain.errors import FieldIssue
from ..domain.fingerprints import digest_of, keyless, raw_json
from ..domain.staging import Decision, Outcome, Staged, Write
from ..domain.tables import Table
from ..domain.validation import InvalidRecord, ValidRecord, key_of, validate

if TYPE_CHECKING:
    from ..storage.records import Records


@dataclass(slots=True)
class Receipt:
    """What became of one delivery, in the words of the answer."""

    request_id: str
    table: str
    received: int
    counts: dict[Outcome, int]
    errors: list[FieldIssue]
    warnings: list[FieldIssue]
    omitted: int = 0


ERROR_BYTES, WARNING_BYTES = 2_000_000, 700_000
"""Room for errors and for warnings in an answer: Lambda's may have 6 MB, escaped."""


@dataclass(slots=True)
class _Delivery:
    index: int
    raw: Any
    record: ValidRecord | InvalidRecord | None = None
    decision: Decision | None = None


_ByKey = dict[str, list[_Delivery]]
"""Everything one request says about each key, in order; the last word is what is written."""


def ingest(
    records: "Records",
    integration_id: str,
    table: Table,
    delivered: Sequence[Any],
    *,
    request_id: str,
    now: datetime,
    before_write: Callable[[], object] = lambda: None,
    beside: Callable[[Callable[[], None]], object] = lambda job: job(),
) -> Receipt:
    """Validate, compare and store the delivered records; `before_write` runs before the first write.

    `beside` is handed a job that may run while the answer is being written, and has to end with it.

    Only keys are looked at before reading begins. Records are validated when what is stored under their
    keys has come, while the next ones are still being read and those before are already being written.
    Raises Busy when other writers kept winning; what was written stays, and sending the same
    records again completes the rest.
    """
    at = values.instant_text(now)
    by_key = _group(table, delivered)

    def decide(key: str, stored: Staged | None) -> Write | None:
        return _decide(by_key[key], stored, table, at, request_id)

    records.rewrite(
        integration_id,
        table.name,
        list(by_key),
        decide,
        label=request_id,
        at=at,
        before_write=before_write,
        beside=beside,
    )
    return _receipt(table, by_key, request_id)


def _group(table: Table, delivered: Sequence[Any]) -> _ByKey:
    by_key: _ByKey = {}
    for index, raw in enumerate(delivered):
        key = key_of(table, raw) or keyless(digest_of(raw_json(raw)))
        by_key.setdefault(key, []).append(_Delivery(index, raw))
    return by_key


def _decide(
    deliveries: list[_Delivery], stored: Staged | None, table: Table, at: str, request_id: str
) -> Write | None:
    """Apply the key's deliveries one after the other to what is stored."""
    current, changes = stored, []
    for delivery in deliveries:
        record = delivery.record = delivery.record or validate(table, delivery.raw)
        if isinstance(record, ValidRecord):
            decision = staging.decide(current, record, table.name, at, request_id)
        else:
            decision = staging.reject(current, record, delivery.raw, table.name, at, request_id)
        delivery.decision = decision
        current = decision.write or current
        if decision.change:
            changes.append(decision.change)
    if current is None or current is stored:
        return None
    # One request is one write per key, whatever it said in between: what it left for another client
    # and was never written, the CRM never had.
    if len(deliveries) == 1:
        return Write(stored, current, tuple(changes))
    moved = staging.moved(stored, current)
    kinds = {
        change.kind: replace(change, moved_from=moved if change.kind == staging.APPLY else ())
        for change in changes
    }
    revision = (stored.revision if stored else 0) + 1
    return Write(stored, replace(current, revision=revision), tuple(kinds.values()))


def _receipt(table: Table, by_key: _ByKey, request_id: str) -> Receipt:
    deliveries = sorted(
        (delivery for deliveries in by_key.values() for delivery in deliveries),
        key=lambda delivery: delivery.index,
    )
    receipt = Receipt(request_id, table.name, len(deliveries), dict.fromkeys(Outcome, 0), [], [])
    for delivery in deliveries:
        decision, record = delivery.decision, delivery.record
        assert decision is not None, "every delivery is decided before it is stored"
        assert record is not None, "and validated before it is decided"
        receipt.counts[decision.outcome] += 1
        place = {"index": delivery.index, "key": record.key}
        if isinstance(record, InvalidRecord):
            receipt.errors += [replace(issue, **place) for issue in record.issues]  # type: ignore[arg-type]
            continue
        found = [*record.warnings, *([decision.warning] if decision.warning else [])]
        receipt.warnings += [replace(issue, **place) for issue in found]  # type: ignore[arg-type]
    told = len(receipt.errors) + len(receipt.warnings)
    receipt.errors = _fitting(receipt.errors, ERROR_BYTES)
    receipt.warnings = _fitting(receipt.warnings, WARNING_BYTES)
    receipt.omitted = told - len(receipt.errors) - len(receipt.warnings)
    return receipt


def _fitting(found: list[FieldIssue], room: int) -> list[FieldIssue]:
    """Keep as many issues as there is room for, and the first one of every record."""
    kept: list[FieldIssue] = []
    for issue in found:
        room -= 300 + len(json.dumps([issue.key, issue.field]))
        if room >= 0 or not kept or kept[-1].index != issue.index:
            kept.append(issue)
    return kept
