"""The API's own description (OpenAPI 3.1), made of the endpoints that are registered and their schemas."""

import re
from functools import cache
from typing import Any, Final

from ..domain.proofs import KINDS
from ..domain.request_log import SITUATIONS
from ..domain.tables import NAMES
from . import problems, schemas
from .edge import ERP, OPERATIONS, PUBLIC, Operation
from .paging import DEFAULT_LIMIT, MAX_LIMIT
from .schemas.kinds import TEXT, WHOLE, Schema, one_of, ref, several

VERSION: Final = "1.0.0"
_ABOUT: Final = (
    "ERPs push the records of 12 tables; a nightly sync applies and analyses them; people read what "
    "happened. Errors are problem documents (RFC 9457) in the language of Accept-Language. Times are "
    "UTC, decimals travel as strings, lists are pages with a cursor."
)
_QUERY: Final[dict[str, Schema]] = {
    "limit": {**WHOLE, "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    "cursor": {**TEXT, "description": "The next_cursor of the page before"},
    "q": {**TEXT, "description": "Part of code or name; accents and case do not matter"},
    "abc_class": one_of("A", "B", "C", "-"),
    "category": {**TEXT, "description": "Name of a category"},
    "portfolio": {**TEXT, "description": "Code or name of a portfolio"},
    "status": one_of("running", "success", "partial", "error", "cancelled"),
}
_HISTORY_QUERY: Final[dict[str, Schema]] = {
    "from": {**TEXT, "format": "date-time", "description": "As long ago as may be, if left out"},
    "to": {**TEXT, "format": "date-time", "description": "Now, if left out"},
    "table": {**several(one_of(*NAMES)), "description": "May be repeated; all, if left out"},
    "status": {
        **several({**TEXT, "anyOf": [one_of(*SITUATIONS), {"pattern": "^[1-5](xx|[0-9][0-9])$"}]}),
        "description": "Situations, HTTP statuses, or classes such as 4xx; may be repeated",
    },
}
_SCHEDULE_QUERY: Final[dict[str, Schema]] = {
    "time": {**TEXT, "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "description": "As it is, if left out"},
    "timezone": {**TEXT, "description": "IANA name; as it is, if left out"},
}
_ALERTS_QUERY: Final[dict[str, Schema]] = {"status": one_of("open", "resolved")}
_ONBOARDING_QUERY: Final[dict[str, Schema]] = {
    "table": one_of(*NAMES),
    "kind": one_of(*KINDS),
    "month": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
    "with": {**TEXT, "description": "The report to compare with"},
}
_OWN_QUERY: Final = {
    "History": _HISTORY_QUERY,
    "Alerts": _ALERTS_QUERY,
    "Integrations": _SCHEDULE_QUERY,
    "Onboarding": _ONBOARDING_QUERY,
}
_OPTIONAL: Final = ("RunStart", "ViewSourceTest", "NewSnapshot", "SnapshotCommit")
_PATH: Final[dict[str, Schema]] = {
    "table": one_of(*NAMES),
    "kind": one_of("empresa", "contato"),
    "key": {**TEXT, "description": "The key, percent-encoded; the parts of a composite one joined with |"},
}
_REFUSED: Final = {
    400: "The request is wrong: `errors` names each field, what is wrong and what to do",
    401: "No credentials, or none that are valid",
    403: "These credentials may not do that",
    404: "There is no such thing, or it is another tenant's",
    409: "It collides with what is going on",
    412: "Somebody else changed it since the version in If-Match",
    413: "Too large; the answer says what to do",
    415: "This content type or encoding is not taken",
    503: "Others were in the way, or something we need cannot be reached: send the same again",
}
_HEADERS: Final[dict[str, Schema]] = {
    "ETag": {**TEXT, "description": "The version, for If-Match"},
    "WWW-Authenticate": TEXT,
    "Retry-After": {**TEXT, "description": "Seconds"},
    "X-Request-Id": {**TEXT, "description": "Names the request; quote it when asking for help"},
}


@cache
def document() -> dict[str, Any]:
    """Describe every endpoint."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Integration History", "version": VERSION, "description": _ABOUT},
        "servers": [{"url": ".."}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": schemas.all_schemas(), "securitySchemes": _SECURITY},
    }


_SECURITY: Final = {
    "user": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A user of the CRM: claims sub, tenant_id, role (viewer < admin < operator), exp",
    },
    "erp": {
        "type": "http",
        "scheme": "bearer",
        "description": "An ERP's key (erp_…): pushes to one integration and nothing else",
    },
}


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": _identifier(operation),
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": _parameters(operation),
        "responses": {str(status): _answer(status, name) for status, name in operation.answers.items()},
        "security": _security(operation),
    }
    if operation.caller not in (PUBLIC, ERP):
        described["description"] = f"Needs the role {operation.caller}, or one above it."
    if operation.body:
        described["requestBody"] = {
            "required": operation.body not in _OPTIONAL,
            "content": _content(operation),
        }
    for status in _refusals(operation):
        described["responses"][str(status)] = _problem(_REFUSED[status], status)
    described["responses"]["default"] = _problem("It failed on our side: send the same again")
    return described


def _identifier(operation: Operation) -> str:
    words = re.sub(r"[{}]", "", operation.path.removeprefix("/v1/")).replace(".", "/").split("/")
    return "_".join([operation.method.lower(), *(word for word in words if word)])


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    if operation.caller == PUBLIC:
        return []
    return [{"erp": []}] if operation.caller == ERP else [{"user": []}]


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": _PATH.get(name, TEXT)}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]
    found += [{"name": name, "in": "query", "schema": _asked(operation, name)} for name in operation.query]
    if operation.method == "PATCH":
        found.append({"name": "If-Match", "in": "header", "schema": TEXT, "description": "The version read"})
    if operation.body == "Delivery":
        key = {**TEXT, "maxLength": 255}
        found.append({"name": "Idempotency-Key", "in": "header", "schema": key})
        found.append({"name": "Content-Encoding", "in": "header", "schema": one_of("gzip", "identity")})
        snapshot = {**TEXT, "description": "The open snapshot that the records are part of"}
        found.append({"name": "Snapshot-Id", "in": "header", "schema": snapshot})
    if operation.caller != PUBLIC:
        found.append({"name": "Accept-Language", "in": "header", "schema": one_of("pt-BR", "en")})
    return found


def _asked(operation: Operation, name: str) -> Schema:
    own = _OWN_QUERY.get(operation.tag, {})
    return own[name] if name in own else _QUERY[name]


def _content(operation: Operation) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": ref(str(operation.body))}}
    if operation.body in ("Delivery", "Correction"):
        content["application/x-ndjson"] = {"schema": {**TEXT, "description": "A record on each line"}}
    return content


def _answer(status: int, name: str) -> dict[str, Any]:
    """Describe an answer: JSON of a named schema, or a file of a media type."""
    said = {200: "As asked for", 201: "Created"}.get(status, "Begun")
    if "/" in name:
        return {"description": said, "content": {name: {"schema": TEXT}}}
    headers = _headers(*(["ETag"] if name == "Integration" else []))
    return {"description": said, "headers": headers, "content": {"application/json": {"schema": ref(name)}}}


def _problem(description: str, status: int = 500) -> dict[str, Any]:
    more = {401: ["WWW-Authenticate"], 503: ["Retry-After"]}.get(status, [])
    content = {problems.CONTENT_TYPE: {"schema": ref("Problem")}}
    return {"description": description, "headers": _headers(*more), "content": content}


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"schema": _HEADERS[name]} for name in ("X-Request-Id", *names)}


_MAY_COLLIDE: Final = (
    *("/runs", "/cancel", "/acknowledge", "/alert-recipients", "/report", "/integrations"),
    *("/snapshots", "/commit", "/uploads"),
)


def _refusals(operation: Operation) -> list[int]:
    found = set() if operation.caller == PUBLIC else {401, 403, 503}
    if operation.body or operation.query or "{key}" in operation.path:
        found.add(400)
    if operation.body:
        found.add(413)
    if "{" in operation.path:
        found.add(404)
    if operation.method in ("PATCH", "PUT"):
        found |= {409, 412, 503}
    if "/view-source" in operation.path:
        found.add(409)  # an integration that is pushed to has no source
    if operation.path.startswith("/v1/integrations/{integration_id}/completeness/reports/"):
        found.add(409)  # it has not ended yet
    if operation.body in ("Delivery", "Correction") or operation.path.endswith("/replay"):
        found |= {400, 409, 413, 415, 503}
    if operation.body and operation.caller == ERP:
        found.add(415)
    if operation.method == "DELETE" and ("/snapshots" in operation.path or "/rejected" in operation.path):
        found.add(409)
    if operation.method == "POST" and operation.path.endswith(_MAY_COLLIDE):
        found.add(409)
    return sorted(found)
