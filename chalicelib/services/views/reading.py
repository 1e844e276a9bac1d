"""Stage extract of a View integration: each table's view, page by page, into the intermediate database.

Cursor: `tables` still to be read, the first of them now; `of` how many there were; `failed` names of tables
that could not be read; `table`: where the reading of the first one stands (see `domain.view_progress`);
`settled`: the table that the last step was done with, and its pages of keys.
"""

from dataclasses import replace
from typing import Any, Final

from ...domain import values
from ...domain.errors import FieldIssue
from ...domain.tables import TABLES
from ...domain.view_problems import SourceLost, SourceRefused, TableRefused, ViewProblem
from ...domain.view_progress import Progress
from ...domain.view_source import ViewSource
from ..work import Line, RunFailed, Step, Work
from . import page_log, vanished
from .opening import open_table
from .parts import ViewParts
from .rows import read_keyless, read_page

_PHASES: Final = {
    "open": open_table,
    "rows": read_page,
    "keyless": read_keyless,
    "compare": vanished.compare,
    "sweep": vanished.sweep,
}


def step(work: Work, cursor: dict[str, Any]) -> Step:
    """Read one page, or do one other piece of the first table that is left; the last one ends the stage."""
    parts = work.views
    assert parts is not None, "the extracting function has them"
    source = parts.sources.find(work.integration_id)
    if source is None:
        raise RunFailed("view_not_set", {})
    if settled := cursor.get("settled"):
        parts.seen(vanished.folder(work, settled[0])).clear(range(settled[1]))
    if "tables" not in cursor:
        for name in TABLES:  # also those that are not read any more
            parts.journal(False).recover(work.integration_id, name)
        names = [name for name in TABLES if name in source.tables]
        cursor = {"tables": names, "of": len(names), "failed": []}
    waiting = [name for name in cursor["tables"] if name in source.tables]
    if not waiting:
        return _end(work, cursor)
    cursor = {**cursor, "tables": waiting, "settled": None}
    try:
        return _step(work, parts, source, cursor)
    except SourceRefused as problem:
        raise RunFailed(problem.code, problem.params) from problem
    except SourceLost as problem:
        view = problem.params.get("view") or source.tables[waiting[0]].title
        raise SourceLost("view_connection_lost", **{**problem.params, "view": view}) from problem
    except TableRefused as problem:
        return _skip(work, parts, cursor, problem)


def _step(work: Work, parts: ViewParts, source: ViewSource, cursor: dict[str, Any]) -> Step:
    """Do one piece of the first table; its end moves on to the next one."""
    name = cursor["tables"][0]
    session = parts.session_of(source, (work.run.run_id, work.run.hop))
    progress = Progress.from_json(cursor.get("table") or {}, name, source.version)
    found, done = parts.patiently(lambda: _PHASES[progress.phase](work, parts, session, progress))
    found = replace(found, at=values.instant_text(work.now))
    if found.phase != "done":
        return replace(done, cursor={**cursor, "table": found.to_json()})
    known = parts.sources.states(work.integration_id).get(name, {})
    parts.sources.note(
        work.integration_id, name, found.state(known, work.run.run_id, source, session.database.place)
    )
    return replace(done, cursor=_next(cursor, found), lines=(*done.lines, _summary(found)))


def _next(cursor: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Move on to the next table; what only this one's reading needed is forgotten once that is saved."""
    settled = [progress.name, progress.pages] if progress.pages else None
    return {**cursor, "tables": cursor["tables"][1:], "table": None, "settled": settled}


def _skip(work: Work, parts: ViewParts, cursor: dict[str, Any], problem: ViewProblem) -> Step:
    """Leave a table that cannot be read, and say so where people look: the run's log, and the request log."""
    name = cursor["tables"][0]
    progress = Progress.from_json(cursor.get("table") or {}, name, 0)
    entry = page_log.entry_of(work, name, problem.params.get("view", name))
    logged = page_log.begin(parts, entry, {"view": problem.params.get("view"), "table": name})
    told = parts.rendered([FieldIssue("", problem.code, {"table": name, **problem.params})])
    answer = {"request_id": entry.request_id, "table": name, "code": problem.code, "errors": told}
    logged.complete(answer, {}, status=502, milliseconds=0)
    after = _next({**cursor, "failed": [*cursor["failed"], name]}, progress)
    line = Line(problem.code, {"table": name, **problem.params}, "error", {"request_id": entry.request_id})
    return Step(after, rejected=1, lines=(line,))


def _end(work: Work, cursor: dict[str, Any]) -> Step:
    if cursor["of"] and len(cursor["failed"]) == cursor["of"]:
        raise RunFailed("view_no_table_read", {"tables": ", ".join(cursor["failed"])})
    return Step(None)


def _summary(progress: Progress) -> Line:
    counts = {name: str(number) for name, number in progress.counts.items()}
    code = "view_table_read_whole" if progress.whole else "view_table_read_changes"
    level = "warning" if progress.counts["rejected"] or progress.held else "info"
    return Line(code, {"table": progress.name, "view": progress.view, **counts}, level)
