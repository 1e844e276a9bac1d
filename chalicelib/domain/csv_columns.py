"""A CSV's header and rows: which column is which field, and a row as a record."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from .csv_values import Convert, converter
from .errors import FieldIssue
from .tables import DELETED, UPDATED_AT, Table
from .upload_problems import FileRefused
from .upload_requests import DELIMITERS
from .uploads import MAX_LINE_BYTES

LINE, ERRORS = "_linha", "_erros"
"""Columns of our own file of rejected lines; no column that begins like them is read."""
MAX_COLUMNS: Final = 500
MAX_HEADER_BYTES: Final = 32_000
csv.field_size_limit(MAX_LINE_BYTES)

Row = Callable[[list[str]], dict[str, Any] | list[FieldIssue]]


@dataclass(frozen=True, slots=True)
class Header:
    """A file's columns: the field that each one is, or None; unknown fields are warned of once a file."""

    names: tuple[str, ...]
    fields: tuple[str | None, ...]
    unknown: tuple[str, ...]


def delimiter_of(header: str) -> str:
    """Find the delimiter that a header uses most."""
    counts = {one: _outside_quotes(header).count(one) for one in DELIMITERS}
    best = max(counts, key=lambda one: counts[one])
    return best if counts[best] else DELIMITERS[0]


def _outside_quotes(text: str) -> str:
    return "".join(text.split('"')[::2])


def fields_of(text: str, delimiter: str) -> list[str]:
    """Split a record; raises csv.Error."""
    return next(csv.reader([text], delimiter=delimiter), [])


def header_of(table: Table, names: Sequence[str]) -> Header:
    """Match a header with the table's fields; raises FileRefused."""
    if len(names) > MAX_COLUMNS or sum(map(len, names)) > MAX_HEADER_BYTES:
        raise FileRefused("csv_header_too_large", limit=MAX_COLUMNS)
    known = {one.name for one in table.fields} | {UPDATED_AT, DELETED}
    trimmed = [name.strip() for name in names]
    fields = [
        lower if (lower := name.lower()) in known else name if name and name[0] != "_" else None
        for name in trimmed
    ]
    named = [name for name in fields if name is not None]
    if twice := next((name for at, name in enumerate(named) if name in named[:at]), None):
        raise FileRefused("csv_column_twice", column=twice[:100])
    if not known & set(named):
        raise FileRefused("csv_header_missing", table=table.name, columns=", ".join(table.key_fields))
    if lacking := [name for name in table.key_fields if name not in named]:
        raise FileRefused("csv_key_columns_missing", table=table.name, columns=", ".join(lacking))
    unknown = tuple(name for name in named if name not in known)
    return Header(tuple(names), tuple(fields), unknown)


def rows_of(table: Table, header: Header, delimiter: str, decimal: str | None, local: ZoneInfo) -> Row:
    """Build the function that makes a record of a row, or says why it cannot be one."""
    kinds: dict[str, str] = {one.name: one.kind for one in table.fields}
    kinds |= {UPDATED_AT: "instant", DELETED: "boolean"}
    steps: list[tuple[int, str, Convert]] = [
        (at, name, converter(kinds.get(name, "any"), delimiter=delimiter, decimal=decimal, local=local))
        for at, name in enumerate(header.fields)
        if name is not None
    ]
    width = len(header.fields)

    def row(values: list[str]) -> dict[str, Any] | list[FieldIssue]:
        if len(values) != width:
            code = "csv_columns_many" if len(values) > width else "csv_columns_few"
            return [FieldIssue("", code, {"found": str(len(values)), "expected": str(width)})]
        record = {
            name: step(values[at]) for at, name, step in steps if values[at] and not values[at].isspace()
        }
        odd = [
            FieldIssue(name, value.code, value.params)
            for name, value in record.items()
            if isinstance(value, FieldIssue)
        ]
        return odd or record

    return row
