"""PostgreSQL's moments that Python cannot hold (infinity, the year 10000): handed on as texts.

psycopg would fail the whole page; as a text the value is its own record's error.
"""

from typing import Any

from psycopg import DataError
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader


def _text(data: Any) -> str:
    return bytes(data).decode("ascii", "replace")


class _Date(DateLoader):
    def load(self, data: Any) -> Any:
        try:
            return super().load(data)
        except DataError:
            return _text(data)


class _Timestamp(TimestampLoader):
    def load(self, data: Any) -> Any:
        try:
            return super().load(data)
        except DataError:
            return _text(data)


class _Timestamptz(TimestamptzLoader):
    def load(self, data: Any) -> Any:
        try:
            return super().load(data)
        except DataError:
            return _text(data)


def lenient(raw: Any) -> None:
    """Let a connection hand on what Python has no value for."""
    raw.adapters.register_loader("date", _Date)
    raw.adapters.register_loader("timestamp", _Timestamp)
    raw.adapters.register_loader("timestamptz", _Timestamptz)
