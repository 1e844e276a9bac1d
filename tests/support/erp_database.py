"""An ERP's database as its IT offers it: tables, views over them, and an address to read them at."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chalicelib.domain.tables import TABLES
from tests.support.servers import Server
from tests.support.world import World

KINDS = {
    "postgresql": {
        "text": "VARCHAR(4000)",
        "decimal": "NUMERIC(20, 6)",
        "integer": "INTEGER",
        "boolean": "BOOLEAN",
    },
    "mysql": {
        "text": "VARCHAR(700)",
        "decimal": "DECIMAL(20, 6)",
        "integer": "INTEGER",
        "boolean": "BOOLEAN",
    },
    "sqlite": {"text": "TEXT", "decimal": "NUMERIC", "integer": "INTEGER", "boolean": "BOOLEAN"},
}
MOMENTS = {"postgresql": "TIMESTAMPTZ", "mysql": "DATETIME(6)", "sqlite": "TEXT"}


@dataclass
class ErpDatabase:
    """One database: a SQLite file, or a server's."""

    engine: str
    address: str
    server: Server | None = None
    file: Path | None = None
    _owner: sa.Engine | None = field(default=None, repr=False)

    @staticmethod
    def in_file(file: Path) -> "ErpDatabase":
        """Make a SQLite database."""
        sqlite3.connect(file).close()
        return ErpDatabase("sqlite", f"sqlite:///{file}", file=file)

    @staticmethod
    def on(server: Server) -> "ErpDatabase":
        """Use a server's database, empty."""
        found = ErpDatabase(server.engine, server.address, server=server)
        found.clear()
        return found

    @property
    def owner(self) -> sa.Engine:
        """Connect with all rights."""
        if self._owner is None:
            self._owner = self.server.owner() if self.server else sa.create_engine(f"sqlite:///{self.file}")
        return self._owner

    def execute(self, *statements: str) -> None:
        """Run statements, all or none."""
        with self.owner.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def insert(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add rows; each names its columns."""
        waiting = [dict(row) for row in rows]
        names = list(dict.fromkeys(name for row in waiting for name in row))
        target = sa.table(table, *(sa.column(name) for name in names))
        complete = [{name: row.get(name) for name in names} for row in waiting]
        with self.owner.begin() as connection:
            for at in range(0, len(complete), 2_000):
                connection.execute(target.insert(), complete[at : at + 2_000])

    def clear(self) -> None:
        """Drop everything."""
        inspector = sa.inspect(self.owner)
        quote = self.owner.dialect.identifier_preparer.quote
        self.execute(*(f"DROP VIEW {quote(name)}" for name in inspector.get_view_names()))
        self.execute(*(f"DROP TABLE {quote(name)}" for name in inspector.get_table_names()))

    def make_table(self, name: str, source: str | None = None) -> None:
        """Make a table `t_<name>` with the contract's fields, and the view `v_<name>` over it."""
        kinds = KINDS[self.engine]
        types = {**kinds, "date": "DATE", "instant": MOMENTS[self.engine]}
        columns = [f"{one.name} {types.get(one.kind, kinds['text'])}" for one in TABLES[name].fields]
        if self.engine == "mysql":
            columns = [f"{one.name} {_mysql_type(one, types)}" for one in TABLES[name].fields]
        columns += [f"atualizado_em {types['instant']}"]
        self.execute(
            f"CREATE TABLE t_{name} ({', '.join(columns)})", f"CREATE VIEW v_{name} AS SELECT * FROM t_{name}"
        )

    def source(self, *names: str, **tables: dict[str, Any]) -> dict[str, Any]:
        """Write the body of a source: the views `v_<name>`, and others as given."""
        known = {name: {"view": f"v_{name}"} for name in names}
        return {
            "engine": self.engine,
            "connection_string": self.address,
            "timezone": "UTC",
            "tables": {**known, **tables},
        }


def _mysql_type(one: Any, types: Mapping[str, str]) -> str:
    """Keep a row of many texts below the 65,535 bytes that InnoDB allows."""
    if one.kind in ("decimal", "integer", "boolean", "date"):
        return types[one.kind]
    return "VARCHAR(191)" if one.key or one.name.endswith("codigo") else "TEXT"


def reading(world: World, body: dict[str, Any]) -> World:
    """Let a world's integration be a new one that reads this source."""
    world.integration_id, world.erp_key = world.new_integration(integration_type="view")
    saved = world.as_user("admin", "PUT", "/view-source", body)
    assert saved.status == 200, saved.body
    return world


def told(world: World, run: dict[str, Any], language: str = "en") -> list[str]:
    """Read a run's log: stage, level and message of each line."""
    path = f"/runs/{run['run_id']}/log?limit=200"
    lines = world.as_user("viewer", "GET", path, headers={"Accept-Language": language}).body["items"]
    return [f"{line['stage']} {line['level']} {line['message']}" for line in lines]
