"""Proofs of completeness: ask for one, see what it came to, compare two."""

from datetime import timedelta
from typing import Any

from chalice.app import Blueprint

from .. import onboarding_wiring, wiring
from ..domain.control_totals import month_of, period_named
from ..domain.errors import FieldIssue, Invalid
from ..domain.exports import LINK_SECONDS
from ..domain.integrations import Integration
from ..domain.proofs import HARMLESS, KINDS, Finding, Proof
from ..domain.tables import NAMES
from ..domain.values import instant_text
from ..i18n.findings import told
from ..i18n.issues import rendered
from ..i18n.texts import text
from .completeness import labelled_table
from .edge import Call, endpoint
from .paging import cursor, limit, listed, next_cursor
from .record_paths import table_of

bp = Blueprint(__name__)
_ALL = "/v1/integrations/{integration_id}/completeness"
_ONE = _ALL + "/reports/{report_id}"


@endpoint(
    bp,
    "POST",
    _ALL + "/report",
    caller="admin",
    tag="Onboarding",
    summary="Begin to prove completeness, record by record; the certificate is an Excel file",
    answers={202: "Report"},
)
def begin(call: Call, integration_id: str) -> tuple[int, dict[str, Any]]:
    """Begin a proof."""
    integration = call.integration(integration_id)
    desk = onboarding_wiring.proof_desk()
    proof = desk.request(integration, call.caller, call.language, wiring.now())
    return 202, _shown(call, integration, proof)


@endpoint(
    bp,
    "GET",
    _ALL + "/reports",
    caller="viewer",
    tag="Onboarding",
    summary="List proofs of completeness, newest first",
    query=("limit", "cursor"),
    answers={200: "ReportList"},
)
def index(call: Call, integration_id: str) -> dict[str, Any]:
    """List proofs."""
    integration = call.integration(integration_id)
    size, position = limit(call), cursor(call, str)
    found = onboarding_wiring.proofs().latest(
        integration_id, limit=size, before=position[0] if position else None
    )
    items = [_shown(call, integration, one) for one in found]
    return listed(items, next_cursor(found[-1].job_id) if len(found) == size else None)


@endpoint(
    bp,
    "GET",
    _ONE,
    caller="viewer",
    tag="Onboarding",
    summary="Read what a proof came to, by table and month, with a fresh link to its file",
    answers={200: "ReportResult"},
)
def show(call: Call, integration_id: str, report_id: str) -> dict[str, Any]:
    """Read a proof."""
    integration = call.integration(integration_id)
    desk = onboarding_wiring.proof_desk()
    proof = desk.find(integration_id, report_id)
    tables: list[dict[str, Any]] = []
    if proof.status == "done":
        for own in desk.result(proof).tables.values():
            found = {kind: sum(periods.values()) for kind, periods in own["found"].items()}
            tables.append({**labelled_table(call, own), "findings": found})
            del tables[-1]["pieces"], tables[-1]["found"]
    return {**_shown(call, integration, proof), "tables": tables}


@endpoint(
    bp,
    "GET",
    _ONE + "/findings",
    caller="viewer",
    tag="Onboarding",
    summary="List what a proof found: missing, rejected, stale, doubled records and orphans, by key",
    query=("table", "kind", "month", "limit", "cursor"),
    answers={200: "FindingList"},
)
def findings(call: Call, integration_id: str, report_id: str) -> dict[str, Any]:
    """List findings, table by table."""
    call.integration(integration_id)
    desk = onboarding_wiring.proof_desk()
    kind, table, month = call.query("kind"), call.query("table"), call.query("month")
    if kind and kind not in KINDS:
        raise Invalid("finding_kind_unknown", value=kind[:100], known=", ".join(KINDS))
    period = period_named(month) if month else None
    if month and period is None:
        raise Invalid("month_invalid")
    position = cursor(call, int, int)
    found, more = desk.findings(
        desk.find(integration_id, report_id),
        table=table_of(table).name if table else None,
        kind=kind,
        period=period,
        position=(position[0], position[1]) if position else (0, 0),
        limit=limit(call),
    )
    items = [_finding(call, name, one) for name, one in found]
    return listed(items, next_cursor(*more) if more else None)


@endpoint(
    bp,
    "GET",
    _ONE + "/comparison",
    caller="viewer",
    tag="Onboarding",
    summary="Compare a proof with an earlier one: which months became better or worse",
    query=("with",),
    answers={200: "ReportComparison"},
)
def compare(call: Call, integration_id: str, report_id: str) -> dict[str, Any]:
    """Compare two proofs."""
    integration = call.integration(integration_id)
    desk = onboarding_wiring.proof_desk()
    proof, other = desk.find(integration_id, report_id), desk.find(integration_id, call.query("with") or "-")
    items = desk.compared(proof, other)
    for item in items:
        for side in ("before", "after"):
            if item[side]:
                item[side]["status_label"] = text(f"completeness_{item[side]['status']}", {}, call.language)
    return {
        "report": _shown(call, integration, proof),
        "with": _shown(call, integration, other),
        "same_data": proof.digest == other.digest,
        "items": items,
    }


def _finding(call: Call, table: str, one: Finding) -> dict[str, Any]:
    details = dict(one.details)
    if issues := details.pop("issues", None):
        found = [FieldIssue(field, code, params, key=one.key) for field, code, params in issues]
        details["errors"] = rendered(found, call.language)
    return {
        "kind": one.kind,
        "kind_label": text(f"finding_kind_{one.kind}", {}, call.language),
        "table": table,
        "month": month_of(one.period),
        "key": one.key,
        "message": told(one, call.language),
        "details": details,
    }


def _shown(call: Call, integration: Integration, proof: Proof) -> dict[str, Any]:
    url, filename = onboarding_wiring.proof_desk().link(integration, proof)
    return {
        "report_id": proof.job_id,
        "status": proof.status,
        "progress": proof.progress(wiring.records().partitions),
        "requested_by": call.seen(proof.requested_by),
        "requested_at": instant_text(proof.requested_at),
        "finished_at": instant_text(proof.finished_at) if proof.finished_at else None,
        "verdict": proof.verdict,
        "verdict_label": text(f"verdict_{proof.verdict}", {}, call.language) if proof.verdict else None,
        "certificate": proof.certificate,
        "digest": proof.digest or None,
        "records": proof.records,
        "findings": {kind: proof.findings[kind] for kind in KINDS if proof.findings.get(kind)},
        "findings_total": sum(proof.findings.values()),
        "harmless": [kind for kind in KINDS if kind in HARMLESS],
        "changed_meanwhile": [name for name in NAMES if name in proof.changed],
        "filename": filename,
        "file_bytes": proof.file_bytes or None,
        "url": url,
        "url_expires_at": instant_text(wiring.now() + timedelta(seconds=LINK_SECONDS)) if url else None,
        "error": _error(call, proof),
    }


def _error(call: Call, proof: Proof) -> dict[str, str] | None:
    if not proof.failed or not proof.failure:
        return None
    code, params = proof.failure.code, proof.failure.params
    return {"code": code, "message": text(code, params, call.language)}
