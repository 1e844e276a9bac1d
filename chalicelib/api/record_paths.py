"""Paths that name a record: its table, and its key, percent-encoded."""

from urllib.parse import unquote_to_bytes

from ..domain.errors import Invalid, NotFound
from ..domain.tables import NAMES, TABLES, Table


def table_of(name: str) -> Table:
    """Find a table; raises NotFound, which lists the 12."""
    if name not in TABLES:
        raise NotFound("table_unknown", table=name[:100], tables=", ".join(NAMES))
    return TABLES[name]


def key_of(argument: str) -> str:
    """Read a key from a path; raises Invalid when it is no UTF-8."""
    try:
        return unquote_to_bytes(argument).decode()
    except UnicodeDecodeError as error:
        raise Invalid("key_encoding_invalid") from error
