"""Calls that go into the request log: write ahead, work, answer, complete the entry, whatever happens."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chalice.app import Response

from .. import wiring
from ..domain import values
from ..domain.request_log import NO_INTEGRATION, NO_TABLE, RequestEntry, new_id, redact
from ..domain.tables import TABLES
from ..services.logged import Logged
from .edge import Call, logger, raw_body, refuse, respond

Worked = tuple[int, Any, dict[str, int]]
"""Status, body, and what is counted of the records."""


def logged_of(call: Call, table: str) -> Logged:
    """Give the call an id that tells its table, and an entry that belongs to nobody yet."""
    call.request_id = new_id(table, call.started)
    request = call.request
    entry = RequestEntry(
        request_id=call.request_id,
        integration_id=NO_INTEGRATION,
        table=table if table in TABLES else NO_TABLE,
        at=values.instant_text(call.started),
        method=request.method,
        path=call.path[:1_000],
        headers=redact(dict(request.headers)),
        request_bytes=len(raw_body(request)),
    )
    return Logged(wiring.request_log(), wiring.background, entry)


def answered(call: Call, logged: Logged, work: Callable[[], Worked]) -> Response:
    """Work and answer; what the work raises is an answer too."""
    counts: dict[str, int] = {}
    try:
        status, body, counts = work()
        answer = respond(call, (status, body))
    except Exception as error:
        answer = refuse(call, error)
    complete(logged, call, answer, counts)
    try:
        logged.end()
    except Exception:  # the next run does what was left
        logger.exception("tidying up after a delivery failed", request_id=logged.entry.request_id)
    return answer


def complete(logged: Logged, call: Call, answer: Response, counts: dict[str, int]) -> None:
    """Write the entry with its answer."""
    content = answer.body.encode()
    code = None if answer.status_code < 400 else json.loads(answer.body)["code"]
    elapsed = wiring.now() - call.started
    entry = replace(
        logged.entry,
        status=answer.status_code,
        code=code,
        duration_ms=round(elapsed.total_seconds() * 1000),
        response_bytes=len(content),
        counts=counts,
    )
    logged.complete(entry, content)
