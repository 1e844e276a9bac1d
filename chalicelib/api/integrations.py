"""Integrations: Informações Gerais, their settings, and the 12 tables."""

from typing import Any

from aws_lambda_powertools import Logger
from chalice.app import Blueprint

from .. import alert_wiring, onboarding_wiring, wiring
from ..domain.counters import Counters
from ..domain.deployments import COMPLETED
from ..domain.errors import Invalid
from ..domain.integrations import Integration
from ..domain.runs import State
from ..domain.schedule import Schedule, next_runs
from ..domain.tables import NAMES
from ..domain.watch import Watched, tells_freshness
from ..i18n.texts import text
from ..services import settings as services
from ..services.exports import audit_entry
from ..services.settings import describe, iso
from .edge import Call, endpoint
from .paging import cursor, limit, listed, next_cursor

bp = Blueprint(__name__)
logger = Logger()
_ONE = "/v1/integrations/{integration_id}"


@endpoint(
    bp,
    "GET",
    "/v1/integrations",
    caller="viewer",
    tag="Integrations",
    summary="List the tenant's integrations",
    query=("limit", "cursor"),
    answers={200: "IntegrationList"},
)
def index(call: Call) -> dict[str, Any]:
    """List the caller's integrations."""
    size, after = limit(call), cursor(call, str)
    found = wiring.integrations().of_tenant(call.caller.tenant_id, after[0] if after else None, size)
    ids = [one.integration.integration_id for one in found]
    states = wiring.runs().states(ids)
    shown = [
        _shown(one, states.get(integration_id, State()))
        for one, integration_id in zip(found, ids, strict=True)
    ]
    return listed(shown, next_cursor(ids[-1]) if len(found) == size else None)


@endpoint(
    bp,
    "POST",
    "/v1/integrations",
    caller="operator",
    tag="Integrations",
    summary="Create an integration",
    body="NewIntegration",
    answers={201: "Integration"},
)
def create(call: Call) -> tuple[int, dict[str, Any]]:
    """Create an integration in the operator's tenant."""
    created = services.create_integration(
        wiring.integrations(),
        wiring.scheduler(),
        alert_wiring.topics(),
        call.caller.tenant_id,
        call.body(),
        wiring.now(),
    )
    return 201, _read(call, created.integration_id)


@endpoint(
    bp,
    "GET",
    _ONE,
    caller="viewer",
    tag="Integrations",
    summary="Read an integration",
    answers={200: "Integration"},
)
def show(call: Call, integration_id: str) -> dict[str, Any]:
    """Read one integration: two calls, whatever its size."""
    return _read(call, integration_id)


@endpoint(
    bp,
    "PATCH",
    _ONE,
    caller="admin",
    tag="Integrations",
    summary="Change settings",
    body="IntegrationChanges",
    answers={200: "Integration"},
)
def change(call: Call, integration_id: str) -> dict[str, Any]:
    """Change settings, if nobody else did since the version in `If-Match`."""
    watched, state = services.find_overview(wiring.overview(), call.caller.tenant_id, integration_id)
    now = wiring.now()
    changed = services.change_integration(
        wiring.integrations(),
        wiring.scheduler(),
        watched.integration,
        call.body(),
        expected_version(call),
        now,
        late=watched.facts(state.outcomes, now, alert_wiring.hour()).freshness.state == "overdue",
        certify=lambda: _certificate(integration_id),
    )
    if changed.deployment_status == COMPLETED != watched.integration.deployment_status:
        what = {"report_id": changed.deployment_report_id, "reason": changed.deployment_reason}
        entry = audit_entry(integration_id, call.caller, "deployment_completed", what, now)
        wiring.audit().add(entry)
    return _read(call, integration_id)


def _certificate(integration_id: str) -> str | None:
    """Name the newest proof, if it is a certificate."""
    found = onboarding_wiring.proof_desk().certificate(integration_id)
    return found.job_id if found else None


@endpoint(
    bp,
    "GET",
    _ONE + "/schedule-preview",
    caller="viewer",
    tag="Integrations",
    summary="Tell when a schedule would run next, before it is saved",
    query=("time", "timezone"),
    answers={200: "SchedulePreview"},
)
def preview(call: Call, integration_id: str) -> dict[str, Any]:
    """List the next runs of a schedule as given; what is left out is as the integration has it."""
    kept = call.integration(integration_id).schedule
    asked = Schedule(call.query("time") or kept.time, call.query("timezone") or kept.timezone)
    runs = next_runs(asked, wiring.now(), services.UPCOMING)
    return {"time": asked.time, "timezone": asked.timezone, "next_runs": [iso(at) for at in runs]}


@endpoint(
    bp,
    "GET",
    _ONE + "/tables",
    caller="viewer",
    tag="Integrations",
    summary="Count the 12 tables",
    answers={200: "TableList"},
)
def tables(call: Call, integration_id: str) -> dict[str, Any]:
    """Count records, bytes, pending and rejected of each table."""
    integration = call.integration(integration_id)
    counters = wiring.records().counters(integration.integration_id)
    return listed([_table_json(name, counters.get(name, Counters()), call.language) for name in NAMES], None)


def _read(call: Call, integration_id: str) -> dict[str, Any]:
    """Read an integration as it is now."""
    watched, state = services.find_overview(wiring.overview(), call.caller.tenant_id, integration_id)
    call.headers["ETag"] = etag(watched.integration.version)
    return _shown(watched, state)


def _shown(watched: Watched, state: State) -> dict[str, Any]:
    """Describe an integration; should its freshness have changed unnoticed, people are told at once."""
    integration, now, hour = watched.integration, wiring.now(), alert_wiring.hour()
    if not tells_freshness(watched.watch, watched.facts(state.outcomes, now, hour)):
        _settle(integration)
        watched, state = services.find_overview(
            wiring.overview(), integration.tenant_id, integration.integration_id
        )
    return describe(watched, state, wiring.records().counters(integration.integration_id), now, hour)


def _settle(integration: Integration) -> None:
    """Do the watchdog's work on one integration; if that fails it is done within a minute by itself."""
    try:
        alert_wiring.watchdog().settle(integration.tenant_id, integration.integration_id)
    except Exception:
        logger.exception("freshness not settled", integration_id=integration.integration_id)


def _table_json(name: str, counters: Counters, language: str) -> dict[str, Any]:
    return {
        "table": name,
        "description": text(f"table_{name}", {}, language),
        "records": counters.records,
        "bytes": counters.bytes,
        "pending": counters.pending,
        "rejected": counters.rejected,
        "last_received_at": counters.last_received_at,
    }


def expected_version(call: Call) -> int | None:
    raw = (call.request.headers.get("if-match") or "*").strip().removeprefix("W/").strip('"')
    if raw == "*":
        return None
    if not (raw.isascii() and raw.isdecimal()) or len(raw) > 9:
        raise Invalid("if_match_invalid")
    return int(raw)


def etag(version: int) -> str:
    return f'"{version}"'
