"""A View integration's source, and the report of its test."""

from typing import Final

from ...domain.tables import TABLES
from ...domain.view_source import ENGINES, MAX_FULL_READ_DAYS, MAX_NAME, MAX_TIMEOUT, TLS
from .kinds import (
    ANYTHING,
    FLAG,
    INSTANT,
    OPEN,
    TEXT,
    WHOLE,
    Schema,
    changes,
    described,
    maybe,
    one_of,
    several,
)

_NAME: Final[Schema] = {**TEXT, "minLength": 1, "maxLength": MAX_NAME}
_TABLE: Final[Schema] = {
    **changes(
        view={**_NAME, "description": "As the database's catalogue has it, without quotes"},
        schema_name=maybe(_NAME),
        columns={
            "type": "object",
            "additionalProperties": maybe(_NAME),
            "description": "Field → column; left out: the column of its own name; null: not read",
        },
        key_columns={
            **several(_NAME),
            "description": "Columns that tell rows apart; empty: the key's",
        },
        watermark=maybe(
            {
                **changes(
                    column=_NAME,
                    overlap=maybe(
                        {**WHOLE, "minimum": 0, "description": "Minutes, days or numbers to go back"}
                    ),
                ),
                "required": ["column"],
            }
        ),
        full_read_days={
            **WHOLE,
            "minimum": 0,
            "maximum": MAX_FULL_READ_DAYS,
            "description": "With a watermark, so often all rows are read, to find those gone; 0: once",
        },
    ),
    "required": ["view"],
}
_SETTINGS: Final[dict[str, Schema]] = {
    "engine": one_of(*ENGINES),
    "connection_secret": {**TEXT, "description": "Name of the secret that holds the connection"},
    "tls": one_of(*TLS),
    "timezone": {**TEXT, "description": "Of moments without one; the schedule's, if left out"},
    "statement_timeout_seconds": {**WHOLE, "minimum": 1, "maximum": MAX_TIMEOUT},
    "tables": {"type": "object", "propertyNames": one_of(*TABLES), "additionalProperties": _TABLE},
}
_CONNECTION: Final[Schema] = {
    **TEXT,
    "writeOnly": True,
    "description": "engine://user:password@host:port/database, or the same as JSON; kept in Secrets Manager",
    "examples": ["postgresql://reader:secret@erp.example:5432/erp"],
}


def schemas() -> dict[str, Schema]:
    """Build the schemas of sources."""
    sent = changes(**_SETTINGS, connection_string=_CONNECTION)
    reading = described(
        read_at=maybe(INSTANT),
        whole_at=maybe(INSTANT),
        watermark=maybe(TEXT),
        run_id=maybe(TEXT),
        counts=OPEN,
        held=maybe(described(records=WHOLE, of=WHOLE, run_id=TEXT, at=INSTANT)),
    )
    return {
        "ViewSource": {
            "type": "object",
            "properties": {
                **_SETTINGS,
                "version": {**WHOLE, "description": "0: there is no source yet"},
                "reading": {"type": "object", "additionalProperties": reading},
            },
            "required": ["version", "tables", "reading"],
        },
        "NewViewSource": {**sent, "required": ["engine", "tables"]},
        "ViewSourceTest": changes(**_SETTINGS, connection_string=_CONNECTION, only=several(one_of(*TABLES))),
        "ViewSourceReport": described(
            ok=FLAG,
            connected=FLAG,
            engine=one_of(*ENGINES),
            database=maybe(TEXT),
            problems=several(_problem()),
            tables=several(_table_report()),
        ),
        "RunStart": changes(
            allow_deletions={
                **several(one_of(*TABLES)),
                "description": "Tables whose vanished records may be deleted, however many they are",
            }
        ),
    }


def _problem() -> Schema:
    return described(severity=one_of("error", "warning"), code=TEXT, field=TEXT, message=TEXT)


def _table_report() -> Schema:
    return described(
        table=one_of(*TABLES),
        view=TEXT,
        tested=FLAG,
        found=FLAG,
        present={**OPEN, "description": "Field → column that it is read from"},
        missing={**OPEN, "description": "Field → column that is not there"},
        unmapped=several(TEXT),
        types=OPEN,
        rows=maybe(WHOLE),
        sample={**several(ANYTHING), "description": "Some rows as records, personal data hidden"},
        problems=several(_problem()),
    )
