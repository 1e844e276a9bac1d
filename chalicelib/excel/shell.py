"""The workbook's shell, by openpyxl: sheets with headers, widths, filters and styles, and the summary."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from .rows import DATE_STYLE
from .texts import printable

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

DATE_FORMATS: Final = {"pt-BR": "dd/mm/yyyy hh:mm:ss.000", "en": "yyyy-mm-dd hh:mm:ss.000"}
MAX_COLUMNS: Final = 16_384
_NAME_LENGTH: Final = 31
_FORBIDDEN: Final = str.maketrans(dict.fromkeys([*"[]:*?/\\", *map(chr, range(32))], "_"))
_RESERVED: Final = "history"  # Excel keeps it for a sheet of its own


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet whose rows are streamed.

    titles, widths  of the columns; the last `continued` are bodies
    rows            below the header
    widest          turns of continuation columns, behind the others
    """

    name: str
    titles: Sequence[str]
    widths: Sequence[float]
    rows: int
    continued: int = 0
    widest: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """The first sheet: facts (label, value), notes, and a table of totals with its header first.

    A value that is a naive datetime is shown as a date and time.
    """

    name: str
    title: str
    facts: Sequence[tuple[str, Any]]
    notes: Sequence[str]
    totals: Sequence[Sequence[Any]]


def build(sheets: Sequence[Sheet], summary: Summary | None, date_format: str) -> bytes:
    """Build the workbook without the streamed rows; the summary, if any, is the first of its sheets."""
    from openpyxl import Workbook

    book = Workbook()
    first = book.active
    assert first is not None, "a new workbook has a sheet"
    # The first style that is used gets number 1, which is what streamed rows name.
    date = first.cell(1, 1, 1)
    date.number_format = date_format
    assert date.style_id == DATE_STYLE, "streamed rows show dates"
    date.value = None
    names = {_RESERVED}
    if summary:
        first.title = _free(summary.name, names)
        _write_summary(first, summary, date)
    for number, sheet in enumerate(sheets):
        page = book.create_sheet() if summary or number else first
        page.title = _free(sheet.name, names)
        _write_header(page, sheet)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def file_of(number: int) -> str:
    """Name the file of a workbook's sheet, counted from 1."""
    return f"xl/worksheets/sheet{number}.xml"


def _free(name: str, taken: set[str]) -> str:
    """Give a sheet a name that Excel takes and that no other has."""
    clean = _cut(name.translate(_FORBIDDEN).strip("' "), _NAME_LENGTH) or "_"
    found, number = clean, 2
    while found.casefold() in taken:
        mark = f" ({number})"
        found, number = _cut(clean, _NAME_LENGTH - len(mark)) + mark, number + 1
    taken.add(found.casefold())
    return found


def _cut(name: str, units: int) -> str:
    """Keep so many UTF-16 units, no half of a character, and no apostrophe or space at the end."""
    return name.encode("utf-16-le", "ignore")[: 2 * units].decode("utf-16-le", "ignore").rstrip("' ")


def _write_header(page: "Worksheet", sheet: Sheet) -> None:
    from openpyxl.utils import get_column_letter

    titles = list(sheet.titles)
    bodies = titles[len(titles) - sheet.continued :] if sheet.continued else []
    for turn in range(sheet.widest):
        titles += [f"{title} ({turn + 2})" for title in bodies]
    assert len(titles) <= MAX_COLUMNS, "a body ends before the columns do"
    widths = [*sheet.widths, *([sheet.widths[-1]] * (len(titles) - len(sheet.widths)))]
    for column, (title, width) in enumerate(zip(titles, widths, strict=True), 1):
        _as_header(page.cell(1, column, title))
        page.column_dimensions[get_column_letter(column)].width = width
    page.freeze_panes = "A2"
    reference = f"A1:{get_column_letter(len(titles))}{sheet.rows + 1}"
    page.auto_filter.ref = reference
    # openpyxl sees the header only, and some programs read no further than a sheet says it goes.
    setattr(page, "calculate_dimension", lambda: reference)  # noqa: B010


def _write_summary(page: "Worksheet", summary: Summary, date: "Cell | MergedCell") -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    page.cell(1, 1, summary.title).font = Font(bold=True, size=14)
    row = 3
    for label, value in summary.facts:
        page.cell(row, 1, label).font = Font(bold=True)
        cell = page.cell(row, 2)
        _set(cell, value)
        cell.alignment = Alignment(horizontal="left")
        if isinstance(value, datetime):
            cell.number_format = date.number_format
        row += 1
    for note in summary.notes:
        page.cell(row + 1, 1, note).font = Font(italic=True)
        row += 1
    row += 2
    for number, line in enumerate(summary.totals):
        for column, value in enumerate(line, 1):
            cell = page.cell(row + number, column)
            _set(cell, value)
            if number == 0:
                _as_header(cell)
            elif number == len(summary.totals) - 1:
                cell.font = Font(bold=True)
    page.column_dimensions["A"].width = 26
    page.column_dimensions["B"].width = 60
    for column in range(3, max((len(line) for line in summary.totals), default=2) + 1):
        page.column_dimensions[get_column_letter(column)].width = 14


def _set(cell: "Cell | MergedCell", value: Any) -> None:
    """Put a value into a cell; a text stays a text, whatever it begins with."""
    cell.value = printable(value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"


def _as_header(cell: "Cell | MergedCell") -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = PatternFill("solid", fgColor="1F4E78")
    cell.alignment = Alignment(vertical="center", wrap_text=True)
