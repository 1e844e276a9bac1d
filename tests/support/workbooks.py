"""Workbooks written and read back, by two libraries that share no code with each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import openpyxl
from python_calamine import CalamineWorkbook

from chalicelib.excel.joining import plan
from chalicelib.excel.rows import Kind, Position, Rows, Segment
from chalicelib.excel.shell import DATE_FORMATS, Sheet, build, file_of
from chalicelib.excel.texts import unescape

BODIES: tuple[Kind, ...] = ("plain", "text", "text")


@dataclass
class Written:
    """A workbook made of segments, and the segments."""

    content: bytes
    segments: list[Segment]


def written(taken: Sequence[tuple[Segment, bytes]], titles: Sequence[str], continued: int = 0) -> Written:
    """Join the segments of one table into a workbook."""
    segments = [segment for segment, _ in taken]
    by_sheet: dict[int, list[int]] = {}
    for at, segment in enumerate(segments):
        by_sheet.setdefault(segment.sheet, []).append(at)
    sheets = [
        Sheet(
            "tabela",
            titles,
            [20] * len(titles),
            sum(segments[at].rows for at in places),
            continued,
            max(segments[at].widest for at in places),
        )
        for places in by_sheet.values()
    ] or [Sheet("tabela", titles, [20] * len(titles), 0, continued)]
    shell = build(sheets, None, DATE_FORMATS["pt-BR"])
    named = [_Named(segment, content) for segment, content in taken]
    rows = {file_of(at): [named[place] for place in places] for at, places in enumerate(by_sheet.values(), 1)}
    pieces = plan(shell, rows)
    return Written(b"".join(one if isinstance(one, bytes) else one.content for one in pieces), segments)


@dataclass(frozen=True)
class _Named:
    segment: Segment
    content: bytes

    @property
    def crc(self) -> int:
        return self.segment.crc

    @property
    def size(self) -> int:
        return self.segment.size

    @property
    def raw_size(self) -> int:
        return self.segment.raw_size


def bodies_written(bodies: Sequence[tuple[str, str]], **limits: int) -> Written:
    """Write pairs of bodies, each behind an id."""
    rows = Rows(BODIES, Position(), continued=2, **limits)
    for number, (request, response) in enumerate(bodies):
        rows.add((f"id-{number}", request, response))
    return written(rows.take(), ("Id", "Pedido", "Resposta"), continued=2)


def cells(content: bytes) -> list[list[list[Any]]]:
    """Read every sheet's rows below the header with openpyxl."""
    book = openpyxl.load_workbook(BytesIO(content))
    return [[list(row) for row in sheet.iter_rows(min_row=2, values_only=True)] for sheet in book.worksheets]


def bodies_read(content: bytes) -> list[tuple[str, str]]:
    """Join the cells of each row's bodies again, as openpyxl reads them."""
    return [_joined(row) for sheet in cells(content) for row in sheet]


def bodies_read_by_calamine(content: bytes) -> list[tuple[str, str]]:
    """Join the cells of each row's bodies again, as calamine reads them: it undoes most escapes itself."""
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()[1:]]
    return [("".join(map(str, row[1::2])), "".join(map(str, row[2::2]))) for row in rows]


def _joined(row: Sequence[Any]) -> tuple[str, str]:
    request, response = ("".join(one or "" for one in row[at::2]) for at in (1, 2))
    return unescape(request), unescape(response)
