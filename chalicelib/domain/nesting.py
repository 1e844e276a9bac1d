"""How deep lists and objects stand in each other: a record is flat, and deep ones break recursive code."""

from collections.abc import Iterable
from typing import Any

MAX_DEPTH = 20


def too_deep(value: object) -> bool:
    """Tell whether lists and objects stand in each other more than MAX_DEPTH deep."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for one in level if isinstance(one, dict | list) for inner in _inside(one)]
        if not level:
            return False
    return any(isinstance(one, dict | list) for one in level)


def _inside(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
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
