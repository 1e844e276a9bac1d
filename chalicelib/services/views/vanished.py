"""Rows that are gone from a view that was read whole are deletions, unless there are suspiciously many."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ...domain import staging
from ...domain.staging import Outcome, Staged, Write
from ...domain.tables import DELETED, KEY_SEPARATOR, TABLES, Table
from ...domain.validation import ValidRecord, validate
from ...domain.view_progress import Progress, too_many
from ..work import Line, Step, Work
from . import page_log
from .parts import Session, ViewParts

if TYPE_CHECKING:
    from ...storage.seen_keys import Met

KEYS: Final = 5_000
DELETIONS: Final = 500


def folder(work: Work, name: str) -> str:
    """Name where the keys that a table's reading has met are kept."""
    return f"views/{work.integration_id}/{work.run.run_id}/{name}"


def compare(work: Work, parts: ViewParts, session: Session, progress: Progress) -> tuple[Progress, Step]:
    """Count the stored keys of one partition that the reading has not met; the last one judges them all."""
    found = live = 0
    behind: str | None = None
    met, bucket = _met(work, parts, session, progress), progress.bucket
    while True:
        known, behind = work.records.known(work.integration_id, progress.name, bucket, behind, KEYS)
        for key, is_live, refused in known:
            if (is_live or refused) and not met.has(bucket, key):
                found += 1
                live += is_live
        if behind is None:
            break
    vanished = (*progress.vanished, found)
    counted = replace(progress, vanished=vanished, gone=progress.gone + live, bucket=bucket + 1)
    if counted.bucket < work.records.partitions:
        return counted, Step({})
    return _judged(work, counted)


def _judged(work: Work, progress: Progress) -> tuple[Progress, Step]:
    if not sum(progress.vanished):
        return replace(progress, phase="done"), Step({})
    allowed = progress.name in work.run.allowed_deletions
    if too_many(progress.gone, progress.live) and not allowed:
        held = replace(progress, phase="done", held=True).counted(held=progress.gone)
        params = {"table": progress.name, "view": progress.view}
        params |= {"gone": str(progress.gone), "records": str(progress.live)}
        code = "view_deletions_held" if progress.counts["rows"] else "view_deletions_held_empty"
        return held, Step({}, rejected=progress.gone, lines=(Line(code, params, "error"),))
    return replace(progress, phase="sweep", bucket=0, behind=None), Step({})


def sweep(work: Work, parts: ViewParts, session: Session, progress: Progress) -> tuple[Progress, Step]:
    """Delete the keys of one partition that the reading has not met, a few hundred a step."""
    parts.journal(False).recover(work.integration_id, progress.name)
    bucket, behind = progress.bucket, progress.behind
    while bucket < work.records.partitions and not progress.vanished[bucket]:
        bucket, behind = bucket + 1, None
    if bucket == work.records.partitions:
        return replace(progress, phase="done"), Step({})
    met = _met(work, parts, session, progress)
    known, more = work.records.known(work.integration_id, progress.name, bucket, behind, KEYS)
    gone = [key for key, is_live, refused in known if (is_live or refused) and not met.has(bucket, key)]
    taken = gone[:DELETIONS]
    if len(gone) > DELETIONS:
        more = taken[-1]
    deleted = _delete(work, parts, session, progress, taken) if taken else 0
    after = replace(progress, bucket=bucket, behind=more)
    if more is None:
        after = replace(after, bucket=bucket + 1)
    return after.counted(deleted=deleted), Step({}, processed=deleted)


def _met(work: Work, parts: ViewParts, session: Session, progress: Progress) -> "Met":
    """Read which keys the reading has met, once a session."""
    if progress.name not in session.met:
        session.met[progress.name] = parts.seen(folder(work, progress.name)).load(progress.pages)
    return session.met[progress.name]


def _delete(work: Work, parts: ViewParts, session: Session, progress: Progress, keys: list[str]) -> int:
    """Delete records, and forget refusals of rows that are gone; logged like a page."""
    table = TABLES[progress.name]
    entry = page_log.entry_of(work, table.name, progress.view)
    request_id, at = entry.request_id, entry.at
    outcomes: dict[str, Outcome] = {}

    def decide(key: str, stored: Staged | None) -> Write | None:
        outcomes[key] = Outcome.UNCHANGED
        if stored is None or (stored.deleted and not stored.rejection):
            return None
        record = validate(table, deletion(table, key)) if stored.live else None
        if isinstance(record, ValidRecord):
            decision = staging.decide(stored, record, table.name, at, request_id)
            outcomes[key] = decision.outcome
            return (
                Write(stored, decision.write, (decision.change,))
                if decision.write and decision.change
                else None
            )
        cleared = replace(
            stored, revision=stored.revision + 1, rejection=None, deleted=True, request_id=request_id
        )
        return Write(stored, cleared)

    request = {
        "database": session.database.place,
        "view": progress.view,
        "rows": 0,
        "vanished": len(keys),
        "records": [_shown(table, key) for key in keys],
    }
    logged = page_log.begin(parts, entry, request)
    parts.journal(False).rewrite(
        work.integration_id, table.name, keys, decide, label=request_id, at=at, before_write=logged.wait
    )
    counts = {outcome.value: 0 for outcome in Outcome} | {"received": len(keys)}
    for outcome in outcomes.values():
        counts[outcome.value] += 1
    results = [[_shown_key(key), outcomes[key].value] for key in keys]
    answer = {"request_id": request_id, "table": table.name, **counts, "errors": [], "warnings": []}
    logged.complete({**answer, "results": results}, counts, status=200, milliseconds=0, named=keys)
    return counts[Outcome.DELETED.value]


def deletion(table: Table, key: str) -> dict[str, Any]:
    """Write the deletion of a record as an ERP would send it."""
    kinds = {field.name: field.kind for field in table.fields}
    parts = key.split(KEY_SEPARATOR) if len(table.key_fields) > 1 else [key]
    named: dict[str, Any] = dict(zip(table.key_fields, parts, strict=False))
    return {name: int(part) if kinds[name] == "integer" else part for name, part in named.items()} | {
        DELETED: True
    }


def _shown(table: Table, key: str) -> dict[str, Any]:
    return {"quarantined": True} if key.startswith("\x01") else deletion(table, key)


def _shown_key(key: str) -> str | None:
    return None if key.startswith("\x01") else key
