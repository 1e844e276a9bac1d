"""JSON as it was sent: decimals stay exact, and what Python's parser would hide is kept to be told."""

import json
from decimal import Decimal
from typing import Any

from .values import NotANumber, RepeatedNames, fraction


def parse(text: str) -> Any:
    """Parse exactly: NaN, Infinity and repeated names become a record's own error.

    Raises JSONDecodeError for what is no JSON, RecursionError for what is nested too deeply.
    """
    return json.loads(
        text,
        object_pairs_hook=_object,
        parse_float=fraction,
        parse_int=_whole,
        parse_constant=NotANumber,
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Remember names that came twice: Python's parser keeps the last value and tells nobody."""
    found = dict(pairs)
    return found if len(found) == len(pairs) else RepeatedNames(pairs)


def _whole(digits: str) -> int | Decimal:
    """Keep numbers of any length: Python refuses to make an int of more than 4,300 digits."""
    return int(digits) if len(digits) < 100 else Decimal(digits)
