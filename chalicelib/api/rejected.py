"""Refused records on the page: list them, send them again corrected, or dismiss them."""

import json
from dataclasses import replace
from typing import Any

from chalice.app import Blueprint, Response

from .. import onboarding_wiring
from ..domain.errors import Conflict, Invalid
from ..domain.history import EVERYTHING, parse_tables
from ..domain.staging import Outcome, Staged
from ..i18n.issues import rendered
from ..services.rejections import name_of, shown_key
from .delivery import Delivery, delivery_of
from .edge import Call, endpoint, raw_body
from .logged import Worked, answered, logged_of
from .paging import cursor, limit, listed, next_cursor
from .receipts import counts_of, receipt_json, take
from .record_paths import table_of

bp = Blueprint(__name__)
_MINE = "/v1/integrations/{integration_id}"


@endpoint(
    bp,
    "GET",
    _MINE + "/rejected",
    caller="viewer",
    tag="Onboarding",
    summary="List refused records that nobody has corrected or dismissed, newest first",
    query=("table", "limit", "cursor"),
    answers={200: "RejectedList"},
)
def index(call: Call, integration_id: str) -> dict[str, Any]:
    """List refused records."""
    integration = call.integration(integration_id)
    asked = parse_tables(call.several("table"))
    tables = [] if asked == EVERYTHING else list(asked)
    size, position = limit(call), cursor(call, str)
    found, more = onboarding_wiring.rejections().latest(
        integration.integration_id, tables, position[0] if position else None, size
    )
    return listed([_shown(call, one) for one in found], next_cursor(more) if more else None)


@endpoint(
    bp,
    "POST",
    _MINE + "/records/{table}",
    caller="admin",
    tag="Onboarding",
    summary="Send corrected records as the ERP would; `corrects` names the refusal that is settled by it",
    body="Correction",
    answers={200: "Receipt"},
)
def send(call: Call, integration_id: str, table: str) -> Response:
    """Take a person's records into the intermediate database."""
    integration, found = call.integration(integration_id), table_of(table)
    if integration.reads_views:
        raise Conflict("integration_reads_views")
    logged = logged_of(call, found.name)
    logged.entry = replace(
        logged.entry, integration_id=integration.integration_id, key_name=call.caller.user_id
    )
    logged.begin(raw_body(call.request))

    def work() -> Worked:
        headers = call.request.headers
        sent = delivery_of(
            raw_body(call.request), headers.get("content-type"), headers.get("content-encoding")
        )
        refused = _corrected(integration.integration_id, found.name, sent)
        receipt = take(call, logged, found, sent.records)
        if refused and not receipt.counts[Outcome.REJECTED]:
            onboarding_wiring.rejections().settle(integration.integration_id, found.name, refused)
        return 200, receipt_json(receipt, call.language), counts_of(receipt)

    return answered(call, logged, work)


@endpoint(
    bp,
    "DELETE",
    _MINE + "/rejected/{table}/{stored_as}",
    caller="admin",
    tag="Onboarding",
    summary="Dismiss a refused record; a valid version that is stored stays as it is",
    answers={200: "Rejected"},
)
def dismiss(call: Call, integration_id: str, table: str, stored_as: str) -> dict[str, Any]:
    """Settle a refusal; answers what it was."""
    integration = call.integration(integration_id)
    settled = onboarding_wiring.rejections().dismiss(
        integration, call.caller, table_of(table).name, stored_as
    )
    return _shown(call, settled)


def _corrected(integration_id: str, table: str, sent: Delivery) -> Staged | None:
    """Find the refusal that a correction is about; raises Invalid or NotFound."""
    named = sent.envelope.get("corrects")
    if named is None:
        return None
    if not isinstance(named, str):
        raise Invalid("corrects_invalid")
    if len(sent.records) != 1:
        raise Invalid("corrects_one_record", count=len(sent.records))
    return onboarding_wiring.rejections().find(integration_id, table, named)


def _shown(call: Call, staged: Staged) -> dict[str, Any]:
    rejection = staged.rejection
    assert rejection is not None, "only refused records are listed"
    key = shown_key(staged)
    seen = call.seen(
        {
            "key": key,
            "record": json.loads(rejection.raw) if rejection.raw else None,
            "errors": rendered(rejection.issues, call.language),
        }
    )
    return {
        "table": staged.table,
        # The name tells the key: whoever may not see all of that gets none, and could do nothing with it.
        "stored_as": name_of(staged.key) if seen["key"] == key else None,
        "at": rejection.at,
        "request_id": rejection.request_id,
        "too_large": not rejection.raw,
        "live": staged.live,
        **seen,
    }
