"""How deep lists and objects stand in each other: a record is flat, and deep ones break recursive code."""

from collections.abc import Iterable
from typing import Any

MAX_DEPTH = 20
_CONTAINERS = (dict, list)  # a tuple, since a union of types takes twice as long for every value there is


def too_deep(value: object) -> bool:
    """Tell whether lists and objects stand in each other more than MAX_DEPTH deep."""
    level = [value] if isinstance(value, _CONTAINERS) else []
    for _ in range(MAX_DEPTH):
        if not level:
            return False
        level = [inner for one in level for inner in _inside(one) if isinstance(inner, _CONTAINERS)]
    return bool(level)


def _inside(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def shallow(value: Any, depth: int = MAX_DEPTH) -> Any:
    """Copy a value without what lies too deep; "…" stands for it."""
    if not isinstance(value, dict | list):
        return value
    if not depth:
        return "…"
    if isinstance(value, dict):
        return {name: shallow(one, depth - 1) for name, one in value.items()}
    return [shallow(one, depth - 1) for one in value]
