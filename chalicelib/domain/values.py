"""Parsers of single field values: from JSON to the canonical text we store, or an error code.

Canonical forms: decimals are plain strings without trailing zeros, dates `YYYY-MM-DD`, instants
UTC with six decimals and `Z`, so that equal values are equal texts and instants sort as text.
"""

import re
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic_core import PydanticCustomError

MAX_TEXT = 4_000
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_DECIMAL = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_INTEGER_DIGITS, _DECIMAL_PLACES = 15, 6
MAX_INTEGER = 999_999_999


class NotANumber:
    """Stands for a NaN or Infinity literal, which Python's parser takes and JSON does not have."""

    def __init__(self, literal: str) -> None:
        self.literal = literal


def fraction(digits: str) -> Decimal | NotANumber:
    """Keep a JSON number exactly; one whose exponent no computer could hold is its field's own error."""
    try:
        return Decimal(digits)
    except InvalidOperation:
        return NotANumber(digits[:50])


class RepeatedNames(dict[str, Any]):
    """A JSON object that names a field more than once: which value is meant, nobody can tell."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        counts = Counter(name for name, _ in pairs)
        self.names = frozenset(name for name, count in counts.items() if count > 1)


def repeated(value: object) -> frozenset[str]:
    """List the names that an object has more than once."""
    return value.names if isinstance(value, RepeatedNames) else frozenset()


def text(value: object) -> str:
    """Accept a string of at most 4,000 characters without control characters or lone surrogates."""
    if type(value) is not str:
        raise PydanticCustomError("not_text", "")
    if len(value) > MAX_TEXT:
        raise PydanticCustomError("text_too_long", "", {"length": str(len(value)), "limit": str(MAX_TEXT)})
    if not value.isprintable() and (found := CONTROL.search(value)):
        raise PydanticCustomError("control_character", "", {"character": f"U+{ord(found.group()):04X}"})
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            bad = f"U+{ord(value[error.start]):04X}"
            raise PydanticCustomError("lone_surrogate", "", {"character": bad}) from None
    return value


def required_text(value: object) -> str:
    """Accept a text that is not blank."""
    if value is None or (type(value) is str and not value.strip()):
        raise PydanticCustomError("missing", "")
    return text(value)


def number_or_text(value: object) -> str:
    """Accept a text or a whole number, which becomes text (instalment numbers arrive as both)."""
    return str(integer(value)) if type(value) is int else required_text(value)


def decimal(value: object) -> str:
    """Accept an exact number, or its text with a point; up to 15 integer digits and 6 decimals."""
    if isinstance(value, NotANumber):
        raise PydanticCustomError("not_a_number", "", {"value": value.literal})
    if type(value) is str:
        if not _DECIMAL.fullmatch(value) or len(value) > 40:
            raise PydanticCustomError("not_decimal", "")
    elif type(value) is not int and type(value) is not Decimal:
        raise PydanticCustomError("not_decimal", "")
    return canonical_decimal(Decimal(value))


def canonical_decimal(number: Decimal) -> str:
    """Write the number plainly: no exponent, no trailing zeros, no negative zero."""
    if not number:
        return "0"
    if not number.is_finite():
        raise PydanticCustomError("not_decimal", "")
    if number.adjusted() >= _INTEGER_DIGITS:
        raise PydanticCustomError("decimal_too_large", "", {"digits": str(_INTEGER_DIGITS)})
    if number.adjusted() < -_DECIMAL_PLACES:  # never written out: 1e-999999999 has a gigabyte of zeros
        raise PydanticCustomError("too_many_decimals", "", {"places": str(_DECIMAL_PLACES)})
    whole, _, places = format(number, "f").partition(".")
    places = places.rstrip("0")
    if len(places) > _DECIMAL_PLACES:
        raise PydanticCustomError("too_many_decimals", "", {"places": str(_DECIMAL_PLACES)})
    return f"{whole}.{places}" if places else whole


def integer(value: object) -> int:
    """Accept a whole JSON number from 0 to 999,999,999."""
    if type(value) is not int:
        raise PydanticCustomError("not_integer", "")
    if not 0 <= value <= MAX_INTEGER:
        raise PydanticCustomError("integer_out_of_range", "", {"limit": str(MAX_INTEGER)})
    return value


def boolean(value: object) -> bool:
    """Accept true or false only."""
    if type(value) is not bool:
        raise PydanticCustomError("not_boolean", "")
    return value


def calendar_date(value: object) -> str:
    """Accept `YYYY-MM-DD`, an existing day from 1900 to 2200."""
    if type(value) is not str or not _DATE.fullmatch(value):
        raise PydanticCustomError("not_date", "")
    try:
        parsed = date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("no_such_date", "", {"value": value}) from None
    if not _FIRST_YEAR <= parsed.year <= _LAST_YEAR:
        raise PydanticCustomError("no_such_date", "", {"value": value})
    return value


def instant(value: object) -> str:
    """Accept an ISO 8601 instant; without an offset it is read as UTC (the caller warns)."""
    if type(value) is not str or not _INSTANT.fullmatch(value):
        raise PydanticCustomError("not_instant", "")
    try:
        parsed = datetime.fromisoformat(value.replace(",", "."))
    except ValueError:
        raise PydanticCustomError("no_such_date", "", {"value": value}) from None
    if not _FIRST_YEAR <= parsed.year <= _LAST_YEAR:
        raise PydanticCustomError("no_such_date", "", {"value": value})
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return instant_text(aware)


def instant_text(moment: datetime) -> str:
    """Write an aware instant as UTC with six decimals, so that texts sort as instants do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def has_offset(raw: object) -> bool:
    """Tell whether an instant as sent names its UTC offset."""
    return type(raw) is str and bool(re.search(r"(Z|[+-]\d{2}:?\d{2})$", raw))
