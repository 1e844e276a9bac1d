"""Begin a table: look its view up, decide between a whole reading and the changes, and where to begin."""

from dataclasses import replace

from ...domain.counters import Counters
from ...domain.schedule import zone
from ...domain.view_positions import before, dump_value, kind_of_watermark, load_value, not_later
from ...domain.view_problems import TableRefused
from ...domain.view_progress import Progress, due_whole
from ...domain.view_source import DEFAULT_OVERLAPS, Watermark
from ..work import Line, Step, Work
from .parts import Session, ViewParts


def open_table(work: Work, parts: ViewParts, session: Session, progress: Progress) -> tuple[Progress, Step]:
    """Open the first table that is left; raises TableRefused when its columns do not fit."""
    name, wanted = progress.name, session.source.tables[progress.name]
    session.streams.pop(name, None)
    parts.journal(False).recover(work.integration_id, name)
    plan = session.plan(name)
    if plan.issues:
        first = plan.issues[0]
        raise TableRefused(
            first.code,
            **{"host": session.database.place, "view": plan.view.title, "cause": "", **first.params},
        )
    state = parts.sources.states(work.integration_id).get(name, {})
    whole = due_whole(wanted, state, session.source, work.now)
    high = since = None
    if wanted.watermark:
        found = session.database.highest(plan)
        if found is not None and kind_of_watermark(found) is None:
            raise TableRefused(
                "view_watermark_kind",
                host=session.database.place,
                view=plan.view.title,
                cause=type(found).__name__,
                column=wanted.watermark.column,
            )
        if found is not None:
            high = dump_value(not_later(found, work.now, zone(session.source.timezone)))
        if not whole:
            known = load_value(state["watermark"])
            since = dump_value(before(known, _overlap(wanted.watermark, known)))
    counters = work.records.counters(work.integration_id).get(name, Counters())
    opened = replace(
        progress,
        phase="rows",
        view=plan.view.title,
        whole=whole,
        fresh=whole and plan.by_key and work.records.holds_nothing(work.integration_id, name),
        since=since,
        high=high,
        live=counters.records,
    )
    code = "view_reading_whole" if whole else "view_reading_changes"
    params = {"table": name, "view": plan.view.title, "since": str(since[1]) if since else ""}
    return opened, Step({}, lines=(Line(code, params),))


def _overlap(watermark: Watermark, known: object) -> int:
    if watermark.overlap is not None:
        return watermark.overlap
    return DEFAULT_OVERLAPS.get(kind_of_watermark(known) or "", 0)
