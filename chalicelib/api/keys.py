"""Keys with which ERPs push: create (shown once), list, revoke."""

from typing import Any

from chalice.app import Blueprint

from .. import wiring
from ..domain import values
from ..domain.errors import NotFound
from ..domain.keys import ErpKey, parse_name
from .edge import Call, endpoint
from .paging import cursor, limit, listed, next_cursor

bp = Blueprint(__name__)
_KEYS = "/v1/integrations/{integration_id}/keys"


@endpoint(
    bp,
    "GET",
    _KEYS,
    caller="admin",
    tag="Keys",
    summary="List ERP keys",
    query=("limit", "cursor"),
    answers={200: "KeyList"},
)
def index(call: Call, integration_id: str) -> dict[str, Any]:
    """List keys, revoked ones included; never their secrets."""
    integration = call.integration(integration_id)
    size, after = limit(call), cursor(call, str)
    found = wiring.erp_keys().of_integration(integration.integration_id, after[0] if after else None, size)
    more = next_cursor(found[-1].key_id) if len(found) == size else None
    return listed(call.seen([_key(one) for one in found]), more)


@endpoint(
    bp,
    "POST",
    _KEYS,
    caller="admin",
    tag="Keys",
    summary="Create an ERP key; its text is shown once",
    body="NewKey",
    answers={201: "CreatedKey"},
)
def create(call: Call, integration_id: str) -> tuple[int, dict[str, Any]]:
    """Create a key."""
    integration = call.integration(integration_id)
    name = parse_name(call.body())
    key, secret = wiring.access().create_key(integration, name, call.caller.user_id)
    return 201, {**_key(key), "key": secret}


@endpoint(
    bp,
    "DELETE",
    _KEYS + "/{key_id}",
    caller="admin",
    tag="Keys",
    summary="Revoke an ERP key",
    answers={200: "Key"},
)
def revoke(call: Call, integration_id: str, key_id: str) -> dict[str, Any]:
    """Revoke a key for good; it stops working at once."""
    integration = call.integration(integration_id)
    at = values.instant_text(wiring.now())
    if len(key_id) > 100 or not wiring.erp_keys().revoke(integration.integration_id, key_id, at):
        raise NotFound("key_not_found", key_id=key_id[:100])
    found = wiring.erp_keys().find(integration.integration_id, key_id)
    if found is None:
        raise NotFound("key_not_found", key_id=key_id[:100])
    return _key(found)


def _key(key: ErpKey) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "name": key.name,
        "created_at": key.created_at,
        "created_by": key.created_by,
        "revoked_at": key.revoked_at,
    }
