"""Take what an ERP delivers into the intermediate database: partial, idempotent, newest wins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..domain import staging, values
from ..domain.errors import FieldIssue
from ..domain.staging import Change, Decision, Outcome, Staged, Write
from ..domain.tables import Table
from ..domain.validation import InvalidRecord, ValidRecord, validate

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


@dataclass(slots=True)
class _Delivery:
    index: int
    raw: Any
    record: ValidRecord | InvalidRecord
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
) -> Receipt:
    """Validate, compare and store the delivered records; `before_write` runs before the first write.

    Raises Busy when other writers kept winning; what was written stays, and sending the same
    records again completes the rest.
    """
    at = values.instant_text(now)
    by_key = _group(table, delivered)

    def decide(key: str, stored: Staged | None) -> Write | None:
        return _decide(by_key[key], stored, table.name, at, request_id)

    records.rewrite(
        integration_id,
        table.name,
        list(by_key),
        decide,
        label=request_id,
        at=at,
        before_write=before_write,
    )
    return _receipt(table, by_key, request_id)


def _group(table: Table, delivered: Sequence[Any]) -> _ByKey:
    by_key: _ByKey = {}
    for index, raw in enumerate(delivered):
        record = validate(table, raw)
        key = record.key or staging.keyless(staging.digest_of(staging.raw_json(raw)))
        by_key.setdefault(key, []).append(_Delivery(index, raw, record))
    return by_key


def _decide(
    deliveries: list[_Delivery], stored: Staged | None, table: str, at: str, request_id: str
) -> Write | None:
    """Apply the key's deliveries one after the other to what is stored."""
    current, changes = stored, []
    for delivery in deliveries:
        if isinstance(delivery.record, ValidRecord):
            decision = staging.decide(current, delivery.record, table, at, request_id)
        else:
            decision = staging.reject(current, delivery.record, delivery.raw, table, at, request_id)
        delivery.decision = decision
        current = decision.write or current
        if decision.change:
            changes.append(decision.change)
    if current is None or current is stored:
        return None
    # One request is one write per key, whatever it said in between.
    revision = (stored.revision if stored else 0) + 1
    return Write(stored, replace(current, revision=revision), _merge(changes))


def _merge(changes: list[Change]) -> tuple[Change, ...]:
    merged: dict[str, Change] = {}
    for change in changes:
        before = merged.get(change.kind)
        moved = dict.fromkeys((*(before.moved_from if before else ()), *change.moved_from))
        merged[change.kind] = replace(change, moved_from=tuple(moved))
    return tuple(merged.values())


def _receipt(table: Table, by_key: _ByKey, request_id: str) -> Receipt:
    deliveries = sorted(
        (delivery for deliveries in by_key.values() for delivery in deliveries),
        key=lambda delivery: delivery.index,
    )
    receipt = Receipt(request_id, table.name, len(deliveries), dict.fromkeys(Outcome, 0), [], [])
    for delivery in deliveries:
        decision, record = delivery.decision, delivery.record
        if decision is None:
            raise AssertionError("every delivery is decided before it is stored")
        receipt.counts[decision.outcome] += 1
        place = {"index": delivery.index, "key": record.key}
        if isinstance(record, InvalidRecord):
            receipt.errors += [replace(issue, **place) for issue in record.issues]  # type: ignore[arg-type]
            continue
        found = [*record.warnings, *([decision.warning] if decision.warning else [])]
        receipt.warnings += [replace(issue, **place) for issue in found]  # type: ignore[arg-type]
    return receipt
