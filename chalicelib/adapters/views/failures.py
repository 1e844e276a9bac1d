"""What a driver's error means: by the engine's own codes, and by its words only where it gives no code."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.exc import DBAPIError

from ...domain.view_connections import Connection
from ...domain.view_problems import SourceLost, SourceRefused, TableRefused, ViewProblem

LOGIN, DATABASE, TLS, GONE, VIEW, COLUMN, RIGHTS, SLOW = (
    "view_login_refused",
    "view_database_unknown",
    "view_tls_refused",
    "view_connection_lost",
    "view_missing",
    "view_changed",
    "view_rights_missing",
    "view_too_slow",
)
MAX_CAUSE: Final = 300
CANNOT_CONNECT: Final = 2003

_BY_STATE: Final[Mapping[str, str]] = {
    "28P01": LOGIN, "28000": LOGIN, "3D000": DATABASE, "42P01": VIEW, "3F000": VIEW, "42703": COLUMN,
    "42501": RIGHTS, "57014": SLOW, "55P03": SLOW,
}  # fmt: skip
_BY_NUMBER: Final[Mapping[str, Mapping[int, str]]] = {
    "mysql": {
        1045: LOGIN, 1044: DATABASE, 1698: LOGIN, 1251: LOGIN, 1049: DATABASE, 1146: VIEW, 1356: VIEW,
        1054: COLUMN, 1142: RIGHTS, 1143: RIGHTS, 3024: SLOW, 1969: SLOW, 1205: SLOW, 2026: TLS,
        3159: TLS,
    },
    "mssql": {
        18456: LOGIN, 18452: LOGIN, 18470: LOGIN, 4060: DATABASE, 911: DATABASE, 208: VIEW, 207: COLUMN,
        229: RIGHTS, 230: RIGHTS, 1222: SLOW,
    },
    "oracle": {
        1017: LOGIN, 28000: LOGIN, 28001: LOGIN, 1045: LOGIN, 12514: DATABASE, 12505: DATABASE,
        942: VIEW, 904: COLUMN, 1031: RIGHTS, 4024: SLOW, 6006: TLS,
    },
}  # fmt: skip
# Where connecting fails PostgreSQL gives words only, in the server's language.
_BY_WORDS: Final = (
    ("password authentication failed", LOGIN), ("autenticação", LOGIN), ("no pg_hba.conf entry", LOGIN),
    ("pg_hba.conf", LOGIN), ("role ", LOGIN), ("no password supplied", LOGIN),
    ("ssl", TLS), ("certificate", TLS), ("database \"", DATABASE), ("banco de dados \"", DATABASE),
)  # fmt: skip
_STARTING: Final = (
    "starting up",
    "shutting down",
    "recovery mode",
    "too many clients",
    "iniciando",
    "desligando",
)
_REFUSED: Final = frozenset({LOGIN, DATABASE, TLS})
_TABLE: Final = frozenset({VIEW, COLUMN, RIGHTS, SLOW})


def problem_of(error: Exception, connection: Connection, view: str) -> ViewProblem:
    """Classify an error of a driver; the parameters never hold the password."""
    original = error.orig if isinstance(error, DBAPIError) and error.orig else error
    params = {"host": connection.place, "view": view, "cause": connection.scrubbed(_said(original))}
    code = _code(original, connection.engine)
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if code in _REFUSED:
        return SourceRefused(code, **params)
    if code in _TABLE and not lost:
        return TableRefused(code, **params)
    if lost or code == GONE or not view:
        return SourceLost(GONE, **params)
    return TableRefused("view_unreadable", **params)


def _code(error: BaseException, engine: str) -> str | None:
    if isinstance(error, OSError):
        return GONE
    if engine == "postgresql":
        state = getattr(error, "sqlstate", None)
        if state:
            return GONE if state.startswith(("08", "57P", "53")) else _BY_STATE.get(state)
        return _by_words(str(error).lower())
    if engine == "sqlite":
        return {"SQLITE_INTERRUPT": SLOW, "SQLITE_BUSY": SLOW}.get(getattr(error, "sqlite_errorname", ""))
    number = _number(error)
    if number is None:
        return None
    if engine == "mysql" and number == CANNOT_CONNECT and "ssl" in str(error).lower():
        return TLS
    if engine == "mysql" and number in (2002, CANNOT_CONNECT, 2006, 2013, 2055, 1053, 1077, 1079, 1927, 4031):
        return GONE
    if engine == "mssql" and number in (20002, 20003, 20004, 20006, 20009, 20047, 596, 6005):
        return SLOW if number == 20003 else GONE
    if engine == "oracle" and number in (3113, 3114, 12541, 12170, 1033, 1034, 1089, 1012, 4011, 6005, 1001):
        return GONE
    return _BY_NUMBER.get(engine, {}).get(number)


def _by_words(said: str) -> str:
    if any(words in said for words in _STARTING):
        return GONE
    return next((code for words, code in _BY_WORDS if words in said), GONE)


def _number(error: BaseException) -> int | None:
    """Find the engine's number: the first argument, or the code of Oracle's error object."""
    first: Any = error.args[0] if error.args else None
    if isinstance(first, tuple) and first:
        first = first[0]
    full = getattr(first, "full_code", None)
    if isinstance(full, str):
        return int(full.rpartition("-")[2]) if full.rpartition("-")[2].isdecimal() else None
    return first if isinstance(first, int) else None


def _said(error: BaseException) -> str:
    """Give the first line of what a driver says; pymssql says it in bytes."""
    parts = [
        part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part)
        for part in (error.args or (error,))
    ]
    words = " ".join(" ".join(parts).split())
    return words[:MAX_CAUSE] or type(error).__name__
