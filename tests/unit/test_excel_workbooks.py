"""Workbooks as other programs see them: nothing lost, nothing to repair."""

import shutil
import subprocess
from datetime import UTC, datetime
from io import BytesIO
from itertools import product
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from chalicelib.excel.rows import Kind
from chalicelib.excel.shell import DATE_FORMATS, Sheet, Summary, build
from chalicelib.excel.texts import MAX_UNITS, as_text, unescape
from chalicelib.excel.workbooks import workbook
from tests.support.workbooks import bodies_read, bodies_read_by_calamine, bodies_written, cells

HOSTILE: dict[str, str] = {
    "formula": "=1+1",
    "plus": "+1",
    "minus": "-1",
    "at": "@SUM(A1)",
    "command": "=cmd|' /C calc'!A0",
    "control characters": "".join(map(chr, range(32))) + "\x7f",
    "lone surrogates": "\ud800 a \udfff",
    "no text at all": as_text(bytes(range(256))),
    "emoji at the boundary": "x" * (MAX_UNITS - 1) + "😀" + "y" * 10,
    "emoji only": "😀" * MAX_UNITS,
    "a cell exactly": "z" * MAX_UNITS,
    "leading zeros": "000123",
    "line ends": "a\r\nb\rc\nd",
    "spaces": "  \t x \t  ",
    "escapes themselves": "_x000D_ _x0041_ _x005F_",
    "markup": '<row r="1">&amp;</row></sheetData>',
    "non-characters": "\ufffe\uffff",
    "3 MB": ('{"codigo":"00012","nome":"Açaí & Cia"},' * 80_000)[:3_000_000],
}
PAIRS = [(text, text[::-1][:50_000]) for text in HOSTILE.values()]


def test_openpyxl_reads_what_was_written() -> None:
    assert bodies_read(bodies_written(PAIRS).content) == PAIRS


def test_calamine_reads_what_was_written() -> None:
    read = bodies_read_by_calamine(bodies_written(PAIRS).content)
    for name, wanted, found in zip(HOSTILE, PAIRS, read, strict=True):
        if name in {"lone surrogates", "no text at all", "non-characters"}:
            # It has no such characters, and leaves their escapes as they are.
            assert (unescape(found[0]), unescape(found[1])) == wanted
        else:
            assert found == wanted, name


def test_calamine_reads_every_mixture_of_escapes_and_what_looks_like_them() -> None:
    parts = [
        "_x0041_",
        "_x0041",
        "x0041_",
        "x000D_",
        "_x",
        "_",
        "_x005F_",
        "\x01",
        "\r",
        "\n",
        "<&>",
        "😀",
        "a",
    ]
    texts = ["".join(mixed) for length in (1, 2, 3) for mixed in product(parts, repeat=length)]
    assert bodies_read_by_calamine(bodies_written([(text, "") for text in texts]).content) == [
        (text, "") for text in texts
    ]


def test_more_rows_than_a_sheet_holds_go_on_in_the_next() -> None:
    written = bodies_written(PAIRS, max_rows=7)
    book = openpyxl.load_workbook(BytesIO(written.content))
    assert book.sheetnames == ["tabela", "tabela (2)", "tabela (3)"]
    assert [sheet.max_row - 1 for sheet in book.worksheets] == [7, 7, len(PAIRS) - 14]
    assert bodies_read(written.content) == PAIRS


def test_no_rows_are_a_sheet_with_its_header() -> None:
    content = bodies_written([]).content
    book = openpyxl.load_workbook(BytesIO(content))
    [sheet] = book.worksheets
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["Id", "Pedido", "Resposta"]]
    assert sheet.auto_filter.ref == "A1:C1"
    assert bodies_read_by_calamine(content) == []


def test_the_header_is_frozen_and_filters_every_row_and_column() -> None:
    written = bodies_written([("a", "b"), ("x" * 100_000, "y")])
    book = openpyxl.load_workbook(BytesIO(written.content))
    [sheet] = book.worksheets
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:I3"
    assert sheet.dimensions == "A1:I3"
    titles = [cell.value for cell in sheet[1]]
    assert titles == [
        *("Id", "Pedido", "Resposta", "Pedido (2)", "Resposta (2)"),
        *("Pedido (3)", "Resposta (3)", "Pedido (4)", "Resposta (4)"),
    ]
    assert all(sheet.column_dimensions[letter].width for letter in "ABCDEFGHI")


def test_readers_that_stream_see_every_row() -> None:
    """They read no further than the sheet says that it goes."""
    content = bodies_written(PAIRS[:5]).content
    book = openpyxl.load_workbook(BytesIO(content), read_only=True)
    assert len(list(book.worksheets[0].iter_rows())) == 6


def test_no_cell_is_a_formula() -> None:
    book = openpyxl.load_workbook(BytesIO(bodies_written(PAIRS).content))
    filled = (cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None)
    assert {cell.data_type for cell in filled} == {"s"}


def test_the_summary_shows_texts_as_texts_and_dates_as_dates() -> None:
    at = datetime(2026, 11, 24, 3, 0, tzinfo=UTC).replace(tzinfo=None)
    summary = Summary(
        "Resumo/geral: um nome longo demais para o Excel",
        "Histórico",
        [("Integração", "=Comercial\x00"), ("Em", at)],
        ["nota"],
        [["Tabela", "N"], ["=nota", 3], ["Total", 3]],
    )
    sheets = [Sheet("nota", ["a"], [9], 0), Sheet("NOTA", ["a"], [9], 0)]
    book = openpyxl.load_workbook(BytesIO(build(sheets, summary, DATE_FORMATS["en"])))
    assert book.sheetnames == ["Resumo_geral_ um nome longo dem", "nota", "NOTA (2)"]
    first = book.worksheets[0]
    assert (first["A1"].value, first["B3"].value, first["B4"].value) == ("Histórico", "=Comercial_x0000_", at)
    assert (first["B3"].data_type, first["B4"].number_format) == ("s", DATE_FORMATS["en"])
    totals = [[cell.value for cell in row] for row in first["A8:B10"]]
    assert totals == [["Tabela", "N"], ["=nota", 3], ["Total", 3]]
    assert first["A9"].data_type == "s"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a/b:c", "a_b_c"),
        ("x" * 30 + "'y", "x" * 30),
        ("'quoted'", "quoted"),
        ("😀" * 31, "😀" * 15),
        ("a\x01\nb", "a__b"),
        ("", "_"),
        (" ", "_"),
        ("History", "History (2)"),
    ],
)
def test_a_sheet_has_a_name_that_excel_takes(name: str, shown: str) -> None:
    book = openpyxl.load_workbook(BytesIO(build([Sheet(name, ["a"], [9], 0)], None, DATE_FORMATS["en"])))
    assert book.sheetnames == [shown]


def test_names_of_sheets_differ_when_they_are_cut() -> None:
    sheets = [Sheet("😀" * 40, ["a"], [9], 0) for _ in range(2)]
    book = openpyxl.load_workbook(BytesIO(build(sheets, None, DATE_FORMATS["en"])))
    assert book.sheetnames == ["😀" * 15, "😀" * 13 + " (2)"]


def test_the_summary_keeps_a_text_that_looks_like_an_escape() -> None:
    """Excel and calamine undo escapes wherever they stand."""
    content = build([], Summary("Resumo", "t", [("Integração", "_x0041_")], [], []), DATE_FORMATS["en"])
    [sheet] = [CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0)]
    assert "_x0041_" in [cell for row in sheet.to_python() for cell in row]


def test_a_small_workbook_is_made_in_one_go() -> None:
    rows = [(f"id{number}", "x" * 40_000) for number in range(3)]
    kinds: tuple[Kind, ...] = ("plain", "text")
    content = workbook("Log", ["Id", "Texto"], [9, 9], kinds, rows, DATE_FORMATS["en"], continued=1)
    [found] = cells(content)
    assert [(row[0], "".join(row[1:])) for row in found] == rows


def test_libreoffice_opens_it_and_keeps_every_row(tmp_path: Path) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-calc-nogui")
    (tmp_path / "book.xlsx").write_bytes(bodies_written(PAIRS, max_rows=9).content)
    done = subprocess.run(
        [
            office,
            "--headless",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            *("--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out")),
            str(tmp_path / "book.xlsx"),
        ],
        capture_output=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    converted = (tmp_path / "out" / "book.xlsx").read_bytes()
    by_openpyxl = dict(zip(HOSTILE, bodies_read(converted), strict=True))
    by_calamine = dict(zip(HOSTILE, bodies_read_by_calamine(converted), strict=True))
    # LibreOffice has no lone surrogates and no non-characters, and holds line ends as LF.
    unknown_to_it = {"lone surrogates", "no text at all", "non-characters"}
    for name in HOSTILE.keys() - unknown_to_it:
        wanted = HOSTILE[name].replace("\r\n", "\n").replace("\r", "\n")
        assert by_calamine[name][0] == wanted, name
        # It writes shared strings, where openpyxl undoes half of an escape by itself.
        if name not in {"escapes themselves", "control characters"}:
            assert by_openpyxl[name][0] == wanted, name
