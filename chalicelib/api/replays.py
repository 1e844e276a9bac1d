"""Replay a stored request: its body is taken in again, as a new request of the one who asks for it."""

from dataclasses import replace
from typing import Any

from chalice.app import Blueprint, Response

from .. import wiring
from ..domain.errors import Conflict
from ..domain.tables import TABLES
from ..services.exports import audit_entry
from ..services.replays import headers_of, stored_delivery
from ..settings import settings
from .delivery import records_of
from .edge import Call, endpoint
from .logged import Worked, answered, logged_of
from .receipts import counts_of, receipt_json, take

bp = Blueprint(__name__)


@endpoint(
    bp,
    "POST",
    "/v1/integrations/{integration_id}/requests/{request_id}/replay",
    caller="admin",
    tag="History",
    summary="Take a stored request's body in again; older versions never overwrite newer ones",
    answers={200: "ReplayReceipt"},
)
def replay(call: Call, integration_id: str, request_id: str) -> Response:
    """Replay a request."""
    integration = call.integration(integration_id)
    if integration.reads_views:
        raise Conflict("integration_reads_views")
    first, body = stored_delivery(
        wiring.request_log(),
        integration.integration_id,
        request_id,
        now=wiring.now(),
        retention_days=settings().request_retention_days,
    )
    table, headers = TABLES[first.table], headers_of(first)
    logged = logged_of(call, table.name)
    logged.entry = replace(
        logged.entry,
        integration_id=integration.integration_id,
        key_name=call.caller.user_id,
        headers=headers,
        request_bytes=len(body),
        replay_of=request_id,
    )
    what = {"request_id": request_id, "replayed_as": call.request_id, "table": table.name}
    wiring.audit().add(
        audit_entry(integration.integration_id, call.caller, "request_replayed", what, wiring.now())
    )
    logged.begin(body)

    def work() -> Worked:
        records = records_of(body, headers.get("content-type"), headers.get("content-encoding"))
        receipt = take(call, logged, table, records)
        answer: dict[str, Any] = receipt_json(receipt, call.language)
        return 200, {**answer, "replay_of": request_id}, counts_of(receipt)

    return answered(call, logged, work)
