"""Values of a database as JSON, with their kinds: where reading stands, and how far it has come."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo


def dump_value(value: Any) -> list[Any]:
    """Give a value as [kind, text or number]; raises TypeError for kinds that nobody can order by."""
    if value is None or isinstance(value, bool | int | str):
        return ["=", value]
    if isinstance(value, datetime):
        return ["instant", value.isoformat()]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    if isinstance(value, Decimal):
        return ["decimal", str(value)]
    if isinstance(value, float):
        return ["float", repr(value)]
    if isinstance(value, bytes | bytearray | memoryview):
        return ["bytes", bytes(value).hex()]
    if isinstance(value, UUID):
        return ["uuid", value.hex]
    raise TypeError(type(value).__name__)


def load_value(dumped: list[Any]) -> Any:
    """Read what `dump_value` wrote."""
    kind, value = dumped
    return _LOADERS[kind](value)


_LOADERS: dict[str, Any] = {
    "=": lambda value: value,
    "instant": datetime.fromisoformat,
    "date": date.fromisoformat,
    "decimal": Decimal,
    "float": float,
    "bytes": bytes.fromhex,
    "uuid": UUID,
}


def kind_of_watermark(value: Any) -> str | None:
    """Tell which kind of watermark a value can be: "instant", "date", "number", "text"; None: none.

    A text counts as the moment that it is; one that is none can only be compared.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return "instant" if _moment(value) else "text"
    if isinstance(value, datetime):
        return "instant"
    if isinstance(value, date):
        return "date"
    return "number" if isinstance(value, int | Decimal) else None


def before(value: Any, overlap: int) -> Any:
    """Go back from a watermark by minutes, days or numbers."""
    try:
        if isinstance(value, str):
            found = _moment(value)
            return _written_like(value, found - timedelta(minutes=overlap)) if found else value
        if isinstance(value, datetime):
            return value - timedelta(minutes=overlap)
        if isinstance(value, date):
            return value - timedelta(days=overlap)
    except OverflowError:
        return value
    return value - overlap


def not_later(value: Any, now: datetime, local: ZoneInfo) -> Any:
    """Bring a watermark from the future back to now: rows to come would lie before it, and be missed."""
    if isinstance(value, str):
        found = _moment(value)
        if found is None:
            return value
        reached = not_later(found, now, local)
        return value if reached == found else _written_like(value, reached)
    if isinstance(value, datetime):
        reached = now.astimezone(value.tzinfo or local)
        return min(value, reached if value.tzinfo else reached.replace(tzinfo=None))
    if isinstance(value, date):
        return min(value, now.astimezone(local).date())
    return value


def _moment(text: str) -> datetime | None:
    """Read a text that is a moment to the second, as databases without such a type keep them."""
    if not _MOMENT.match(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _written_like(text: str, moment: datetime) -> str:
    """Write a moment as another was written, to the second: so much earlier it only reads more."""
    return f"{moment:%Y-%m-%d}{text[10]}{moment:%H:%M:%S}"


_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}")
