"""How one view is to be read: its real columns, matched with what the settings name and the table needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import FieldIssue
from .tables import Table
from .view_source import ViewTable, fields_of


@dataclass(frozen=True, slots=True)
class FoundView:
    """A view as the database's catalogue has it; `columns`: name → type, in their order."""

    name: str
    schema_name: str | None
    columns: Mapping[str, str]

    @property
    def title(self) -> str:
        """The view's name as people write it."""
        return f"{self.schema_name}.{self.name}" if self.schema_name else self.name


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a statement brought; `complete`: there are no more rows behind these.

    statement   as the database got it, values by name
    parameters  the values
    """

    rows: list[tuple[Any, ...]]
    complete: bool
    statement: str
    parameters: dict[str, Any]
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A view's part in the reading of a table.

    columns    field → the view's column, for every field read, in contract order
    keys       columns by which rows are read in order and told apart
    by_key     the keys are those of the table: rows with equal keys lie side by side
    watermark  the column that grows with each change, or None
    missing    fields whose column is not there: those that were mapped, and those that the table needs
    unmapped   the view's columns that nothing is read from
    issues     why the view cannot be read like that; empty when it can
    """

    table: Table
    view: FoundView
    columns: Mapping[str, str]
    keys: tuple[str, ...]
    by_key: bool
    watermark: str | None
    missing: Mapping[str, str] = field(default_factory=dict)
    unmapped: tuple[str, ...] = ()
    issues: tuple[FieldIssue, ...] = ()

    @property
    def read(self) -> tuple[str, ...]:
        """The columns that are read, each once: of fields, then keys and watermark if they are others."""
        marks = (self.watermark,) if self.watermark else ()
        return tuple(dict.fromkeys((*self.columns.values(), *self.keys, *marks)))

    @property
    def key_places(self) -> tuple[int, ...]:
        """Where in a row the key columns stand."""
        read = self.read
        return tuple(read.index(name) for name in self.keys)

    def row_key(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """Pick a row's values of the key columns."""
        return tuple(row[place] for place in self.key_places)


def plan(table: Table, wanted: ViewTable, found: FoundView) -> Plan:
    """Match settings with the catalogue; never raises, what does not match stands in `issues`."""
    columns, missing = _columns(table, wanted, found)
    issues = [_missing(table, name, asked, found) for name, asked in missing.items()]
    issues += [
        FieldIssue(name, "view_field_needed", {"table": table.name})
        for name in sorted(_required(table))
        if name in wanted.columns and wanted.columns[name] is None
    ]
    clients = ("empresa_codigo", "contato_codigo")
    if table.has_client and not any(name in columns for name in clients):
        issues.append(FieldIssue(clients[0], "view_client_missing", {"view": found.title}))
    keys, bad_keys = _keys(table, wanted, found, columns)
    watermark = _match(wanted.watermark.column, found) if wanted.watermark else None
    if wanted.watermark and watermark is None:
        issues.append(_missing(table, "watermark", wanted.watermark.column, found))
    used = {*columns.values(), *keys, watermark}
    return Plan(
        table,
        found,
        columns,
        keys,
        by_key=keys == tuple(columns[name] for name in table.key_fields if name in columns),
        watermark=watermark,
        missing=missing,
        unmapped=tuple(name for name in found.columns if name not in used),
        issues=(*issues, *bad_keys),
    )


def _required(table: Table) -> set[str]:
    return {one.name for one in table.fields if one.required or one.key}


def _columns(table: Table, wanted: ViewTable, found: FoundView) -> tuple[dict[str, str], dict[str, str]]:
    """Find each field's column; also the absent columns of fields that were mapped or must be there."""
    columns: dict[str, str] = {}
    missing: dict[str, str] = {}
    for name in fields_of(table, wanted):
        asked = wanted.columns.get(name, name)
        if asked is None:
            continue
        column = _match(asked, found)
        if column is not None:
            columns[name] = column
        elif name in wanted.columns or name in _required(table):
            missing[name] = asked
    return columns, missing


def _missing(table: Table, name: str, asked: str, found: FoundView) -> FieldIssue:
    params = {"table": table.name, "view": found.title, "column": asked, "field": name}
    return FieldIssue(name, "view_column_missing", params)


def _keys(
    table: Table, wanted: ViewTable, found: FoundView, columns: Mapping[str, str]
) -> tuple[tuple[str, ...], list[FieldIssue]]:
    if not wanted.key_columns:
        return tuple(columns[name] for name in table.key_fields if name in columns), []
    matched = {asked: _match(asked, found) for asked in wanted.key_columns}
    issues = [
        _missing(table, "key_columns", asked, found) for asked, column in matched.items() if column is None
    ]
    return tuple(column for column in matched.values() if column is not None), issues


def _match(asked: str, found: FoundView) -> str | None:
    """Find a column by its exact name, or else by the only one that differs in case alone."""
    if asked in found.columns:
        return asked
    alike = [name for name in found.columns if name.casefold() == asked.casefold()]
    return alike[0] if len(alike) == 1 else None
