"""Stage load: apply pending changes of the intermediate database to the CRM, parents before children.

Cursor: `table` (position in load order), `drop` (pending batches that the last step applied), `gain`
(theirs), `applied`, `deleted`, `rejected`, `orphans` (of this table so far).
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from ...domain import tallies, values
from ...domain.crm import Document
from ...domain.errors import FieldIssue
from ...domain.fingerprints import digest_of
from ...domain.runs import LeaseLost
from ...domain.staging import (
    APPLY,
    CLIENT_DOCUMENTS,
    Change,
    PendingBatch,
    Rejection,
    Staged,
    Write,
)
from ...domain.tables import TABLES, Table, parent_keys
from ...domain.validation import InvalidRecord, validate
from ..work import Line, Step, TableFailed, Work

BATCHES, CHANGES = 99, 500
SHOWN = 20
CLIENT_TABLES = frozenset({"empresa", "contato"})
_ORDER = tuple(TABLES.values())


@dataclass(slots=True)
class _Batch:
    """What one step found out about the changes it took."""

    documents: list[Document] = field(default_factory=list)
    gone: list[tuple[str, str, str | None]] = field(default_factory=list)
    dirty: dict[str, None] = field(default_factory=dict)
    parents: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    bad: list[tuple[Staged, tuple[FieldIssue, ...]]] = field(default_factory=list)
    deleted: int = 0


def step(work: Work, cursor: dict[str, Any]) -> Step:
    """Apply one batch of one table; ends when no table has a pending change from before the run."""
    position = cursor.get("table", 0)
    if drop := cursor.get("drop"):
        gain = tallies.from_json(cursor["gain"])
        work.records.settle(work.integration_id, _ORDER[position].name, drop, gain)
    lines: list[Line] = []
    while position < len(_ORDER):
        table = _ORDER[position]
        if batches := _waiting(work, table):
            return _named(work, table, {"table": position, **cursor}, batches, lines)
        lines += _summary(table, cursor)
        position, cursor = position + 1, {}
    account = next(stage for stage in work.run.stages if stage.name == work.run.stage)
    if not account.processed and not account.rejected:
        lines.append(Line("load_nothing"))
    return Step(None, lines=tuple(lines))


def _named(
    work: Work, table: Table, cursor: dict[str, Any], batches: list[PendingBatch], lines: list[Line]
) -> Step:
    """Apply batches; a failure names the table, so that people know where to look."""
    try:
        return _apply(work, table, cursor, batches, lines)
    except LeaseLost:
        raise
    except Exception as error:
        raise TableFailed(table.name) from error


def _waiting(work: Work, table: Table) -> list[PendingBatch]:
    """Take the oldest pending batches received before the run began, about 500 changes."""
    taken: list[PendingBatch] = []
    count = 0
    for batch in work.records.pending(work.integration_id, table.name, BATCHES):
        if batch.sort_key > work.run.cutoff or count >= CHANGES:
            break
        taken.append(batch)
        count += len(batch.changes)
    return taken


def _apply(
    work: Work, table: Table, cursor: dict[str, Any], batches: list[PendingBatch], lines: list[Line]
) -> Step:
    # By key, since batches come in any order: a repeated step writes the same lines.
    changes = sorted((one for batch in batches for one in batch.changes), key=lambda one: one.key)
    wanted = list(dict.fromkeys(change.key for change in changes))
    staged = work.records.read(work.integration_id, table.name, wanted)
    batch = _Batch()
    for key in dict.fromkeys(change.key for change in changes if change.kind == APPLY):
        if key in staged:
            _take(work, table, staged[key], batch)
    for change in (*changes, *_overtaken(work, table, staged)):
        batch.dirty |= dict.fromkeys(change.moved_from)
        batch.gone += [(table.name, change.key, place) for place in change.moved_from]
    work.crm.apply(work.integration_id, batch.documents, batch.gone, batch.dirty)
    _quarantine(work, table, batch)
    applied = sum(change.kind == APPLY for change in changes)
    total = cursor.get("applied", 0) + applied
    refused = {key: staged[key].rejection for key in wanted if key in staged and staged[key].rejection}
    refused |= {one.key: _rejection(work, issues) for one, issues in batch.bad}
    orphans = _orphans(work, batch)
    after = {
        "table": cursor["table"],
        "drop": [one.sort_key for one in batches],
        "gain": tallies.to_json(tallies.joined(one.gain for one in batches)),
        "applied": total,
        "deleted": cursor.get("deleted", 0) + batch.deleted,
        "rejected": cursor.get("rejected", 0) + len(refused),
        "orphans": cursor.get("orphans", 0) + len(orphans),
    }
    lines += _rejected_lines(table, refused, cursor.get("rejected", 0))
    lines += _orphan_lines(table, orphans, cursor.get("orphans", 0))
    return Step(after, processed=applied - len(batch.bad), rejected=len(refused), lines=tuple(lines))


def _overtaken(work: Work, table: Table, staged: dict[str, Staged]) -> list[Change]:
    """List the changes since the run began of records that are applied as they are now."""
    newer = {one.key for one in staged.values() if one.received_at > work.run.cutoff}
    if not newer or table.name not in CLIENT_DOCUMENTS:
        return []
    later = work.records.pending_after(work.integration_id, table.name, work.run.cutoff)
    return [change for batch in later for change in batch.changes if change.key in newer]


def _take(work: Work, table: Table, staged: Staged, batch: _Batch) -> None:
    """Turn one staged record into a document, a deletion, or a quarantined record."""
    if staged.deleted:
        batch.gone.append((table.name, staged.key, staged.place))
        batch.deleted += 1
        _mark(table, staged, batch)
        return
    if not staged.live:
        return
    data, issues = _checked(table, staged)
    if issues:
        batch.bad.append((staged, issues))
        return
    batch.documents.append(
        Document(
            table.name,
            staged.key,
            staged.data,
            staged.revision,
            staged.place,
            work.run.run_id,
            values.instant_text(work.now),
        )
    )
    _mark(table, staged, batch)
    for parent in parent_keys(table, data):
        batch.parents.setdefault(parent, []).append(staged.key)


def _checked(table: Table, staged: Staged) -> tuple[dict[str, Any], tuple[FieldIssue, ...]]:
    """Check again what was accepted once: rules change, and one bad record must not stop a night."""
    try:
        data = json.loads(staged.data)
    except ValueError:
        return {}, (FieldIssue("", "stored_record_unreadable"),)
    result = validate(table, data)
    if isinstance(result, InvalidRecord):
        return {}, result.issues
    return result.data, ()


def _mark(table: Table, staged: Staged, batch: _Batch) -> None:
    """Remember whose metrics the change may move."""
    if staged.place:
        batch.dirty[staged.place] = None
    elif table.name in CLIENT_TABLES:
        batch.dirty[f"{table.name}|{staged.key}"] = None


def _rejection(work: Work, issues: tuple[FieldIssue, ...]) -> Rejection:
    at = values.instant_text(work.now)
    fingerprint = digest_of("|".join(f"{issue.field}:{issue.code}" for issue in issues))
    return Rejection(issues, "", fingerprint, at, work.run.run_id)


def _quarantine(work: Work, table: Table, batch: _Batch) -> None:
    """Mark bad records as rejected, unless a newer delivery replaced them meanwhile."""
    if not batch.bad:
        return
    reasons = {staged.key: (staged.revision, issues) for staged, issues in batch.bad}

    def decide(key: str, stored: Staged | None) -> Write | None:
        revision, issues = reasons[key]
        if stored is None or stored.revision != revision or stored.rejection:
            return None
        marked = replace(stored, revision=revision + 1, rejection=_rejection(work, issues))
        return Write(stored, marked)

    label = f"run-{work.run.run_id}#{work.run.log_lines}"
    work.records.rewrite(work.integration_id, table.name, list(reasons), decide, label=label, at="")


def _orphans(work: Work, batch: _Batch) -> list[tuple[str, tuple[str, str]]]:
    """List (child key, (parent table, parent key)) of references to records that we do not have."""
    if not batch.parents:
        return []
    there = work.records.existing(work.integration_id, batch.parents)
    return [
        (child, parent) for parent, kids in batch.parents.items() if parent not in there for child in kids
    ]


def _rejected_lines(table: Table, refused: dict[str, Any], before: int) -> list[Line]:
    lines = []
    for key, rejection in list(refused.items())[: max(0, SHOWN - before)]:
        issues = [[one.field, one.code, _without_value(one.params)] for one in rejection.issues]
        shown = "" if key.startswith("\x01") else key
        details = {"key": shown, "request_id": rejection.request_id, "issues": issues}
        lines.append(Line("load_rejected", {"table": table.name, "key": shown}, "warning", details))
    return lines


def _without_value(params: dict[str, str]) -> dict[str, str]:
    """Leave out what the field held: it may be personal, a date of birth for instance."""
    return {name: "…" if name == "value" else value for name, value in params.items()}


def _orphan_lines(table: Table, orphans: list[tuple[str, tuple[str, str]]], before: int) -> list[Line]:
    return [
        Line(
            "load_orphan",
            {"table": table.name, "key": child, "parent_table": parent[0], "parent_key": parent[1]},
            "warning",
        )
        for child, parent in orphans[: max(0, SHOWN - before)]
    ]


def _summary(table: Table, cursor: dict[str, Any]) -> list[Line]:
    if "applied" not in cursor:
        return []
    counts = {name: str(cursor[name]) for name in ("applied", "deleted", "rejected", "orphans")}
    level = "warning" if cursor["rejected"] or cursor["orphans"] else "info"
    return [Line("load_table", {"table": table.name, **counts}, level)]
