"""The demo ERP's own database: a table for each of the 12, and views over them as its IT would offer them.

Works on any engine that SQLAlchemy knows; the ERP has its own names for some columns, so that they have to
be mapped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from chalicelib.domain.tables import TABLES, UPDATED_AT, Field
from infra.local.erp.tables import Record

ROWS = 2_000
EXTRA = {"empresa": ("codigo_legado",), "pedido": ("observacao_interna",)}
"""Fields that the contract does not know, and that the ERP wants kept."""
_OWN_NAMES = {
    "codigo": "cd_codigo",
    "razao_social": "nm_razao",
    "valor_total": "vl_total",
    UPDATED_AT: "dt_alteracao",
}


def fill(engine: sa.Engine, live: Mapping[str, Mapping[str, Record]]) -> dict[str, dict[str, Any]]:
    """Make tables and views anew and fill them; answers the `tables` of a view source."""
    metadata = sa.MetaData()
    made = {name: _table(metadata, name, engine.dialect.name) for name in TABLES}
    with engine.begin() as connection:
        for name in TABLES:
            connection.execute(sa.text(f"DROP VIEW IF EXISTS vw_crm_{name}"))
        metadata.drop_all(connection)
        metadata.create_all(connection)
        for name, table in made.items():
            for rows in _chunks(live[name].values()):
                connection.execute(table.insert(), [_row(table, record) for record in rows])
            columns = ", ".join(f"{one.name} AS {_own(one.name)}" for one in table.columns)
            # Names of ours, not anybody's input.
            connection.execute(sa.text(f"CREATE VIEW vw_crm_{name} AS SELECT {columns} FROM {table.name}"))  # nosec B608
    return {name: _settings(name, made[name]) for name in TABLES}


def change(
    engine: sa.Engine, live: Mapping[str, Mapping[str, Record]], table: str, keys: Iterable[str]
) -> None:
    """Bring some rows of a table to what the ERP has now."""
    known = sa.Table(f"erp_{table}", sa.MetaData(), autoload_with=engine)
    fields = TABLES[table].key_fields
    with engine.begin() as connection:
        for key in keys:
            record = live[table][key]
            same = [known.c[field] == _row(known, record)[field] for field in fields]
            connection.execute(known.update().where(*same).values(_row(known, record)))


def _own(name: str) -> str:
    return _OWN_NAMES.get(name, str(name))


def _settings(name: str, table: sa.Table) -> dict[str, Any]:
    named = {
        one.name: _own(one.name) for one in table.columns if one.name in (*_OWN_NAMES, *EXTRA.get(name, ()))
    }
    return {"view": f"vw_crm_{name}", "columns": named}


def _table(metadata: sa.MetaData, name: str, dialect: str) -> sa.Table:
    fields = [sa.Column(one.name, _type(one, dialect), nullable=not one.key) for one in TABLES[name].fields]
    extra = [sa.Column(one, sa.String(400)) for one in EXTRA.get(name, ())]
    moment: Any = sa.Text() if dialect == "sqlite" else sa.DateTime(timezone=True)
    if dialect in ("mysql", "mariadb"):
        from sqlalchemy.dialects.mysql import DATETIME

        moment = DATETIME(fsp=6)
    keys = sa.PrimaryKeyConstraint(*TABLES[name].key_fields)
    return sa.Table(f"erp_{name}", metadata, *fields, *extra, sa.Column(UPDATED_AT, moment), keys)


def _type(one: Field, dialect: str) -> Any:
    """Choose a column's type; SQLite keeps amounts as texts, since it knows only binary fractions."""
    kinds: dict[str, Any] = {
        "decimal": sa.String(40) if dialect == "sqlite" else sa.Numeric(20, 6),
        "integer": sa.Integer(),
        "date": sa.Date(),
        "boolean": sa.Boolean(),
    }
    if one.kind in kinds:
        return kinds[one.kind]
    return sa.String(60) if one.key or one.name.endswith(("codigo", "numero", "serie")) else sa.Text()


def _row(table: sa.Table, record: Record) -> dict[str, Any]:
    return {one.name: _value(one.type, record.get(one.name)) for one in table.columns}


def _value(kind: Any, value: Any) -> Any:
    if value is None or isinstance(kind, sa.Boolean | sa.Integer):
        return value
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    if isinstance(kind, sa.DateTime):
        moment = datetime.fromisoformat(value).astimezone(UTC)
        return moment if kind.timezone else moment.replace(tzinfo=None)
    return Decimal(str(value)) if isinstance(kind, sa.Numeric) else str(value)


def _chunks(records: Iterable[Record]) -> Iterator[Sequence[Record]]:
    waiting = list(records)
    return (waiting[at : at + ROWS] for at in range(0, len(waiting), ROWS))
