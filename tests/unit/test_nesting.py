"""How deep a value is nested is told without recursion, and what is too deep can be left out."""

import json
from typing import Any

import pytest

from chalicelib.domain.nesting import MAX_DEPTH, shallow, too_deep


def nested(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


@pytest.mark.parametrize(
    ("depth", "deep"), [(0, False), (1, False), (MAX_DEPTH, False), (MAX_DEPTH + 1, True), (100_000, True)]
)
def test_depth_is_measured_at_any_depth(depth: int, deep: bool) -> None:
    assert too_deep(nested(depth)) is deep
    assert too_deep([1, {}, [], nested(depth - 1) if depth else 1]) is deep


def test_a_shallow_copy_can_be_written_and_keeps_what_is_not_too_deep() -> None:
    copied = shallow({"codigo": "1", "x": nested(100_000), "y": [None, {"z": 1}]})
    assert not too_deep(copied)
    written = json.loads(json.dumps(copied, ensure_ascii=False))
    assert (written["codigo"], written["y"]) == ("1", [None, {"z": 1}])
    assert json.dumps(written["x"], ensure_ascii=False).count("…") == 1
