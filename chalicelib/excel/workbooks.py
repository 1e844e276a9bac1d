"""Whole workbooks in memory, for files whose compressed rows fit there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .joining import plan
from .rows import Kind, Rows, Segment
from .shell import Sheet, Summary, build, file_of


@dataclass(frozen=True, slots=True)
class Part:
    """Rows under titles: one sheet, or several if they are too many; see `rows.Rows` for `continued`."""

    name: str
    titles: Sequence[str]
    widths: Sequence[float]
    kinds: Sequence[Kind]
    rows: Iterable[Sequence[Any]]
    continued: int = 0


def workbook_of(parts: Iterable[Part], summary: Summary | None, date_format: str) -> bytes:
    """Write parts as a workbook, one after the other; the summary, if any, comes first."""
    sheets: list[Sheet] = []
    segments: dict[str, list[Segment]] = {}
    packed: dict[int, bytes] = {}
    for part in parts:
        writer = Rows(part.kinds, continued=part.continued)
        for row in part.rows:
            writer.add(row)
        taken = {segment.sheet: (segment, content) for segment, content in writer.take()}
        for number in range(1, max(taken, default=1) + 1):
            one = taken[number][0] if number in taken else None
            rows, widest = (one.rows, one.widest) if one else (0, 0)
            sheets.append(Sheet(part.name, part.titles, part.widths, rows, part.continued, widest))
            if one:
                segments[file_of(len(sheets) + bool(summary))] = [one]
                packed[id(one)] = taken[number][1]
    pieces = plan(build(sheets, summary, date_format), segments)
    return b"".join(piece if isinstance(piece, bytes) else packed[id(piece)] for piece in pieces)


def workbook(
    name: str,
    titles: Sequence[str],
    widths: Sequence[float],
    kinds: Sequence[Kind],
    rows: Iterable[Sequence[Any]],
    date_format: str,
    continued: int = 0,
) -> bytes:
    """Write rows as a workbook without a summary."""
    return workbook_of([Part(name, titles, widths, kinds, rows, continued)], None, date_format)
