"""An ERP's database, open for reading: one connection, a transaction of its own for every statement."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from typing import Any, Final

import sqlalchemy as sa

from ...domain.view_plan import Fetched, FoundView, Plan
from ...domain.view_problems import TableRefused
from ...domain.view_source import ViewTable
from . import statements
from .engines import FIRST_STATEMENTS, Access, engine_of
from .failures import problem_of
from .hosts import reach

FETCH_ROWS: Final = 1_000
MAX_BYTES: Final = 16_000_000
_ROW_BYTES, _VALUE_BYTES = 100, 60


class Database:
    """A source, connected when it is first asked; after an error the next call connects anew."""

    def __init__(self, access: Access, forbidden_networks: Sequence[str]) -> None:
        self._access, self._forbidden = access, forbidden_networks
        self._engine: sa.Engine | None = None
        self._open: sa.Connection | None = None

    @property
    def place(self) -> str:
        """Where the database is, for people."""
        return self._access.connection.place

    def connect(self) -> None:
        """Connect now, to see whether that works; raises SourceRefused or SourceLost."""
        with self._reading(""):
            pass

    def find(self, wanted: ViewTable) -> FoundView:
        """Look a view (or table) up in the catalogue; raises TableRefused when it is not there."""
        with self._reading(wanted.title) as connection:
            inspector = sa.inspect(connection)
            schema = self._schema(inspector, wanted)
            name = self._name(inspector, schema, wanted)
            columns = inspector.get_columns(name, schema=schema)
            return FoundView(name, schema, {str(one["name"]): _type_name(one["type"]) for one in columns})

    def _schema(self, inspector: Any, wanted: ViewTable) -> str | None:
        if wanted.schema_name is None:
            return None
        names = inspector.get_schema_names()
        found = _match(wanted.schema_name, names)
        if found is None:
            raise self._missing(wanted, names)
        return found

    def _name(self, inspector: Any, schema: str | None, wanted: ViewTable) -> str:
        names = [*inspector.get_view_names(schema), *inspector.get_table_names(schema)]
        with suppress(NotImplementedError):
            names += inspector.get_materialized_view_names(schema)
        found = _match(wanted.view, names)
        if found is None:
            raise self._missing(wanted, names)
        return found

    def _missing(self, wanted: ViewTable, names: Sequence[str]) -> TableRefused:
        alike = get_close_matches(wanted.view, names, n=3, cutoff=0.5)
        code = "view_missing_alike" if alike else "view_missing"
        cause = ", ".join(alike)
        return TableRefused(code, host=self.place, view=wanted.title, cause=cause, alike=cause)

    def page(self, plan: Plan, after: Sequence[Any] | None, since: Any, limit: int) -> Fetched:
        """Read rows in the order of their keys: at most `limit`, fewer when they are large."""
        return self._fetch(statements.page(plan, after, since, limit), plan, limit)

    def keyless(self, plan: Plan, limit: int) -> Fetched:
        """Read rows without a key."""
        return self._fetch(statements.keyless(plan, limit), plan, limit)

    def sample(self, plan: Plan, limit: int) -> Fetched:
        """Read some rows."""
        return self._fetch(statements.sample(plan, limit), plan, limit)

    def repeated(self, plan: Plan, columns: Sequence[str], limit: int) -> Fetched:
        """Read keys that several rows have, with their number behind them."""
        return self._fetch(statements.repeated(plan, columns, limit), plan, limit)

    def count(self, plan: Plan) -> int:
        """Count the rows."""
        return int(self._one(statements.count(plan), plan))

    def count_keyless(self, plan: Plan) -> int:
        """Count the rows without a key."""
        return int(self._one(statements.count_keyless(plan), plan))

    def highest(self, plan: Plan) -> Any:
        """Read the highest watermark; None when there is none."""
        return self._one(statements.highest(plan), plan)

    def _one(self, statement: sa.Select[Any], plan: Plan) -> Any:
        return self._fetch(statement, plan, 1).rows[0][0]

    def _fetch(self, statement: sa.Select[Any], plan: Plan, limit: int) -> Fetched:
        started = time.monotonic()
        rows: list[tuple[Any, ...]] = []
        size = 0
        with self._reading(plan.view.title) as connection:
            compiled = statement.compile(dialect=connection.dialect)
            result = connection.execution_options(stream_results=True).execute(statement)
            while size < MAX_BYTES and (part := result.fetchmany(FETCH_ROWS)):
                rows += [tuple(row) for row in part]
                size += _size(part)
            result.close()
        complete = len(rows) < limit and size < MAX_BYTES
        spent = round((time.monotonic() - started) * 1_000)
        return Fetched(rows, complete, str(compiled), dict(compiled.params), spent)

    @contextmanager
    def _reading(self, view: str) -> Iterator[sa.Connection]:
        """Connect if need be, and end the transaction whatever happens; errors come out classified."""
        try:
            if self._open is None:
                reach(self._access.connection, self._forbidden)
                self._engine = self._engine or engine_of(self._access)
                self._open = self._engine.connect()
            with self._open.begin() as transaction:
                if first := FIRST_STATEMENTS.get(self._access.connection.engine):
                    self._open.exec_driver_sql(first)
                yield self._open
                transaction.rollback()
        except (sa.exc.SQLAlchemyError, OSError) as error:
            self.close()
            raise problem_of(error, self._access.connection, view) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the connection up."""
        connection, self._open = self._open, None
        if connection is not None:
            with suppress(Exception):
                connection.invalidate()
                connection.close()


def _match(wanted: str, names: Sequence[str]) -> str | None:
    """Find a name exactly, or else the only one that differs in case alone."""
    if wanted in names:
        return wanted
    alike = {name for name in names if name.casefold() == wanted.casefold()}
    return alike.pop() if len(alike) == 1 else None


def _size(rows: Sequence[Any]) -> int:
    """Reckon the bytes that rows take in memory, by one row in sixteen."""
    seen = rows[::16]
    texts = sum(len(value) for row in seen for value in row if isinstance(value, str | bytes))
    return (texts * len(rows)) // len(seen) + len(rows) * (_ROW_BYTES + _VALUE_BYTES * len(rows[0]))


def _type_name(kind: Any) -> str:
    try:
        return str(kind)
    except Exception:
        return type(kind).__name__
