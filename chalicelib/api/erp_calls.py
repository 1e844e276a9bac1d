"""Calls of ERPs: authenticated by key, and written into their integration's request log."""

from collections.abc import Callable
from dataclasses import replace

from chalice.app import Response

from .. import wiring
from ..domain.errors import Forbidden
from ..services.access import Erp, RevokedKey
from ..services.logged import Logged
from .edge import Call, raw_body
from .logged import Worked, answered, logged_of


def erp_call(call: Call, table: str, work: Callable[[Erp, Logged], Worked]) -> Response:
    """Authenticate an ERP, write ahead, work, answer, and complete the entry, whatever happens."""
    entry = logged_of(call, table)

    def whole() -> Worked:
        erp = _erp(call, entry)
        entry.begin(raw_body(call.request))
        return work(erp, entry)

    return answered(call, entry, whole)


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
