"""The tab Histórico: every request of the ERP and our answer, listed and one by one."""

import base64
from typing import Any

from chalice.app import Blueprint, Response

from .. import wiring
from ..domain.errors import Invalid, NotFound
from ..domain.history import Period, Question, parse_filter, parse_period, parse_tables, recent
from ..domain.integrations import Integration
from ..domain.personal_bodies import mask_body
from ..domain.request_log import NO_TABLE, RequestEntry, kept, place_of, readable, situation
from ..domain.schedule import zone
from ..domain.values import instant_text
from ..i18n.texts import text
from ..services.history import browse
from ..settings import settings
from .answers import sized_json
from .edge import Call, endpoint
from .paging import cursor, limit, listed, next_cursor

bp = Blueprint(__name__)
_LONG = 200_000  # two bodies up to this length fit into an answer, however they have to be escaped
_REQUESTS = "/v1/integrations/{integration_id}/requests"


@endpoint(
    bp,
    "GET",
    _REQUESTS,
    caller="viewer",
    tag="History",
    summary="List requests, newest first",
    query=("from", "to", "table", "status", "limit", "cursor"),
    answers={200: "RequestList"},
)
def index(call: Call, integration_id: str) -> dict[str, Any]:
    """List requests of a period, of some tables, with a situation or HTTP status."""
    integration = call.integration(integration_id)
    asked = Question(
        integration.integration_id,
        parse_tables(call.several("table")),
        _period(call, integration),
        parse_filter(call.several("status")),
    )
    position = cursor(call, str)
    before = position[0] if position else None
    if before and not place_of(before):
        raise Invalid("cursor_invalid")
    found, more = browse(wiring.request_log(), wiring.background, asked, before, limit(call), wiring.now())
    return listed([_shown(call, one.entry) for one in found], next_cursor(more) if more else None)


def _period(call: Call, integration: Integration) -> Period:
    """Read the period asked for; each end that is left out is as far away as may be."""
    now, local = wiring.now(), zone(integration.schedule.timezone)
    longest = recent(now, local, settings().request_retention_days)
    given = {name: (call.query(name) or "").replace(" ", "+") for name in ("from", "to")}
    return parse_period(
        given["from"] or instant_text(longest.since),
        given["to"] or instant_text(longest.until),
        now=now,
        zone=local,
        retention_days=settings().request_retention_days,
    )


@endpoint(
    bp,
    "GET",
    _REQUESTS + "/{request_id}",
    caller="viewer",
    tag="History",
    summary="Read a request and its answer, whole",
    answers={200: "Request"},
)
def show(call: Call, integration_id: str, request_id: str) -> Response | dict[str, Any]:
    """Read one request with its headers and both bodies; a body that is too large comes as a link."""
    integration = call.integration(integration_id)
    log = wiring.request_log()
    found = log.find(integration.integration_id, request_id)
    if found is None or not kept(found.entry, wiring.now(), settings().request_retention_days):
        raise NotFound("request_not_found", wanted=request_id[:100])
    bodies = [_body(call, body) for body in next(log.bodies([found]))]
    described = {**_shown(call, found.entry), "headers": call.seen(found.entry.headers)}
    for part, (body, encoding) in zip(("request", "response"), bodies, strict=True):
        described |= {f"{part}_body": body, f"{part}_body_encoding": encoding, f"{part}_body_url": None}
    answer = sized_json(call, described)
    return answer if answer else _linked(call, integration.integration_id, described)


def _linked(call: Call, integration_id: str, described: dict[str, Any]) -> dict[str, Any]:
    """Put bodies that are too large for an answer into files of their own."""
    for part in ("request", "response"):
        content = described[f"{part}_body"]
        name = f"{described['request_id']}-{part}.txt"
        if len(content) > _LONG:
            url = wiring.files().offer(f"{integration_id}/{call.request_id}/{name}", name, content.encode())
            described |= {f"{part}_body": None, f"{part}_body_url": url}
    return described


def _body(call: Call, body: bytes) -> tuple[str, str]:
    """Write a body as text, or as base64 where its bytes are none; also which of the two."""
    plain = readable(body)
    if not call.caller.sees_personal_data:
        plain = mask_body(plain.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    try:
        return plain.decode(), "utf-8"
    except UnicodeDecodeError:
        return base64.b64encode(plain).decode(), "base64"


def _shown(call: Call, entry: RequestEntry) -> dict[str, Any]:
    judged = situation(entry, wiring.now())
    return {
        "request_id": entry.request_id,
        "at": entry.at,
        "type": entry.kind,
        "method": entry.method,
        "path": call.seen(entry.path),
        "table": None if entry.table == NO_TABLE else entry.table,
        "status": entry.status,
        "situation": judged,
        "situation_label": text(f"situation_{judged}", {}, call.language),
        "code": entry.code,
        "counts": entry.counts,
        "duration_ms": entry.duration_ms,
        "key_name": call.seen(entry.key_name),
        "replay_of": entry.replay_of,
        "request_bytes": entry.request_bytes,
        "response_bytes": entry.response_bytes,
    }
