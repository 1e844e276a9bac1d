"""Calls of ERPs: authenticated by key, and written into their integration's request log."""

from collections.abc import Callable
from dataclasses import replace

from chalice.app import Blueprint, Response

from .. import wiring
from ..domain.errors import Forbidden, MethodNotAllowed
from ..services.access import Erp, RevokedKey
from ..services.logged import Logged
from .edge import ERP, Call, endpoint, raw_body
from .logged import Worked, answered, logged_of


def erp_call(call: Call, table: str, work: Callable[[Erp, Logged], Worked]) -> Response:
    """Authenticate an ERP, write ahead, work, answer, and complete the entry, whatever happens."""
    entry = logged_of(call, table)

    def whole() -> Worked:
        erp = _erp(call, entry)
        entry.begin(raw_body(call.request))
        return work(erp, entry)

    return answered(call, entry, whole)


def other_methods(blueprint: Blueprint, path: str, methods: str, meant: str, code: str) -> None:
    """Answer an ERP that uses another method: the gateway would only say that there is nothing."""

    def refuse_method(call: Call, table: str, **rest: str) -> Response:
        def work(erp: Erp, entry: Logged) -> Worked:
            call.headers["Allow"] = meant
            raise MethodNotAllowed(code, method=call.request.method)

        return erp_call(call, table, work)

    endpoint(blueprint, methods, path, caller=ERP, tag="", summary="", answers={})(refuse_method)


def _erp(call: Call, logged: Logged) -> Erp:
    """Authenticate; a revoked key still tells in whose log its refusal belongs."""
    try:
        found = wiring.access().authenticate(call.request.headers.get("authorization"))
    except RevokedKey as error:
        _belongs_to(logged, error.erp)
        raise
    if not isinstance(found, Erp):
        raise Forbidden("user_cannot_push")
    _belongs_to(logged, found)
    return found


def _belongs_to(logged: Logged, erp: Erp) -> None:
    logged.entry = replace(
        logged.entry, integration_id=erp.integration_id, key_id=erp.key_id, key_name=erp.key_name
    )
