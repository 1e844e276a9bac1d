"""Where a View integration reads: the ERP's database, and which of its views holds which of the 12 tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, PlainValidator, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from . import values
from .errors import FieldIssue
from .schedule import zone
from .setting_fields import SHAPE, InvalidSetting, Whole, invalid_setting, whole
from .tables import DELETED, TABLES, UPDATED_AT, Table
from .validation import FIELD_NAME

Engine = Literal["postgresql", "mysql", "mssql", "oracle", "sqlite"]
ENGINES: Final[tuple[Engine, ...]] = get_args(Engine)
Tls = Literal["verify", "require", "off"]
TLS: Final[tuple[Tls, ...]] = get_args(Tls)
MAX_NAME: Final = 128
MAX_TIMEOUT: Final = 90
MAX_FULL_READ_DAYS: Final = 366
DEFAULT_OVERLAPS: Final = {"instant": 60, "date": 1, "number": 1_000}
"""How far back of the watermark reading begins: minutes, days or numbers, by what the column holds."""


def _name(value: object) -> str:
    """Accept a name of the database as it is written there, without the quotes around it."""
    found = values.required_text(value)
    if len(found) > MAX_NAME:
        length, limit = str(len(found)), str(MAX_NAME)
        raise PydanticCustomError("text_too_long", "", {"length": length, "limit": limit})
    if not found.isprintable():
        raise PydanticCustomError("view_name_unprintable", "")
    return found


def _zone(value: object) -> str:
    found = values.required_text(value)
    try:
        zone(found)
    except InvalidSetting as error:
        raise PydanticCustomError(error.fields[0].code, "", error.fields[0].params) from None
    return found


Name = Annotated[str, PlainValidator(_name, json_schema_input_type=str)]
Seconds = Annotated[int, PlainValidator(whole(1, MAX_TIMEOUT), json_schema_input_type=int)]
Days = Annotated[int, PlainValidator(whole(0, MAX_FULL_READ_DAYS), json_schema_input_type=int)]
Zone = Annotated[str, PlainValidator(_zone, json_schema_input_type=str)]


class Watermark(BaseModel):
    """A column that grows with every change of a row: an instant, a date or a whole number.

    overlap  reading begins so many minutes, days or numbers before the highest value seen last time, so
             that rows are not lost whose transaction ended later; None: 60 minutes, 1 day, 1,000 numbers
    """

    model_config = SHAPE

    column: Name
    overlap: Whole | None = None


class ViewTable(BaseModel):
    """The view that holds one of the 12 tables.

    columns         field → the view's column; a field left out is read from the column of its own name,
                    if there is one; null: the field is not read. A field that the contract does not know
                    is kept, with a warning, like one that an ERP sends
    key_columns     columns that tell rows apart and by which they are read in order; empty: the columns
                    of the table's key
    full_read_days  with a watermark, so often the whole view is read all the same, which is what finds
                    rows that are gone; 0: only the first time
    """

    model_config = SHAPE

    view: Name
    schema_name: Name | None = None
    columns: dict[str, Name | None] = {}
    key_columns: tuple[Name, ...] = ()
    watermark: Watermark | None = None
    full_read_days: Days = 7

    @property
    def title(self) -> str:
        """The view's name as people write it."""
        return f"{self.schema_name}.{self.view}" if self.schema_name else self.view


class ViewSourceBody(BaseModel):
    """A source as sent; of the two ways to name the connection, one is needed the first time."""

    model_config = SHAPE

    engine: Engine
    connection_string: Annotated[str, PlainValidator(values.required_text)] | None = None
    connection_secret: Annotated[str, PlainValidator(values.required_text)] | None = None
    tls: Tls = "require"
    timezone: Zone | None = None
    statement_timeout_seconds: Seconds = 30
    tables: dict[str, ViewTable]

    @model_validator(mode="after")
    def _known_tables(self) -> "ViewSourceBody":
        if self.connection_string and self.connection_secret:
            raise PydanticCustomError("view_connection_twice", "")
        if not self.tables:
            raise PydanticCustomError("view_tables_missing", "")
        return self


@dataclass(frozen=True, slots=True)
class ViewSource:
    """A source as it is kept; the connection itself lies in the secret of that name.

    timezone  of moments that the database holds without one
    """

    engine: Engine
    connection_secret: str
    tls: Tls
    timezone: str
    statement_timeout_seconds: int
    tables: Mapping[str, ViewTable]
    version: int = 1


def parse_source(body: object) -> ViewSourceBody:
    """Validate a source as sent; raises InvalidSetting that lists every field that is wrong."""
    try:
        parsed = ViewSourceBody.model_validate(body)
    except ValidationError as error:
        raise invalid_setting(error, under="view_source") from None
    issues = [issue for name, view in parsed.tables.items() for issue in _table_issues(name, view)]
    if issues:
        raise InvalidSetting(issues)
    return parsed


def _table_issues(name: str, view: ViewTable) -> list[FieldIssue]:
    path = f"view_source.tables.{name[:100]}"
    table = TABLES.get(name)
    if table is None:
        return [FieldIssue(path, "view_table_unknown", {"table": name[:100], "tables": ", ".join(TABLES)})]
    return [
        FieldIssue(f"{path}.columns.{one[:100]}", "bad_field_name")
        for one in view.columns
        if not FIELD_NAME.fullmatch(one)
    ] + [
        FieldIssue(f"{path}.columns.{one}", "view_field_needed", {"table": name})
        for one in table.key_fields
        if one in view.columns and view.columns[one] is None
    ]


def fields_of(table: Table, view: ViewTable) -> tuple[str, ...]:
    """List the fields that a view may fill: the contract's in its order, then others that were mapped."""
    known = (*(field.name for field in table.fields), UPDATED_AT, DELETED)
    return (*known, *(name for name in view.columns if name not in known))


def to_json(source: ViewSource) -> dict[str, Any]:
    """Give a source as it is stored and shown; it holds no secret, only the secret's name."""
    return {
        "engine": source.engine,
        "connection_secret": source.connection_secret,
        "tls": source.tls,
        "timezone": source.timezone,
        "statement_timeout_seconds": source.statement_timeout_seconds,
        "tables": {name: view.model_dump(mode="json") for name, view in source.tables.items()},
        "version": source.version,
    }


def from_json(document: Mapping[str, Any]) -> ViewSource:
    """Read what `to_json` wrote."""
    tables = {name: ViewTable.model_validate(view) for name, view in document["tables"].items()}
    return ViewSource(**{**document, "tables": tables})
