"""Rows that are gone from a view that was read whole are deletions, unless there are suspiciously many."""

from dataclasses import replace
from typing import TYPE_CHECKING

from ...domain.staging import Outcome
from ...domain.tables import TABLES
from ...domain.vanishing import too_many
from ...domain.view_progress import Progress
from ..absence import DELETIONS, Removal, look, shown
from ..work import Line, Step, Work
from . import page_log
from .parts import Session, ViewParts

if TYPE_CHECKING:
    from ...storage.seen_keys import Met


def folder(work: Work, name: str) -> str:
    """Name where the keys that a table's reading has met are kept."""
    return f"views/{work.integration_id}/{work.run.run_id}/{name}"


def compare(work: Work, parts: ViewParts, session: Session, progress: Progress) -> tuple[Progress, Step]:
    """Count the stored keys of one partition that the reading has not met; the last one judges them all."""
    found = live = 0
    behind: str | None = None
    met = _met(work, parts, session, progress)
    while True:
        seen = look(work.records, work.integration_id, progress.name, progress.bucket, behind, met.has)
        found += len(seen.absent)
        live += seen.live_absent
        behind = seen.more
        if behind is None:
            break
    vanished = (*progress.vanished, found)
    counted = replace(progress, vanished=vanished, gone=progress.gone + live, bucket=progress.bucket + 1)
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
    seen = look(work.records, work.integration_id, progress.name, bucket, behind, met.has)
    taken, more = seen.absent[:DELETIONS], seen.more
    if len(seen.absent) > DELETIONS:
        more = taken[-1]
    deleted = _delete(work, parts, session, progress, taken) if taken else 0
    after = replace(progress, bucket=bucket, behind=more)
    if more is None:
        after = replace(after, bucket=bucket + 1)
    return after.counted(deleted=deleted), Step({}, processed=deleted)


def _met(work: Work, parts: ViewParts, session: Session, progress: Progress) -> "Met":
    """Read which keys the reading has met, once a session."""
    if progress.name not in session.met:
        session.met[progress.name] = parts.seen(folder(work, progress.name)).load(range(progress.pages))
    return session.met[progress.name]


def _delete(work: Work, parts: ViewParts, session: Session, progress: Progress, keys: list[str]) -> int:
    """Delete records, and forget refusals of rows that are gone; logged like a page."""
    table = TABLES[progress.name]
    entry = page_log.entry_of(work, table.name, progress.view)
    removal = Removal(table, entry.at, entry.request_id)
    request = {
        "database": session.database.place,
        "view": progress.view,
        "rows": 0,
        "vanished": len(keys),
        "records": [shown(table, key) for key in keys],
    }
    logged = page_log.begin(parts, entry, request)
    parts.journal(False).rewrite(
        work.integration_id,
        table.name,
        keys,
        removal.decide,
        label=entry.request_id,
        at=entry.at,
        before_write=logged.wait,
    )
    counts = removal.counts()
    logged.complete(removal.answer(keys), counts, status=200, milliseconds=0, named=keys)
    return counts[Outcome.DELETED.value]
