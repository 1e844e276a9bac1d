"""Take what an ERP delivers into the intermediate database: partial, idempotent, newest wins."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from ..domain import staging, values
from ..domain.errors import FieldIssue
from ..domain.fingerprints import digest_of, keyless, raw_json
from ..domain.staging import Decision, Outcome, Staged, Write
from ..domain.tables import Table
from ..domain.validation import InvalidRecord, ValidRecord, key_of, validate


class Rewriter(Protocol):
    """Rewrites staged records: `storage.records` for deliveries, `storage.journal` for views."""

    def rewrite(
        self,
        integration_id: str,
        table: str,
        wanted: Sequence[str],
        decide: Callable[[str, Staged | None], Write | None],
        *,
        label: str,
        at: str,
        before_write: Callable[[], object] = ...,
        beside: Callable[[Callable[[], None]], object] = ...,
    ) -> None: ...


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
    results: list["Result"] = field(default_factory=list)

    @property
    def named(self) -> list[str]:
        """Keys that the records are stored under: what the request log has to remember of them."""
        return [one.stored_as for one in self.results]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one record; `stored_as` is the key it lies under, be it one of its own or not."""

    stored_as: str
    key: str | None
    outcome: Outcome


ERROR_BYTES, WARNING_BYTES = 2_000_000, 700_000
"""Room for errors and for warnings in an answer: Lambda's may have 6 MB, escaped."""


@dataclass(slots=True)
class _Delivery:
    index: int
    stored_as: str
    raw: Any
    record: ValidRecord | InvalidRecord | None = None
    decision: Decision | None = None


_ByKey = dict[str, list[_Delivery]]
"""Everything one request says about each key, in order; the last word is what is written."""


def ingest(
    records: Rewriter,
    integration_id: str,
    table: Table,
    delivered: Sequence[Any],
    *,
    request_id: str,
    now: datetime,
    before_write: Callable[[], object] = lambda: None,
    beside: Callable[[Callable[[], None]], object] = lambda job: job(),
    one_a_key: bool = False,
) -> Receipt:
    """Validate, compare and store the delivered records; `before_write` runs before the first write.

    `beside` is handed a job that may run while the answer is being written, and has to end with it.
    `one_a_key`: the records are rows that exist side by side, so two of one key contradict each other and
    are both refused; otherwise they are one record's versions, and the last one counts.

    Only keys are looked at before reading begins. Records are validated when what is stored under their
    keys has come, while the next ones are still being read and those before are already being written.
    Raises Busy when other writers kept winning; what was written stays, and sending the same
    records again completes the rest.
    """
    at = values.instant_text(now)
    by_key = _group_valid(table, delivered) if one_a_key else _group(table, delivered)

    def decide(key: str, stored: Staged | None) -> Write | None:
        deliveries = by_key[key]
        if one_a_key and len(deliveries) > 1:
            return _contradicting(deliveries, stored, table, at, request_id)
        return _decide(deliveries, stored, table, at, request_id)

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


def keys_named(table: Table, delivered: Sequence[Any]) -> list[str]:
    """Tell under which key each record is stored, be it one of its own or not."""
    return [key_of(table, raw) or keyless(digest_of(raw_json(raw))) for raw in delivered]


def _group(table: Table, delivered: Sequence[Any]) -> _ByKey:
    by_key: _ByKey = {}
    for index, (key, raw) in enumerate(zip(keys_named(table, delivered), delivered, strict=True)):
        by_key.setdefault(key, []).append(_Delivery(index, key, raw))
    return by_key


def _group_valid(table: Table, delivered: Sequence[Any]) -> _ByKey:
    """Group records that are validated at once, since no time is won by reading first."""
    by_key: _ByKey = {}
    for index, raw in enumerate(delivered):
        record = validate(table, raw)
        key = record.key or keyless(digest_of(raw_json(raw)))
        by_key.setdefault(key, []).append(_Delivery(index, key, raw, record))
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


def _contradicting(
    deliveries: list[_Delivery], stored: Staged | None, table: Table, at: str, request_id: str
) -> Write | None:
    """Take equal rows once; refuse rows of one key that differ, all as one, in whatever order."""
    first, *others = deliveries
    found = [delivery.record or validate(table, delivery.raw) for delivery in deliveries]
    if all(isinstance(one, ValidRecord) for one in found) and len({_data_of(one) for one in found}) == 1:
        write = _decide([first], stored, table, at, request_id)
        for delivery, record in zip(others, found[1:], strict=True):
            delivery.record = record
            delivery.decision = Decision(Outcome.UNCHANGED, warning=FieldIssue("", "row_repeated"))
        return write
    params = {"rows": str(len(deliveries))}
    refused = InvalidRecord(found[0].key, (FieldIssue(table.key_fields[0], "key_repeated", params),))
    rows = sorted((one.raw for one in deliveries), key=raw_json)
    decision = staging.reject(stored, refused, {"rows": rows}, table.name, at, request_id)
    for delivery in deliveries:
        delivery.record, delivery.decision = refused, decision
    if decision.write is None or decision.change is None:
        return None
    return Write(stored, decision.write, (decision.change,))


def _data_of(record: ValidRecord | InvalidRecord) -> str:
    return record.encoded if isinstance(record, ValidRecord) else ""


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
        receipt.results.append(Result(delivery.stored_as, record.key, decision.outcome))
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
