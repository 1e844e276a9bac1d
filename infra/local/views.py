"""The demo of type View: the ERP fills a database and offers views of it, which the integration reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chalicelib.domain.errors import Invalid
from chalicelib.domain.view_connections import SCHEMES, Connection, parse_connection
from infra.local.client import Api
from infra.local.erp import views
from infra.local.erp.data import Dataset
from infra.local.screen import Screen
from infra.local.tenants import Tenants

VIEWS_FOLDER = "views"
_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mssql": "mssql+pymssql",
    "oracle": "oracle+oracledb",
}


class OfferError(RuntimeError):
    """The demo's database cannot be used; the message says what to do."""


def sqlite_address(directory: Path) -> str:
    """Name the file that is used when no other database is given."""
    folder = directory / VIEWS_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'erp.sqlite'}"


def offer(screen: Screen, tenants: Tenants, data: Dataset, address: str) -> None:
    """Fill the database, unless that was done before, tell the integration of its views, and test them."""
    path = f"{tenants.path}/view-source"
    if tenants.admin.get(path)["version"]:
        screen.done("The ERP offers its views already")
        return
    connection = _parsed(address)
    screen.note(f"The ERP fills {connection.place} ...")
    tables = _filled(connection, data)
    body = {
        "engine": connection.engine,
        "connection_string": address,
        "tls": "off",
        "timezone": "UTC",
        "tables": tables,
    }
    tenants.admin.put(path, body)
    stored = sum(len(records) for records in data.ledger.live.values())
    screen.done(f"The ERP offers {len(tables)} views of {stored:,} rows in {connection.place}")
    _tested(screen, tenants.admin, path)


def _filled(connection: Connection, data: Dataset) -> dict[str, Any]:
    """Make and fill the ERP's tables and views."""
    try:
        return views.fill(_owner(connection), data.ledger.live)
    except sa.exc.DBAPIError as error:
        cause = next(iter(str(error.orig).strip().splitlines()), type(error.orig).__name__)
        raise OfferError(
            f"The ERP could not fill {connection.place}: {cause}\n"
            "VIEW_DSN has to name a database that can be reached from here, and a user who may create tables "
            "and views there, and read them."
        ) from error


def _tested(screen: Screen, api: Api, path: str) -> None:
    report = api.post(f"{path}/test", {})
    problems = [*report["problems"], *(one for table in report["tables"] for one in table["problems"])]
    if not report["ok"]:
        told = [one["message"] for one in problems if one["severity"] == "error"]
        raise OfferError("The test of the views found:\n  " + "\n  ".join(told))
    rows = sum(one["rows"] or 0 for one in report["tables"])
    screen.done(f"The test of the source found all of them: {rows:,} rows")


def _parsed(address: str) -> Connection:
    scheme = address.partition(":")[0].partition("+")[0]
    if scheme not in SCHEMES:
        raise OfferError(f"VIEW_DSN begins with one of {', '.join(SCHEMES)}, not with {scheme!r}")
    try:
        return parse_connection(address, SCHEMES[scheme])
    except Invalid as error:
        code = error.fields[0].code
        raise OfferError(f"VIEW_DSN is engine://user:password@host:port/database ({code})") from error


def _owner(connection: Connection) -> sa.Engine:
    """Connect to fill it, which takes more rights than reading."""
    if connection.engine == "sqlite":
        return sa.create_engine(f"sqlite:///{connection.database}")
    query: dict[str, Any] = {}
    database: str | None = connection.database
    if connection.engine == "oracle":
        query, database = {"service_name": connection.database}, None
    return sa.create_engine(
        sa.URL.create(
            _DRIVERS[connection.engine],
            connection.user or None,
            connection.password or None,
            connection.host,
            connection.port,
            database,
            query=query,
        )
    )
