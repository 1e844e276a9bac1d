"""Issues of records and settings, as answers show them."""

from collections.abc import Iterable
from typing import Any

from ..domain.errors import FieldIssue
from .texts import text


def rendered(issues: Iterable[FieldIssue], language: str) -> list[dict[str, Any]]:
    """Write issues as the contract shows them."""
    return [
        {
            "index": issue.index,
            "key": issue.key,
            "field": issue.field,
            "code": issue.code,
            "message": text(issue.code, issue.params, language),
        }
        for issue in issues
    ]
