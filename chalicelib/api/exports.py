"""The download of the tab Histórico: ask for an export, get its link; and who was given personal data."""

from datetime import timedelta
from typing import Any

from chalice.app import Blueprint

from .. import export_wiring, wiring
from ..domain.exports import LINK_SECONDS, Export
from ..domain.integrations import Integration
from ..domain.request_log import NO_TABLE
from ..domain.schedule import zone
from ..domain.values import instant_text
from ..i18n.texts import text
from .edge import Call, endpoint
from .paging import cursor, limit, listed, next_cursor

bp = Blueprint(__name__)
_ONE = "/v1/integrations/{integration_id}"


@endpoint(
    bp,
    "POST",
    _ONE + "/exports",
    caller="viewer",
    tag="History",
    summary="Begin an export of requests and answers as an Excel file",
    body="NewExport",
    answers={202: "Export"},
)
def begin(call: Call, integration_id: str) -> tuple[int, dict[str, Any]]:
    """Begin an export of a period and tables; the very same asked for meanwhile is one export."""
    integration = call.integration(integration_id)
    export = export_wiring.export_requests().request(integration, call.caller, call.body(), call.language)
    return 202, _shown(call, integration, export)


@endpoint(
    bp,
    "GET",
    _ONE + "/exports/{export_id}",
    caller="viewer",
    tag="History",
    summary="Read where an export stands; a finished one comes with a fresh link",
    answers={200: "Export"},
)
def show(call: Call, integration_id: str, export_id: str) -> dict[str, Any]:
    """Read an export."""
    integration = call.integration(integration_id)
    export = export_wiring.export_requests().find(integration.integration_id, call.caller, export_id)
    return _shown(call, integration, export)


@endpoint(
    bp,
    "GET",
    _ONE + "/audit",
    caller="admin",
    tag="History",
    summary="List who was given personal data, newest first",
    query=("limit", "cursor"),
    answers={200: "AuditList"},
)
def audit(call: Call, integration_id: str) -> dict[str, Any]:
    """List the audit entries."""
    integration = call.integration(integration_id)
    size, position = limit(call), cursor(call, str)
    found = wiring.audit().latest(
        integration.integration_id, limit=size, before=position[0] if position else None
    )
    items = [
        {"at": one.at, "user_id": one.user_id, "role": one.role, "act": one.act, "what": one.what}
        | {"label": text(f"audit_{one.act}", {}, call.language), "entry_id": one.entry_id}
        for one in found
    ]
    last = items[-1] if len(items) == size else None
    return listed(items, next_cursor(f"{last['at']}#{last['entry_id']}") if last else None)


def _shown(call: Call, integration: Integration, export: Export) -> dict[str, Any]:
    filename = export.filename(zone(integration.schedule.timezone))
    now = wiring.now()
    url = export_wiring.export_requests().link(export, call.caller, filename)
    ends = export.expires_at()
    return {
        "export_id": export.export_id,
        "status": export.status,
        "progress": export.progress,
        "rows": export.rows,
        "rejected_rows": export.rejected,
        "from": instant_text(export.period.since),
        "to": instant_text(export.period.until),
        "tables": [table for table in export.tables if table != NO_TABLE],
        "language": export.language,
        "masked": export.masked,
        "requested_by": call.seen(export.requested_by),
        "requested_at": instant_text(export.requested_at),
        "finished_at": instant_text(export.finished_at) if export.finished_at else None,
        "filename": filename,
        "file_bytes": export.file_bytes or None,
        "url": url,
        "url_expires_at": instant_text(now + timedelta(seconds=LINK_SECONDS)) if url else None,
        "file_expires_at": instant_text(ends) if ends else None,
        "error": _error(call, export, missing=export.status == "done" and url is None),
    }


def _error(call: Call, export: Export, *, missing: bool) -> dict[str, str] | None:
    """Say why there is no file: the export failed, or its file is gone by now."""
    if export.status == "error" and export.failure:
        code, params = export.failure.code, export.failure.params
    elif missing:
        code, params = "export_expired", {}
    else:
        return None
    return {"code": code, "message": text(code, params, call.language)}
