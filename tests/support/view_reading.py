"""Reading views as the product does, without a run: for tests of databases."""

from typing import Any

from chalicelib.adapters.views.database import Database
from chalicelib.adapters.views.opening import Rules, open_source
from chalicelib.domain.tables import TABLES
from chalicelib.domain.view_plan import Plan, plan
from chalicelib.domain.view_source import ViewSource, ViewTable
from chalicelib.services.views.stream import RowStream
from tests.support.erp_database import ErpDatabase


def opened(erp: ErpDatabase, address: str | None = None, tls: Any = "require", seconds: int = 5) -> Database:
    """Open a database as a source."""
    source = ViewSource(erp.engine, "secret", tls, "UTC", seconds, {})  # type: ignore[arg-type]
    return open_source(source, address or erp.address, Rules((), "", 60))


def planned(database: Database, view: str, table: str = "vendedor", **settings: Any) -> Plan:
    """Plan the reading of a view."""
    wanted = ViewTable(view=view, **settings)
    found = plan(TABLES[table], wanted, database.find(wanted))
    assert found.issues == ()
    return found


def read(database: Database, wanted: Plan) -> list[tuple[Any, ...]]:
    """Read all rows of a view, page by page."""
    rows, position = RowStream(database, wanted), None
    found: list[tuple[Any, ...]] = []
    while True:
        page = rows.take(position, None)
        found += page.rows
        position = page.last
        if page.end:
            return found
