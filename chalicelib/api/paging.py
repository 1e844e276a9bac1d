"""Lists: `limit`, and cursors that say where to go on."""

import base64
import binascii
import json
from typing import Any

from ..domain.errors import Invalid
from .edge import Call

DEFAULT_LIMIT, MAX_LIMIT = 50, 200
_MAX_KEY_BYTES = 1_024  # DynamoDB's limit of a sort key
_MAX_NUMBER = 10**15


def limit(call: Call) -> int:
    """Read `limit`; raises Invalid outside 1 to 200."""
    raw = call.query("limit") or str(DEFAULT_LIMIT)
    if not (raw.isascii() and raw.isdecimal()) or len(raw) > 4 or not 1 <= int(raw) <= MAX_LIMIT:
        raise Invalid("limit_invalid", limit=MAX_LIMIT)
    return int(raw)


def cursor(call: Call, *shape: type) -> list[Any] | None:
    """Read `cursor`, whose values must be of these types (or null, but for the first); raises Invalid."""
    raw = call.query("cursor")
    if raw is None:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(raw.encode() + b"=" * (-len(raw) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise Invalid("cursor_invalid") from error
    fits = isinstance(values, list) and len(values) == len(shape) and values[0] is not None
    if not fits or not all(v is None or _fits(v, kind) for v, kind in zip(values, shape, strict=True)):
        raise Invalid("cursor_invalid")
    found: list[Any] = values
    return found


def _fits(value: Any, kind: type) -> bool:
    """Tell whether a cursor's value is of its type, and can be a key at all."""
    if type(value) is not kind:
        return False
    if isinstance(value, int):
        return abs(value) < _MAX_NUMBER
    try:
        return 0 < len(str(value).encode()) <= _MAX_KEY_BYTES
    except UnicodeEncodeError:
        return False


def next_cursor(*values: Any) -> str:
    """Write a cursor."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def listed(items: list[Any], more: str | None) -> dict[str, Any]:
    """Shape a list as the contract has it."""
    return {"items": items, "next_cursor": more}
