"""Read a page of rows, and take it into the intermediate database through the rules that deliveries obey."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from ...domain import values
from ...domain.errors import FieldIssue
from ...domain.schedule import zone
from ...domain.staging import Outcome
from ...domain.tables import TABLES
from ...domain.view_plan import Fetched, Plan
from ...domain.view_positions import dump_value, load_value
from ...domain.view_problems import TableRefused
from ...domain.view_progress import Progress
from ...domain.view_rows import Converted, converter
from ..ingestion import Receipt, ingest
from ..work import Line, Step, Work
from . import page_log
from .parts import Session, ViewParts
from .vanished import folder

MOST_KEYLESS: Final = 1_000


def read_page(work: Work, parts: ViewParts, session: Session, progress: Progress) -> tuple[Progress, Step]:
    """Read the next rows in the order of their keys."""
    recovered = parts.journal(False).recover(work.integration_id, progress.name)
    after = tuple(map(load_value, progress.after)) if progress.after is not None else None
    since = load_value(progress.since) if progress.since else None
    page = session.stream(progress.name).take(after, since)
    read = replace(progress, phase="keyless") if page.end else progress
    if not page.rows:
        return read, Step({})
    try:
        last = [dump_value(part) for part in page.last or ()]
    except TypeError as error:
        raise _unordered(session, progress, str(error)) from error
    found = _converted(session, progress.name, page.rows)
    fresh = progress.fresh and _as_stored(session.plan(progress.name), page.rows, found)
    receipt = _take(work, parts, session, progress, found, page.fetched, fresh=fresh and not recovered)
    read = replace(
        read,
        after=last,
        fresh=fresh,
        pages=progress.pages + progress.whole,
        at=values.instant_text(work.now),
    )
    return _counted(read, receipt), Step({}, processed=receipt.received, rejected=_refused(receipt))


def _converted(session: Session, name: str, rows: Sequence[Sequence[Any]]) -> list[Converted]:
    convert = converter(session.plan(name), zone(session.source.timezone))
    return [convert(row) for row in rows]


def _as_stored(plan: Plan, rows: Sequence[Sequence[Any]], found: Sequence[Converted]) -> bool:
    """Tell whether all keys are stored just as the database has them.

    Where they are not (padding, leading zeros of a number), rows that differ there may be one record here,
    and what was written a page before has to be read.
    """
    fields = plan.table.key_fields
    return all(
        all(
            str(one.record.get(field)) == str(part)
            for field, part in zip(fields, plan.row_key(row), strict=True)
        )
        for row, one in zip(rows, found, strict=True)
    )


def _unordered(session: Session, progress: Progress, kind: str) -> TableRefused:
    return TableRefused("view_keys_unordered", host=session.database.place, view=progress.view, cause=kind)


def read_keyless(work: Work, parts: ViewParts, session: Session, progress: Progress) -> tuple[Progress, Step]:
    """Read the rows that no order leads to: nothing can be stored without a key, but it has to be told."""
    parts.journal(False).recover(work.integration_id, progress.name)
    plan = session.plan(progress.name)
    fetched = session.database.keyless(plan, MOST_KEYLESS)
    after = replace(progress, phase="compare" if progress.whole else "done", at=values.instant_text(work.now))
    if not fetched.rows:
        return after, Step({})
    found = _converted(session, progress.name, fetched.rows)
    receipt = _take(work, parts, session, progress, found, fetched, fresh=False)
    total = len(fetched.rows) if fetched.complete else session.database.count_keyless(plan)
    unread = max(0, total - len(fetched.rows))
    counted = _counted(replace(after, pages=progress.pages + progress.whole), receipt)
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
    if progress.whole:
        seen = parts.seen(folder(work, progress))
        met = [one.stored_as for one in receipt.results]
        jobs.append(parts.beside(lambda: seen.save(progress.pages, met)))
    for job in jobs:
        job.result()
    return receipt


def _complete(parts: ViewParts, logged: page_log.PageLog, receipt: Receipt, started: float) -> None:
    spent = round((time.monotonic() - started) * 1_000)
    logged.complete(
        page_log.answer_of(receipt, parts.rendered),
        page_log.counts_of(receipt),
        status=200,
        milliseconds=spent,
    )


def _counted(progress: Progress, receipt: Receipt) -> Progress:
    return progress.counted(rows=receipt.received, **{one.value: n for one, n in receipt.counts.items()})


def _refused(receipt: Receipt) -> int:
    return receipt.counts[Outcome.REJECTED]
