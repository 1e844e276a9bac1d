"""What differs between engines: drivers, encryption, time-outs, and transactions that cannot write."""

import os
import ssl
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from ...domain.fingerprints import digest_of
from ...domain.view_connections import Connection
from ...domain.view_problems import SourceRefused
from ...domain.view_source import Engine, Tls

CONNECT_SECONDS: Final = 5
NAME: Final = "integration-history"
FIRST_STATEMENTS: Final[Mapping[str, str]] = {"oracle": "SET TRANSACTION READ ONLY"}
"""What makes a transaction unable to write, where no setting of the connection does."""


@dataclass(frozen=True, slots=True)
class Access:
    """How a source is to be reached; `sqlite_folder` empty: SQLite files are not offered."""

    connection: Connection
    tls: Tls
    timeout_seconds: int
    sqlite_folder: str = ""


def engine_of(access: Access) -> sa.Engine:
    """Build the engine; nothing is connected yet. Every connection it makes can only read."""
    connection = access.connection
    driver, arguments, query, opened = _BUILDERS[connection.engine](access)
    url = sa.URL.create(
        driver,
        username=connection.user or None,
        password=connection.password or None,
        host=connection.host or None,
        port=connection.port or None,
        database=_database(connection),
        query=query,
    )
    engine = sa.create_engine(url, poolclass=NullPool, connect_args=arguments, hide_parameters=True)
    sa.event.listen(engine, "connect", lambda raw, _record: opened(raw))
    return engine


def _database(connection: Connection) -> str | None:
    if connection.engine == "oracle":
        return None  # a service name, which stands in the query
    if connection.engine == "sqlite":
        return "file:" + quote(str(Path(connection.database).resolve()))
    return connection.database


Built = tuple[str, dict[str, Any], Mapping[str, str], Callable[[Any], None]]


def _postgresql(access: Access) -> Built:
    from .postgresql import lenient

    modes = {"verify": "verify-full", "require": "require", "off": "disable"}
    settings = {
        "statement_timeout": f"{access.timeout_seconds}s",
        "idle_in_transaction_session_timeout": "60s",
        "default_transaction_read_only": "on",
    }
    arguments = {
        "sslmode": modes[access.tls],
        "connect_timeout": CONNECT_SECONDS,
        "application_name": NAME,
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        "prepare_threshold": None,  # a pooler in front of the server would lose prepared statements
        "tcp_user_timeout": (access.timeout_seconds + CONNECT_SECONDS) * 1_000,
    }
    if access.tls == "verify":
        arguments["sslrootcert"] = _authorities(access.connection)
    return "postgresql+psycopg", arguments, {}, lenient


def _mysql(access: Access) -> Built:
    seconds = access.timeout_seconds
    arguments: dict[str, Any] = {
        "password": access.connection.password.encode(),  # of a text the driver would make Latin-1
        "charset": "utf8mb4",
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": seconds + CONNECT_SECONDS,
        "local_infile": False,
        "program_name": NAME,
    }
    arguments |= {"ssl_disabled": True} if access.tls == "off" else {"ssl": _context(access)}

    def opened(raw: Any) -> None:
        limit = (
            f"max_statement_time = {seconds}"
            if "MariaDB" in raw.get_server_info()
            else f"max_execution_time = {seconds * 1_000}"
        )
        with raw.cursor() as cursor:
            cursor.execute(f"SET SESSION {limit}")
            cursor.execute("SET SESSION TRANSACTION READ ONLY")

    return "mysql+pymysql", arguments, {}, opened


def _mssql(access: Access) -> Built:
    arguments = {
        "login_timeout": CONNECT_SECONDS,
        "timeout": access.timeout_seconds,
        "charset": "UTF-8",
        "appname": NAME,
        "tds_version": "7.4",
        "read_only": True,
        "encryption": "off" if access.tls == "off" else "require",
        "use_datetime2": True,
    }
    return "mssql+pymssql", arguments, {}, lambda raw: None


def _oracle(access: Access) -> Built:
    arguments: dict[str, Any] = {"tcp_connect_timeout": CONNECT_SECONDS, "program": NAME}
    if access.tls != "off":
        arguments |= {"protocol": "tcps", "ssl_context": _context(access)}
        arguments["ssl_server_dn_match"] = access.tls == "verify"

    def opened(raw: Any) -> None:
        raw.call_timeout = access.timeout_seconds * 1_000
        with raw.cursor() as cursor:
            # Rows are read on from the last key: order and comparison have to agree.
            cursor.execute("ALTER SESSION SET NLS_SORT = BINARY NLS_COMP = BINARY")

    return "oracle+oracledb", arguments, {"service_name": access.connection.database}, opened


def _sqlite(access: Access) -> Built:
    import time

    folder = Path(access.sqlite_folder).resolve() if access.sqlite_folder else None
    file = Path(access.connection.database).resolve()
    if folder is None or not file.is_relative_to(folder):
        raise SourceRefused("view_engine_not_offered", engine="sqlite")
    if not file.is_file():
        raise SourceRefused("view_database_unknown", host=file.name, cause="there is no such file")

    def opened(raw: Any) -> None:
        raw.text_factory = _text_or_bytes
        raw.execute("PRAGMA query_only = ON")
        deadline = time.monotonic() + access.timeout_seconds * 20  # of a connection: SQLite is for the demo
        raw.set_progress_handler(lambda: time.monotonic() > deadline, 100_000)

    query = {"mode": "ro", "uri": "true", "timeout": str(CONNECT_SECONDS)}
    return "sqlite+pysqlite", {}, query, opened


def _text_or_bytes(raw: bytes) -> str | bytes:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _context(access: Access) -> ssl.SSLContext:
    """Encrypt; "verify" also makes sure whom we talk to."""
    if access.tls == "verify":
        own = access.connection.ca_certificate
        return ssl.create_default_context(cadata=own) if own else ssl.create_default_context(cafile=_public())
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _public() -> str:
    """Name the file of the public authorities, those that AWS is reached by."""
    from botocore.httpsession import get_cert_path

    return str(get_cert_path(True))


def _authorities(connection: Connection) -> str:
    """Name the file of the authorities we trust; the secret's own make one, however often they are used."""
    if not connection.ca_certificate:
        return _public()
    folder = Path(tempfile.gettempdir()) / f"authorities-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / f"{digest_of(connection.ca_certificate)}.pem"
    file.write_text(connection.ca_certificate)
    return str(file)


_BUILDERS: Final[Mapping[Engine, Callable[[Access], Built]]] = {
    "postgresql": _postgresql,
    "mysql": _mysql,
    "mssql": _mssql,
    "oracle": _oracle,
    "sqlite": _sqlite,
}
