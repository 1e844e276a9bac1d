"""Whole workbooks in memory, for files of some ten thousand rows."""

from collections.abc import Iterable, Sequence
from typing import Any

from .joining import plan
from .rows import Kind, Rows
from .shell import Sheet, build, file_of


def workbook(
    name: str,
    titles: Sequence[str],
    widths: Sequence[float],
    kinds: Sequence[Kind],
    rows: Iterable[Sequence[Any]],
    date_format: str,
    continued: int = 0,
) -> bytes:
    """Write rows as a workbook; a second sheet begins where the first is full."""
    writer = Rows(kinds, continued=continued)
    for row in rows:
        writer.add(row)
    taken = writer.take()
    contents = {segment.sheet: (segment, content) for segment, content in taken}
    numbers = range(1, max(contents, default=1) + 1)
    sheets = [
        Sheet(name, titles, widths, one.rows if one else 0, continued, one.widest if one else 0)
        for one in [contents[number][0] if number in contents else None for number in numbers]
    ]
    shell = build(sheets, None, date_format)
    segments = {file_of(number): [segment] for number, (segment, _) in contents.items()}
    packed = {id(segment): content for segment, content in contents.values()}
    pieces = plan(shell, segments)
    return b"".join(piece if isinstance(piece, bytes) else packed[id(piece)] for piece in pieces)
