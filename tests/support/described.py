"""Answers of the API held against what its own description says of them."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from chalicelib.api.openapi import document
from tests.support.world import Answer

Operation = dict[str, Any]


def complaints(method: str, path: str, answer: Answer) -> list[str]:
    """List what differs from the description; nothing is said of paths and methods that are not in it."""
    found = operation(method, path)
    if found is None:
        return []
    kind = answer.headers["Content-Type"]
    described = found["responses"].get(status_of(answer), {})
    if kind not in described.get("content", {}):
        return [f"{found['operationId']} answers {answer.status} {kind}, which is not described"]
    lacking = [f"no header {name}" for name in described.get("headers", {}) if name not in answer.headers]
    validator = validator_of(found["operationId"], status_of(answer), kind)
    return lacking + [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer.body)]


def status_of(answer: Answer) -> str:
    """Name the description of an answer's status: what fails on our side has one in common."""
    return "default" if answer.status == 500 else str(answer.status)


def operation(method: str, path: str) -> Operation | None:
    """Find the operation that describes a call."""
    asked = path.partition("?")[0]
    found = (one for template, one in _operations(method.lower()) if template.fullmatch(asked))
    return next(found, None)


def operations() -> Iterator[Operation]:
    """List every operation."""
    for methods in document()["paths"].values():
        yield from methods.values()


@cache
def validator_of(operation_id: str, status: str, kind: str) -> Draft202012Validator:
    """Build the check of one answer."""
    found = next(one for one in operations() if one["operationId"] == operation_id)
    schema = found["responses"][status]["content"][kind]["schema"]
    return Draft202012Validator({**schema, "components": document()["components"]})


@cache
def _operations(method: str) -> list[tuple[re.Pattern[str], Operation]]:
    return [
        (re.compile(re.sub(r"{\w+}", "[^/]+", path) + "/?"), methods[method])
        for path, methods in document()["paths"].items()
        if method in methods
    ]
