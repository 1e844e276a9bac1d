"""Values of a CSV, in the forms that people and spreadsheets write, as the API takes them.

Where only one meaning is possible the value is converted; where two are, the line is refused with what to
do; anything else is handed on as it is, and refused by validation like a value sent by HTTP.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from .errors import FieldIssue
from .view_rows import FALSE_WORDS, TRUE_WORDS

Convert = Callable[[str], Any]
"""Converts a text that is not blank; answers a FieldIssue without a field if it cannot be understood."""

HOME_DECIMAL: Final = {";": ",", ",": "."}
"""What separates decimals where a file's delimiter comes from: a semicolon leaves the comma to them."""
_DIGITS: Final = re.compile(r"[0-9]{1,15}")
_MARK: Final = re.compile(r"[.,]")
_DATE: Final = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)
_MIDNIGHT: Final = re.compile(r"[ T]00:00(:00(\.0+)?)?", re.ASCII)
_MOMENT: Final = re.compile(r"(\d{2})/(\d{2})/(\d{4}) (\d{2}:\d{2}(:\d{2})?)", re.ASCII)


def converter(kind: str, *, delimiter: str, decimal: str | None, local: ZoneInfo) -> Convert:
    """Build the conversion of a field's kind; `local` is the time zone of moments that have none."""
    if kind == "decimal":
        return _decimal(decimal, HOME_DECIMAL.get(delimiter))
    if kind == "instant":
        return _instant(local)
    return _CONVERTERS.get(kind, _text)


def _text(value: str) -> Any:
    return value.rstrip(" ")


def _stripped(value: str) -> Any:
    return value.strip()


def _integer(value: str) -> Any:
    text = value.strip()
    return int(text) if _DIGITS.fullmatch(text) else text


def _boolean(value: str) -> Any:
    word = value.strip().upper()
    return word in TRUE_WORDS if word in TRUE_WORDS or word in FALSE_WORDS else value.strip()


def _date(value: str) -> Any:
    text = value.strip()
    if len(text) > 10 and _MIDNIGHT.fullmatch(text, 10):
        text = text[:10]
    found = _DATE.fullmatch(text)
    return f"{found[3]}-{found[2]}-{found[1]}" if found else text


def _instant(local: ZoneInfo) -> Convert:
    def convert(value: str) -> Any:
        text = value.strip()
        found = _MOMENT.fullmatch(text)
        if found:
            text = f"{found[3]}-{found[2]}-{found[1]}T{found[4]}"
        elif day := _DATE.fullmatch(text):
            text = f"{day[3]}-{day[2]}-{day[1]}"
        try:
            moment = datetime.fromisoformat(text)
            aware = moment if moment.tzinfo else moment.replace(tzinfo=local)
            return aware.astimezone(UTC).isoformat()
        except (ValueError, OverflowError):
            return value.strip()

    return convert


def _decimal(declared: str | None, home: str | None) -> Convert:
    """Read numbers whose decimal separator was declared, or is told by each of them."""
    patterns = {mark: _number(mark) for mark in ",."}

    def convert(value: str) -> Any:
        text = value.strip()
        if not _MARK.search(text):
            return text
        fits = [mark for mark, pattern in patterns.items() if pattern.fullmatch(text)]
        if not fits:
            return text
        if declared and declared not in fits:
            return FieldIssue("", "csv_decimal_other", {"value": text[:50], "decimal": declared})
        mark = declared or fits[0]
        if not declared and len(fits) > 1:
            if home is None or text.count(home) != 1:
                return FieldIssue("", "csv_number_ambiguous", {"value": text[:50]})
            mark = home
        return text.replace("," if mark == "." else ".", "").replace(mark, ".")

    return convert


def _number(mark: str) -> re.Pattern[str]:
    """Match numbers with this decimal separator, and the other one between thousands, if at all."""
    other = "," if mark == "." else "."
    whole = rf"(?:[0-9]+|[1-9][0-9]{{0,2}}(?:{re.escape(other)}[0-9]{{3}})+)"
    return re.compile(rf"-?{whole}(?:{re.escape(mark)}[0-9]+)?")


_CONVERTERS: Final[Mapping[str, Convert]] = {
    "choice": _stripped,
    "integer": _integer,
    "date": _date,
    "boolean": _boolean,
}
