"""Begin a table: look its view up, decide between a whole reading and the changes, and where to begin."""

from dataclasses import replace
from typing import Any

from ...domain.counters import Counters
from ...domain.schedule import zone
from ...domain.view_plan import Plan
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
    session.reached[name] = None
    parts.journal(False).recover(work.integration_id, name)
    plan = session.plan(name)
    if plan.issues:
        issue = plan.issues[0]
        params = {"host": session.database.place, "view": plan.view.title, "cause": "", **issue.params}
        raise TableRefused(issue.code, **params)
    state = parts.sources.states(work.integration_id).get(name, {})
    asked = name in work.run.allowed_deletions  # which only a whole reading finds
    whole = asked or due_whole(wanted, state, session.source, session.database.place, work.now)
    high = since = None
    if wanted.watermark:
        high = _highest(work, session, plan, wanted.watermark)
        if not whole:
            known = load_value(state["watermark"])
            since = dump_value(before(known, _overlap(wanted.watermark, known)))
    first = whole and work.records.holds_nothing(work.integration_id, name)
    opened = replace(
        progress,
        phase="rows",
        view=plan.view.title,
        whole=whole,
        first=first,
        fresh=first and plan.by_key,
        since=since,
        high=high,
        live=work.records.counters(work.integration_id).get(name, Counters()).records,
    )
    code = "view_reading_whole" if whole else "view_reading_changes"
    params = {"table": name, "view": plan.view.title, "since": str(since[1]) if since else ""}
    return opened, Step({}, lines=(Line(code, params),))


def _highest(work: Work, session: Session, plan: Plan, watermark: Watermark) -> list[Any] | None:
    """Read the highest watermark before any row is: whatever changes meanwhile lies behind it."""
    found = session.database.highest(plan)
    if found is None:
        return None
    if kind_of_watermark(found) is None:
        raise TableRefused(
            "view_watermark_kind",
            host=session.database.place,
            view=plan.view.title,
            cause=type(found).__name__,
            column=watermark.column,
        )
    return dump_value(not_later(found, work.now, zone(session.source.timezone)))


def _overlap(watermark: Watermark, known: object) -> int:
    if watermark.overlap is not None:
        return watermark.overlap
    return DEFAULT_OVERLAPS.get(kind_of_watermark(known) or "", 0)
