"""The shell of an export's workbook: which sheets it has, and what the summary says."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..domain.exports import Export
from ..domain.request_log import NO_TABLE, SITUATIONS
from .history import COUNTS, REJECTED, HistoryRows, Stored, Texts, columns_of, continued_of
from .joining import plan
from .rows import MAX_ROWS
from .shell import DATE_FORMATS, Sheet, Summary, build, file_of


@dataclass(frozen=True, slots=True)
class HistoryBook:
    """Everything that a job needs of the workbook; `max_rows` of a sheet below its header."""

    texts: Texts
    max_rows: int = MAX_ROWS

    def rows(self, export: Export, zone: ZoneInfo, now: datetime) -> HistoryRows:
        """Take up the writing of rows where the export stands."""
        return HistoryRows(export, zone, self.texts, now, self.max_rows)

    def shell(self, export: Export, integration_name: str, zone: ZoneInfo, now: datetime) -> bytes:
        """Build the shell of a workbook whose rows are all written."""
        sheets = []
        for key, number, segments in _sheets(export):
            columns = columns_of(key)
            titles = [self.texts(f"column_{name}", {}, export.language) for name, _, _ in columns]
            code = {REJECTED: "sheet_rejected", NO_TABLE: "sheet_none"}.get(key)
            name = self.texts(code, {}, export.language) if code else key
            sheets.append(
                Sheet(
                    f"{name} ({number})" if number > 1 else name,
                    titles,
                    [width for _, _, width in columns],
                    sum(one.rows for one in segments),
                    continued_of(key),
                    max((one.widest for one in segments), default=0),
                )
            )
        summary = _summary(export, integration_name, zone, self.texts, now)
        return build(sheets, summary, DATE_FORMATS[export.language])

    def pieces(self, shell: bytes, export: Export) -> list["bytes | Stored"]:
        """List the pieces of the finished file, in order; always the same for the same export."""
        rows = {file_of(at): segments for at, (_, _, segments) in enumerate(_sheets(export), 2)}
        return list(plan(shell, rows))

    def segments(self, export: Export) -> list[Stored]:
        """List all segments that are written."""
        return [Stored(*saved) for saved in export.segments]


def _sheets(export: Export) -> Iterator[tuple[str, int, list[Stored]]]:
    """List the sheets: key, number, segments. A table without requests has an empty one."""
    stored = [Stored(*saved) for saved in export.segments]
    for key in (*export.tables, REJECTED):
        mine = [one for one in stored if one.key == key]
        if not mine and key == NO_TABLE:
            continue
        for number in range(1, max((one.sheet for one in mine), default=1) + 1):
            yield key, number, [one for one in mine if one.sheet == number]


def _summary(export: Export, integration_name: str, zone: ZoneInfo, texts: Texts, now: datetime) -> Summary:
    def said(code: str, **params: str) -> str:
        return texts(code, params, export.language)

    def local(moment: datetime) -> datetime:
        return moment.astimezone(zone).replace(tzinfo=None)

    facts: list[tuple[str, Any]] = [
        (said("summary_integration"), integration_name),
        (said("summary_from"), local(export.period.since)),
        (said("summary_to"), local(export.period.until)),
        (said("summary_timezone"), zone.key),
        (said("summary_generated_at"), local(now)),
        (said("summary_requested_at"), local(export.requested_at)),
        (said("summary_requests"), export.rows),
        (said("summary_rejected"), export.rejected),
        (said("summary_personal_data"), said("summary_masked" if export.masked else "summary_shown")),
    ]
    notes = [said("summary_note_long"), said("summary_note_escapes"), said("summary_note_no_response")]
    return Summary(said("sheet_summary"), said("summary_title"), facts, notes, _totals(export, said))


def _totals(export: Export, said: Any) -> list[list[Any]]:
    counted = [
        "requests",
        *(f"situation_{one}" for one in SITUATIONS),
        *(f"records_{one}" for one in COUNTS),
    ]
    header = [said("column_table"), said("summary_description"), *(said(name) for name in counted)]
    lines: list[list[Any]] = []
    for table in export.tables:
        totals = export.totals.get(table, {})
        if table == NO_TABLE and not totals:
            continue
        name, described = table, f"table_{table}"
        if table == NO_TABLE:
            name, described = said("sheet_none"), "table_none"
        lines.append([name, said(described), *(totals.get(one, 0) for one in counted)])
    sums = [sum(line[at] for line in lines) for at in range(2, len(counted) + 2)]
    return [header, *lines, [said("summary_total"), "", *sums]]
