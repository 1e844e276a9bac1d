"""Control keys: which records the ERP has of a table in a month, by key, and of which version if told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import PydanticCustomError

from . import values
from .control_totals import period_named
from .errors import FieldIssue, Invalid
from .tables import UPDATED_AT, Table
from .tallies import UNDATED, measure_of
from .validation import MAX_KEY_BYTES

MAX_PARTS: Final = 100
MAX_ISSUES: Final = 100
_FIELDS: Final = ("month", "keys", "part", "parts")


@dataclass(frozen=True, slots=True)
class ControlKey:
    """A record that the ERP has; `updated_at`: its version, as canonical instant text."""

    key: str
    updated_at: str | None = None


@dataclass(frozen=True, slots=True)
class KeyList:
    """One part (from 1, of `parts`) of the keys of a period; `repeated` came more than once."""

    period: str
    part: int
    parts: int
    keys: tuple[ControlKey, ...]
    repeated: tuple[str, ...]


def parse(table: Table, body: object) -> KeyList:
    """Read a list of keys; raises Invalid with every issue."""
    if not isinstance(body, dict) or not isinstance(body.get("keys"), list):
        raise Invalid("control_keys_shape")
    issues = [
        FieldIssue(str(name)[:100], "control_field_unknown", {"known": ", ".join(_FIELDS)})
        for name in sorted(map(str, body.keys() - set(_FIELDS)))
    ]
    period = _period(table, body.get("month"), issues)
    parts = _number(body.get("parts", 1), "parts", MAX_PARTS, issues)
    part = _number(body.get("part", 1), "part", parts, issues)
    found, repeated = _keys(body["keys"], issues)
    if issues:
        raise Invalid("control_keys_invalid", fields=issues[:MAX_ISSUES])
    return KeyList(period, part, parts, tuple(found), tuple(repeated))


def _period(table: Table, month: object, issues: list[FieldIssue]) -> str:
    date = measure_of(table.name).date
    period = period_named(month)
    if date and period == UNDATED:
        issues.append(FieldIssue("month", "control_month_missing", {"field": date}))
    elif not date and period != UNDATED:
        issues.append(FieldIssue("month", "control_month_of_undated"))
    elif period is None:
        issues.append(FieldIssue("month", "control_month_invalid"))
    return period or UNDATED


def _number(raw: object, field: str, high: int, issues: list[FieldIssue]) -> int:
    if type(raw) is int and 1 <= raw <= high:
        return raw
    issues.append(FieldIssue(field, "whole_number_range", {"low": "1", "high": str(high)}))
    return 1


def _keys(raw: Sequence[Any], issues: list[FieldIssue]) -> tuple[list[ControlKey], list[str]]:
    found: dict[str, ControlKey] = {}
    repeated: dict[str, None] = {}
    for index, one in enumerate(raw):
        try:
            key = _key(one)
        except PydanticCustomError as error:
            params = {name: str(value) for name, value in (error.context or {}).items()}
            issues.append(FieldIssue("keys", error.type, params, index))
            continue
        if key.key in found:
            repeated[key.key] = None
        found[key.key] = key
    return list(found.values()), list(repeated)


def _key(raw: object) -> ControlKey:
    """Read a key: a text, a whole number, or an object with `key` and `atualizado_em`."""
    updated_at = None
    if isinstance(raw, dict):
        if raw.get(UPDATED_AT) is not None:
            updated_at = values.instant(raw[UPDATED_AT])
        raw = raw.get("key")
    key = values.number_or_text(raw)
    if len(key.encode()) > MAX_KEY_BYTES:
        raise PydanticCustomError("key_too_long", "", {"limit": str(MAX_KEY_BYTES)})
    return ControlKey(key, updated_at)


def dump(keys: Sequence[ControlKey]) -> str:
    """Write keys as lines; no key holds a line feed or a tab, since those cannot be printed."""
    return "\n".join(f"{one.key}\t{one.updated_at}" if one.updated_at else one.key for one in keys)


def load(text: str) -> Iterator[ControlKey]:
    """Read what `dump` wrote."""
    for line in text.split("\n") if text else ():
        key, _, updated_at = line.partition("\t")
        yield ControlKey(key, updated_at or None)
