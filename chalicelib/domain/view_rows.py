"""A row of a view as a record of ours: what databases say, in the forms that the API takes.

Databases have fewer or other kinds than JSON: whole numbers for true and false, padded texts, moments
without a time zone, codes kept as numbers. Where only one meaning is possible the value is converted;
anything else is handed on as it is, and refused by validation like a value sent by HTTP.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from .tables import DELETED, UPDATED_AT
from .values import NotANumber
from .view_plan import Plan

Convert = Callable[[Any], Any]
TRUE_WORDS: Final = frozenset({"S", "SIM", "Y", "YES", "T", "TRUE", "V", "1"})
FALSE_WORDS: Final = frozenset({"N", "NAO", "NÃO", "NO", "F", "FALSE", "0"})
_TEXTS: Final = frozenset({"text", "choice", "number_or_text", "any"})
_HUGE: Final = 10**15
_DIGITS: Final = re.compile(r" *[0-9]{1,15} *")
_PLACES: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Converted:
    """A row as a record; `guessed`: fields whose bytes were no UTF-8 and were read as Windows-1252."""

    record: dict[str, Any]
    guessed: tuple[str, ...] = ()


def converter(plan: Plan, local: ZoneInfo) -> Callable[[Sequence[Any]], Converted]:
    """Build the function that makes a record of a row, whose values stand in the order of `plan.read`.

    A NULL is a field that is not there. `local`: the time zone of moments that have none of their own.
    """
    kinds: dict[str, str] = {field.name: field.kind for field in plan.table.fields}
    kinds |= {UPDATED_AT: "instant", DELETED: "boolean"}
    places = {name: place for place, name in enumerate(plan.read)}
    steps = [
        (field, places[column], _CONVERTERS[kinds.get(field, "any")](local))
        for field, column in plan.columns.items()
    ]
    texts = frozenset(field for field in plan.columns if kinds.get(field, "any") in _TEXTS)

    def convert(row: Sequence[Any]) -> Converted:
        record = {field: step(value) for field, place, step in steps if (value := row[place]) is not None}
        if not any(isinstance(value, bytes) for value in row):
            return Converted(record)
        raw = {field: row[place] for field, place, _ in steps if field in texts}
        odd = {field: value for field, value in raw.items() if isinstance(value, bytes)}
        guessed = tuple(field for field, value in odd.items() if not _is_utf8(value))
        return Converted(record | {field: _decoded(value) for field, value in odd.items()}, guessed)

    return convert


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decoded(raw: bytes) -> str:
    """Read bytes as text: UTF-8, else the Western code page that old systems of the region write."""
    encoding = "utf-8" if _is_utf8(raw) else "cp1252"
    return raw.decode(encoding, "replace").rstrip(" ")


def _text(local: ZoneInfo) -> Convert:
    def convert(value: Any) -> Any:
        if isinstance(value, str):
            return value.rstrip(" ")
        if isinstance(value, bool):
            return value
        if isinstance(value, int | UUID):
            return str(value)
        if isinstance(value, Decimal) and value.is_finite():
            return f"{value:f}" if value != value.to_integral_value() else f"{value.to_integral_value():f}"
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return _plain(value)

    return convert


def _decimal(local: ZoneInfo) -> Convert:
    def convert(value: Any) -> Any:
        if isinstance(value, float):
            # Binary fractions are inexact where they come from: six places are what we keep of any number.
            exact = Decimal(repr(value))
            return (
                exact.quantize(_PLACES).normalize()
                if exact.is_finite() and abs(exact) < _HUGE
                else NotANumber(repr(value))
            )
        if isinstance(value, Decimal):
            return value if value.is_finite() else NotANumber(str(value))
        return value.strip(" ") if isinstance(value, str) else _plain(value)

    return convert


def _integer(local: ZoneInfo) -> Convert:
    def convert(value: Any) -> Any:
        if isinstance(value, Decimal | float) and -_HUGE < value < _HUGE and value == int(value):
            return int(value)
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            return int(value)
        return _plain(value)

    return convert


def _date(local: ZoneInfo) -> Convert:
    def convert(value: Any) -> Any:
        if isinstance(value, datetime):
            return (value.astimezone(local) if value.tzinfo else value).date().isoformat()
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, str):
            text = value.strip(" ")
            # SQLite and views that cast: a date with the time of midnight is a date.
            return text[:10] if text[10:] in (" 00:00:00", "T00:00:00", " 00:00:00.000000") else text
        return _plain(value)

    return convert


def _instant(local: ZoneInfo) -> Convert:
    def convert(value: Any) -> Any:
        if isinstance(value, str):
            text = value.strip(" ")
            try:
                value = datetime.fromisoformat(text)
            except ValueError:
                return text
        elif isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if not isinstance(value, datetime):
            return _plain(value)
        aware = value if value.tzinfo else value.replace(tzinfo=local)
        try:
            return aware.astimezone(UTC).isoformat()
        except OverflowError:
            return value.isoformat()

    return convert


def _boolean(local: ZoneInfo) -> Convert:
    def convert(value: Any) -> Any:
        if isinstance(value, int | Decimal | float) and value in (0, 1):
            return bool(value)
        if isinstance(value, bytes | bytearray) and bytes(value) in (b"\x00", b"\x01"):
            return bytes(value) == b"\x01"
        word = value.strip(" ").upper() if isinstance(value, str) else None
        if word in TRUE_WORDS or word in FALSE_WORDS:
            return word in TRUE_WORDS
        return _plain(value)

    return convert


def _any(local: ZoneInfo) -> Convert:
    """Keep what the contract does not know as near as JSON comes to it."""

    def convert(value: Any) -> Any:
        if isinstance(value, str):
            return value.rstrip(" ")
        if isinstance(value, datetime):
            return _instant(local)(value)
        if isinstance(value, date):
            return value.isoformat()
        return _plain(value)

    return convert


def _plain(value: Any) -> Any:
    """Give a value that no field takes in a form that can be shown in the error and written as JSON."""
    if isinstance(value, bool | int | str | Decimal | NotANumber):
        return value
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else NotANumber(repr(value))
    if isinstance(value, bytes | bytearray | memoryview):
        return {"bytes": bytes(value[:64]).hex()}
    if isinstance(value, datetime | date | time):
        return {"moment": value.isoformat()}
    return {type(value).__name__: str(value)[:200]}


_CONVERTERS: Final[Mapping[str, Callable[[ZoneInfo], Convert]]] = {
    "text": _text,
    "choice": _text,
    "number_or_text": _text,
    "decimal": _decimal,
    "integer": _integer,
    "date": _date,
    "instant": _instant,
    "boolean": _boolean,
    "any": _any,
}
