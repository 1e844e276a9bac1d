"""What a connection secret holds: an address like `postgresql://user:password@host:5432/database`, or the
same as JSON, as Secrets Manager's own database secrets have it, whose password needs no escaping.

The JSON may also hold `ca_certificate`: the authority, as PEM, that signed the server's certificate.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from .errors import FieldIssue, Invalid
from .view_source import Engine

SCHEMES: Final[dict[str, Engine]] = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "mssql": "mssql",
    "sqlserver": "mssql",
    "oracle": "oracle",
    "sqlite": "sqlite",
}
PORTS: Final[dict[Engine, int]] = {"postgresql": 5432, "mysql": 3306, "mssql": 1433, "oracle": 1521}
HIDDEN: Final = "•••"


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach a database; `host` is empty for SQLite, whose `database` is a file."""

    engine: Engine
    host: str
    port: int
    database: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_certificate: str = field(default="", repr=False)

    @property
    def place(self) -> str:
        """The database as people may read it: never with the password."""
        if not self.host:
            return self.database
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}/{self.database}"

    def scrubbed(self, text: str) -> str:
        """Hide the password wherever a driver repeats it."""
        return text.replace(self.password, HIDDEN) if self.password else text


def parse_connection(text: str, engine: Engine) -> Connection:
    """Read a secret's content; raises Invalid, whose parameters never hold any of it."""
    text = text.strip()
    found = _from_json(text) if text.startswith("{") else _from_address(text)
    given = SCHEMES.get(found["scheme"].partition("+")[0].lower())
    if given != engine:
        raise _refused("view_connection_engine", engine=engine)
    host, port, database = found["host"], found["port"] or PORTS.get(engine, 0), found["database"]
    if engine != "sqlite" and not host:
        raise _refused("view_connection_host")
    if not database:
        raise _refused("view_connection_database")
    return Connection(engine, host, port, database, found["user"], found["password"], found["authority"])


def _from_json(text: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
        return {
            "scheme": str(given["engine"]),
            "host": str(given.get("host") or ""),
            "port": int(given.get("port") or 0),
            "database": str(given.get("dbname") or given.get("database") or ""),
            "user": str(given.get("username") or given.get("user") or ""),
            "password": str(given.get("password") or ""),
            "authority": str(given.get("ca_certificate") or ""),
        }
    except (ValueError, KeyError, TypeError) as error:
        raise _refused("view_connection_malformed") from error


def _from_address(text: str) -> dict[str, Any]:
    try:
        parts = urlsplit(text)
        port = parts.port or 0
    except ValueError as error:
        raise _refused("view_connection_malformed") from error
    if parts.query or parts.fragment:
        # Options of drivers read files and run statements; a password's own ? or # has to be escaped.
        raise _refused("view_connection_options")
    path = unquote(parts.path)
    return {
        "scheme": parts.scheme,
        "host": unquote(parts.hostname or ""),
        "port": port,
        # sqlite:////folder/file is an absolute path, as SQLAlchemy writes it.
        "database": path.removeprefix("/"),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "authority": "",
    }


def _refused(code: str, **params: str) -> Invalid:
    return Invalid("invalid_setting", fields=[FieldIssue("view_source.connection_string", code, params)])
