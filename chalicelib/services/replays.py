"""Replay: take a stored request's body in once more, as a new request that names the first."""

from datetime import datetime
from typing import TYPE_CHECKING

from ..domain.errors import Conflict, NotFound
from ..domain.request_log import RequestEntry, kept, replayable

if TYPE_CHECKING:
    from ..storage.requests import RequestLog

_HEADERS = ("content-type", "content-encoding")


def stored_delivery(
    log: "RequestLog", integration_id: str, request_id: str, *, now: datetime, retention_days: int
) -> tuple[RequestEntry, bytes]:
    """Find a request that can be replayed, and its body; raises NotFound, or Conflict with the reason."""
    found = log.find(integration_id, request_id)
    if found is None or not kept(found.entry, now, retention_days):
        raise NotFound("request_not_found", wanted=request_id[:100])
    if not replayable(found.entry):
        raise Conflict("request_not_replayable", request_id=request_id)
    try:
        body = log.body(found, "request")
    except KeyError as error:
        raise Conflict("request_body_gone", request_id=request_id) from error
    if not body and found.entry.request_bytes:
        raise Conflict("request_body_gone", request_id=request_id)
    return found.entry, body


def headers_of(entry: RequestEntry) -> dict[str, str]:
    """Give the headers without which a body cannot be read."""
    return {name.lower(): value for name, value in entry.headers.items() if name.lower() in _HEADERS}
