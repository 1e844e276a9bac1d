"""Read a page of rows, and take it into the intermediate database through the rules that deliveries obey."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from ...domain.errors import FieldIssue
from ...domain.schedule import zone
from ...domain.staging import Outcome
from ...domain.tables import TABLES
from ...domain.view_plan import Fetched, Plan
from ...domain.view_positions import dump_value, load_value
from ...domain.view_problems import TableRefused
from ...domain.view_progress import Progress
from ...domain.view_rows import Converted, converter
from .. import batch_log
from ..ingestion import Receipt, ingest
from ..work import Line, Step, Work
from . import page_log
from .parts import Session, ViewParts
from .vanished import folder

MOST_KEYLESS: Final = 1_000
PAGES_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True)
class _Page:
    """A page's rows as records, and the statement that brought them; `as_stored`: see `_as_stored`."""

    found: list[Converted]
    fetched: Fetched
    as_stored: bool


def read_page(work: Work, parts: ViewParts, session: Session, progress: Progress) -> tuple[Progress, Step]:
    """Read the next few pages of rows in the order of their keys, and take them in side by side."""
    recovered = parts.journal(False).recover(work.integration_id, progress.name)
    pages, last, end = _next_pages(session, progress)
    read = replace(progress, phase="keyless") if end else progress
    if not pages:
        return read, Step({})
    as_stored = all(page.as_stored for page in pages)
    fresh = progress.fresh and as_stored
    unread = fresh and not recovered and session.goes_on(progress.name, progress.after)
    numbered = [
        replace(progress, pages=progress.pages + number * progress.compares) for number in range(len(pages))
    ]
    receipts = parts.together(
        [
            partial(_take, work, parts, session, own, page.found, page.fetched, fresh=unread)
            for own, page in zip(numbered, pages, strict=True)
        ],
        # Rows that differ in the database may be one record here: then a page waits for the one before it.
        as_stored,
    )
    session.reached[progress.name] = last
    read = replace(read, after=last, fresh=fresh, pages=progress.pages + len(pages) * progress.compares)
    for receipt in receipts:
        read = _counted(read, receipt)
    rows, refused = sum(one.received for one in receipts), sum(_refused(one) for one in receipts)
    return read, Step({}, processed=rows, rejected=refused)


def _next_pages(session: Session, progress: Progress) -> tuple[list[_Page], list[Any] | None, bool]:
    """Take some pages behind the position; answers them, the next position, and whether that is all."""
    plan, stream = session.plan(progress.name), session.stream(progress.name)
    position = tuple(map(load_value, progress.after)) if progress.after is not None else None
    since = load_value(progress.since) if progress.since else None
    convert = converter(plan, zone(session.source.timezone))
    pages: list[_Page] = []
    end = False
    while not end and len(pages) < PAGES_AT_ONCE:
        page = stream.take(position, since)
        position, end = page.last, page.end
        if page.rows:
            found = [convert(row) for row in page.rows]
            pages.append(_Page(found, page.fetched, _as_stored(plan, page.rows, found)))
    try:
        return pages, [dump_value(part) for part in position] if position is not None else None, end
    except TypeError as error:
        raise _unordered(session, progress, str(error)) from error


def _as_stored(plan: Plan, rows: Sequence[Sequence[Any]], found: Sequence[Converted]) -> bool:
    """Tell whether all keys are stored just as the database has them.

    Where they are not (padding, leading zeros of a number), rows that differ there may be one record here,
    and what was written a page before has to be read.
    """
    if not plan.by_key:
        return False
    pairs = tuple(zip(plan.table.key_fields, plan.key_places, strict=True))
    return all(
        str(one.record.get(field)) == str(row[place])
        for row, one in zip(rows, found, strict=True)
        for field, place in pairs
    )


def _unordered(session: Session, progress: Progress, kind: str) -> TableRefused:
    return TableRefused("view_keys_unordered", host=session.database.place, view=progress.view, cause=kind)


def read_keyless(work: Work, parts: ViewParts, session: Session, progress: Progress) -> tuple[Progress, Step]:
    """Read the rows that no order leads to: nothing can be stored without a key, but it has to be told."""
    parts.journal(False).recover(work.integration_id, progress.name)
    plan = session.plan(progress.name)
    fetched = session.database.keyless(plan, MOST_KEYLESS)
    after = replace(progress, phase="compare" if progress.compares else "done")
    if not fetched.rows:
        return after, Step({})
    convert = converter(plan, zone(session.source.timezone))
    found = [convert(row) for row in fetched.rows]
    # Asked before anything is written: should the connection break, all of this is done again.
    total = len(fetched.rows) if fetched.complete else session.database.count_keyless(plan)
    receipt = _take(work, parts, session, progress, found, fetched, fresh=False)
    unread = max(0, total - len(fetched.rows))
    counted = _counted(replace(after, pages=progress.pages + progress.compares), receipt)
    params = {"table": progress.name, "view": progress.view, "rows": str(total), "unread": str(unread)}
    params["column"] = ", ".join(plan.keys)
    line = Line("view_rows_keyless", params, "warning")
    return counted.counted(rejected=unread), Step(
        {}, processed=receipt.received, rejected=_refused(receipt) + unread, lines=(line,)
    )


def _take(
    work: Work,
    parts: ViewParts,
    session: Session,
    progress: Progress,
    found: Sequence[Converted],
    fetched: Fetched,
    *,
    fresh: bool,
) -> Receipt:
    """Log ahead, store, remember the keys, and complete the log."""
    started = time.monotonic()
    table, plan = TABLES[progress.name], session.plan(progress.name)
    records = [one.record for one in found]
    entry = page_log.entry_of(work, table.name, plan.view.title)
    request = page_log.request_of(session.database.place, plan.view.title, fetched, records)
    logged = page_log.begin(parts, entry, request)
    receipt = ingest(
        parts.journal(fresh),
        work.integration_id,
        table,
        records,
        request_id=entry.request_id,
        now=work.now,
        before_write=logged.wait,
        one_a_key=True,
    )
    receipt.warnings += [
        FieldIssue(field, "view_text_guessed", index=index, key=receipt.results[index].key)
        for index, one in enumerate(found)
        for field in one.guessed
    ]
    jobs = [parts.beside(lambda: _complete(parts, logged, receipt, started))]
    if progress.compares:
        seen = parts.seen(folder(work, progress.name))
        met = [one.stored_as for one in receipt.results]
        jobs.append(parts.beside(lambda: seen.save(progress.pages, met)))
    for job in jobs:
        job.result()
    return receipt


def _complete(parts: ViewParts, logged: batch_log.BatchLog, receipt: Receipt, started: float) -> None:
    spent = round((time.monotonic() - started) * 1_000)
    logged.complete(
        batch_log.answer_of(receipt, parts.rendered),
        batch_log.counts_of(receipt),
        status=200,
        milliseconds=spent,
        named=receipt.named,
    )


def _counted(progress: Progress, receipt: Receipt) -> Progress:
    return progress.counted(rows=receipt.received, **{one.value: n for one, n in receipt.counts.items()})


def _refused(receipt: Receipt) -> int:
    return receipt.counts[Outcome.REJECTED]
