"""What every endpoint shares: authentication, role, language, problems, and its operation's description.

Errors are mapped here and not in a middleware, because Chalice turns a view's exceptions into its own
500 before a middleware sees them.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, Final

from aws_lambda_powertools import Logger
from chalice.app import Blueprint, Request, Response

from .. import wiring
from ..domain.errors import Forbidden, Invalid, ProductError, TooLarge
from ..domain.integrations import Integration
from ..domain.personal_data import mask_value
from ..domain.request_log import NO_TABLE, new_id
from ..domain.values import NotANumber, fraction
from ..i18n.texts import negotiate
from ..services.access import ROLES, User
from . import problems

logger = Logger()

ANY_TYPE: Final = ["*/*"]
PUBLIC: Final = "public"
ERP: Final = "erp"
MAX_BODY_BYTES: Final = 100_000
"""Of a body of the page: all settings together must fit into one DynamoDB item."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint, as the API description lists it; an answer is a schema's name, or a media type."""

    method: str
    path: str
    caller: str
    summary: str
    tag: str
    answers: dict[int, str]
    body: str | None = None
    query: tuple[str, ...] = ()


OPERATIONS: list[Operation] = []


@dataclass(slots=True)
class Call:
    """One request: what a view needs of it."""

    request: Request
    request_id: str
    language: str
    started: datetime
    user: User | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The path as it was asked for, without the query and the gateway's stage."""
        context = self.request.context
        stage, path = f"/{context.get('stage')}", str(context.get("path") or self.request.path)
        return path.removeprefix(stage) if path.startswith(f"{stage}/v1/") else path

    def query(self, name: str) -> str | None:
        """Read a query parameter; an empty one counts as absent."""
        return dict(self.request.query_params or {}).get(name) or None

    def several(self, name: str) -> list[str]:
        """Read a query parameter that may be repeated, or hold a list with commas."""
        given = self.request.query_params
        found = given.getlist(name) if given and name in given else []
        return [one for value in found for one in value.split(",") if one]

    @property
    def caller(self) -> User:
        """The authenticated user."""
        assert self.user is not None, "the endpoint asks for a user"
        return self.user

    def body(self) -> Any:
        """Parse a small JSON body of the page, its numbers exactly; raises Invalid or TooLarge."""
        raw = raw_body(self.request)
        if len(raw) > MAX_BODY_BYTES:
            raise TooLarge("page_body_too_large", bytes=len(raw), limit=MAX_BODY_BYTES)
        if not raw.strip():
            return {}
        try:
            return json.loads(raw, parse_float=fraction, parse_constant=NotANumber)
        except RecursionError as error:
            raise Invalid("json_too_deep") from error
        except UnicodeDecodeError as error:
            raise Invalid("not_utf8", position=error.start) from error
        except json.JSONDecodeError as error:
            raise Invalid(
                "malformed_json", line=error.lineno, column=error.colno, reason=error.msg
            ) from error
        except ValueError as error:
            raise Invalid("malformed_json", line=1, column=1, reason="number too long") from error

    def seen(self, value: Any) -> Any:
        """Hide personal data in an answer's JSON from those who may not see it."""
        return value if self.caller.sees_personal_data else mask_value(value)

    def integration(self, integration_id: str) -> Integration:
        """Find an integration of the caller's tenant; raises NotFound."""
        from ..services.settings import find_integration

        return find_integration(wiring.integrations(), self.caller.tenant_id, integration_id)


def raw_body(request: Request) -> bytes:
    """Read the body as bytes, however it was delivered."""
    raw = request.raw_body
    return raw if isinstance(raw, bytes) else (raw or "").encode("utf-8", "surrogatepass")


def endpoint(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    caller: str,
    summary: str,
    tag: str,
    answers: dict[int, str],
    body: str | None = None,
    query: tuple[str, ...] = (),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a view `view(call, **path_arguments)`; `caller` is a role, ERP or PUBLIC.

    A view answers its JSON body, or (status, body). ERP views do their own authentication, because
    their failures go into the request log as well. An endpoint without a tag is not described: it takes
    several methods, only to say which one is meant.
    """
    if tag:
        OPERATIONS.append(Operation(method, path, caller, summary, tag, answers, body, query))

    def register(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def handler(**arguments: str) -> Response:
            call = _call(blueprint.current_request)
            try:
                if caller in ROLES:
                    call.user = _user(call, caller)
                return respond(call, view(call, **arguments))
            except Exception as error:
                return refuse(call, error)

        blueprint.route(
            path, methods=method.split(), content_types=ANY_TYPE, cors=True, name=_name(method, path)
        )(handler)
        return view

    return register


def _name(method: str, path: str) -> str:
    """Name the route by what it is: views of one name may stand in several modules."""
    words = f"{method.lower()} {path.strip('/')}".replace("{", "").replace("}", "")
    return words.replace("/", "_").replace(" ", "_")


def _call(request: Request | None) -> Call:
    assert request is not None, "a view runs within a request"
    started = wiring.now()
    language = negotiate(request.headers.get("accept-language"))
    return Call(request, new_id(NO_TABLE, started), language, started)


def _user(call: Call, needed: str) -> User:
    found = wiring.access().authenticate(call.request.headers.get("authorization"))
    if not isinstance(found, User):
        raise Forbidden("erp_key_only_pushes")
    if ROLES.index(found.role) < ROLES.index(needed):
        raise Forbidden("role_required", needed=needed, role=found.role)
    return found


def respond(call: Call, answer: Any) -> Response:
    """Serialise a view's answer."""
    if isinstance(answer, Response):
        return answer
    status, body = answer if isinstance(answer, tuple) else (200, answer)
    return json_response(call, status, body, "application/json")


def refuse(call: Call, error: Exception) -> Response:
    """Answer an error as a problem; what is not the product's own is logged with its trace."""
    if not isinstance(error, ProductError):
        logger.error("request failed", exc_info=error, request_id=call.request_id, path=call.request.path)
    body = problems.problem(error, call.request_id, call.language)
    if body["status"] == 401:
        call.headers["WWW-Authenticate"] = "Bearer"
    if body["status"] == 503:
        call.headers["Retry-After"] = "2"
    return json_response(call, body["status"], body, problems.CONTENT_TYPE)


def json_response(call: Call, status: int, body: Any, content_type: str) -> Response:
    """Write a JSON answer with the headers that all answers carry."""
    headers: dict[str, str | list[str]] = {
        "Content-Type": content_type,
        "Content-Language": call.language,
        "X-Request-Id": call.request_id,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **call.headers,
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:  # a refused record is shown as it was sent, lone surrogates and all
        text = json.dumps(body, separators=(",", ":"))
    return Response(body=text, status_code=status, headers=headers)
