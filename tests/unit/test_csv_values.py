"""Values of a CSV: what has one meaning is converted, what has two is refused, the rest is handed on."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.csv_columns import delimiter_of, header_of, rows_of
from chalicelib.domain.csv_values import converter
from chalicelib.domain.errors import FieldIssue
from chalicelib.domain.tables import TABLES
from chalicelib.domain.upload_problems import FileRefused

ZONE = ZoneInfo("America/Sao_Paulo")


def read(kind: str, value: str, delimiter: str = ";", decimal: str | None = None) -> Any:
    found = converter(kind, delimiter=delimiter, decimal=decimal, local=ZONE)(value)
    return found.code if isinstance(found, FieldIssue) else found


@pytest.mark.parametrize(
    ("value", "delimiter", "decimal", "meant"),
    [
        ("1234", ";", None, "1234"),
        ("1234,56", ";", None, "1234.56"),
        ("1.234,56", ";", None, "1234.56"),
        ("1,234.56", ";", None, "1234.56"),
        ("1234.56", ";", None, "1234.56"),
        ("-1.234.567", ";", None, "-1234567"),
        ("1,234,567.5", ",", None, "1234567.5"),
        ("0.234", ";", None, "0.234"),
        ("1234.567", ";", None, "1234.567"),
        (" 12,5 ", ";", None, "12.5"),
        ("1,234", ";", None, "1.234"),
        ("1.234", ",", None, "1.234"),
        ("1.234", ";", None, "csv_number_ambiguous"),
        ("1,234", ",", None, "csv_number_ambiguous"),
        ("1.234", "\t", None, "csv_number_ambiguous"),
        ("1,234", "|", None, "csv_number_ambiguous"),
        ("1.234", ";", ",", "1234"),
        ("1.234", ";", ".", "1.234"),
        ("1,234", ",", ",", "1.234"),
        ("1,234", ",", ".", "1234"),
        ("1234.56", ";", ",", "csv_decimal_other"),
        ("1.234,56", ";", ".", "csv_decimal_other"),
        ("R$ 1,50", ";", None, "R$ 1,50"),
        ("1.23.4", ";", None, "1.23.4"),
        ("1,2,3", ";", ",", "1,2,3"),
        ("1e5", ";", None, "1e5"),
        ("٣,٥", ";", None, "٣,٥"),
        (",", ";", None, ","),
    ],
)
def test_numbers(value: str, delimiter: str, decimal: str | None, meant: str) -> None:
    assert read("decimal", value, delimiter, decimal) == meant


@pytest.mark.parametrize(
    ("kind", "value", "meant"),
    [
        ("date", "04/07/2026", "2026-07-04"),
        ("date", "2026-07-04", "2026-07-04"),
        ("date", "04/07/2026 00:00:00", "2026-07-04"),
        ("date", "2026-07-04T00:00:00.000", "2026-07-04"),
        ("date", "04/07/2026 10:00", "04/07/2026 10:00"),
        ("date", "4/7/26", "4/7/26"),
        ("date", "31/02/2026", "2026-02-31"),
        ("instant", "04/07/2026 10:00", "2026-07-04T13:00:00+00:00"),
        ("instant", "04/07/2026 10:00:01", "2026-07-04T13:00:01+00:00"),
        ("instant", "04/07/2026", "2026-07-04T03:00:00+00:00"),
        ("instant", "2026-07-04T10:00:00Z", "2026-07-04T10:00:00+00:00"),
        ("instant", "2026-07-04 10:00:00", "2026-07-04T13:00:00+00:00"),
        ("instant", "31/02/2026 10:00", "31/02/2026 10:00"),
        ("instant", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("boolean", "S", True),
        ("boolean", "sim", True),
        ("boolean", "1", True),
        ("boolean", " true ", True),
        ("boolean", "N", False),
        ("boolean", "não", False),
        ("boolean", "NAO", False),
        ("boolean", "0", False),
        ("boolean", "talvez", "talvez"),
        ("integer", " 007 ", 7),
        ("integer", "1.0", "1.0"),
        ("integer", "-1", "-1"),
        ("integer", "9" * 16, "9" * 16),
        ("text", "  007  ", "  007"),
        ("number_or_text", "1/3", "1/3"),
        ("choice", " venda ", "venda"),
        ("any", "x ", "x"),
    ],
)
def test_other_kinds(kind: str, value: str, meant: object) -> None:
    found = read(kind, value)
    assert (found, type(found)) == (meant, type(meant))


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [("a;b;c", ";"), ("a,b", ","), ("a\tb", "\t"), ("a|b", "|"), ('"x,y,z";b', ";"), ("codigo", ";")],
)
def test_the_delimiter_is_what_the_header_has_most_outside_of_quotes(header: str, delimiter: str) -> None:
    assert delimiter_of(header) == delimiter


def test_a_row_says_everything_that_is_wrong_with_it() -> None:
    table = TABLES["itens_nota"]
    names = [*table.key_fields, "quantidade", "valor_total"]
    row = rows_of(table, header_of(table, names), ";", None, ZONE)
    found = row(["1", "A", "2", "1.000", "9.000"])
    assert isinstance(found, list)
    assert [(one.field, one.code) for one in found] == [
        ("quantidade", "csv_number_ambiguous"),
        ("valor_total", "csv_number_ambiguous"),
    ]
    assert row(["1", "A", "2", "", " "]) == {"nota_numero": "1", "nota_serie": "A", "item": 2}
    many = row(["1"] * 6)
    assert isinstance(many, list)
    assert many[0].params == {"found": "6", "expected": "5"}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_s_own_names_are_its_header(name: str) -> None:
    fields = [field.name.upper() for field in TABLES[name].fields]
    header = header_of(TABLES[name], [*fields, "_erros", "", "Outra"])
    assert header.fields == (*(field.lower() for field in fields), None, None, "Outra")
    assert header.unknown == ("Outra",)
    with pytest.raises(FileRefused):
        header_of(TABLES[name], fields[1:])
