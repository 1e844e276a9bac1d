"""Open a source: its secret becomes a connection, and a connection a database that can only be read."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...domain.errors import Invalid
from ...domain.view_connections import parse_connection
from ...domain.view_problems import SourceRefused
from ...domain.view_source import ViewSource
from .database import Database
from .engines import Access


@dataclass(frozen=True, slots=True)
class Rules:
    """What a deployment allows.

    forbidden_networks  addresses that nobody may be connected to (CIDR)
    sqlite_folder       where SQLite files may lie; empty: they are not offered
    longest_seconds     that a statement may take here, whatever the source says
    """

    forbidden_networks: Sequence[str]
    sqlite_folder: str
    longest_seconds: int


def open_source(source: ViewSource, secret: str | None, rules: Rules) -> Database:
    """Open a source by its secret's content; nothing is connected yet. Raises SourceRefused."""
    if secret is None:
        raise SourceRefused("view_secret_missing", host=source.connection_secret, view="", cause="")
    try:
        connection = parse_connection(secret, source.engine)
    except Invalid as error:
        cause = error.fields[0].code
        raise SourceRefused(
            "view_secret_invalid", host=source.connection_secret, view="", cause=cause
        ) from error
    seconds = max(1, min(source.statement_timeout_seconds, rules.longest_seconds))
    access = Access(connection, source.tls, seconds, rules.sqlite_folder)
    return Database(access, rules.forbidden_networks)
