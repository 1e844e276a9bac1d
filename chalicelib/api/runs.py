"""Runs: list, read, start now, cancel."""

import secrets
from typing import Any

from chalice.app import Blueprint

from .. import wiring
from ..domain import runs as domain
from ..domain.errors import Conflict, Invalid, NotFound
from ..domain.runs import Run
from ..domain.setting_fields import only
from ..i18n.texts import text
from ..services.settings import run_json
from .edge import Call, endpoint
from .paging import cursor, limit, listed, next_cursor

bp = Blueprint(__name__)
RUNS = "/v1/integrations/{integration_id}/runs"
STATUSES = ("running", "success", "partial", "error", "cancelled")


@endpoint(
    bp,
    "GET",
    RUNS,
    caller="viewer",
    tag="Runs",
    summary="List runs, newest first",
    query=("status", "limit", "cursor"),
    answers={200: "RunList"},
)
def index(call: Call, integration_id: str) -> dict[str, Any]:
    """List runs, newest first."""
    integration = call.integration(integration_id)
    status, before = call.query("status"), cursor(call, str)
    if status and status not in STATUSES:
        raise Invalid("filter_invalid", name="status", choices=", ".join(STATUSES))
    found, more = wiring.runs().latest(
        integration.integration_id,
        status=status,
        limit=limit(call),
        before=before[0] if before else None,
    )
    current = wiring.runs().state(integration.integration_id).run if found else None
    listing = [current if current and current.run_id == run.run_id else run for run in found]
    return listed([_run(run, call.language) for run in listing], next_cursor(more) if more else None)


@endpoint(
    bp,
    "POST",
    RUNS,
    caller="admin",
    tag="Runs",
    summary="Start a run now",
    body="RunStart",
    answers={202: "Run"},
)
def start(call: Call, integration_id: str) -> tuple[int, dict[str, Any]]:
    """Start a run now; 409 while one is running."""
    integration = call.integration(integration_id)
    allowed = domain.parse_allowed_deletions(only(call.body(), "allow_deletions"))
    if not integration.active:
        raise Conflict("integration_inactive")
    run_id = domain.manual_id(wiring.now(), secrets.token_hex(3))
    return 202, _run(wiring.run_starts().begin(integration, "manual", run_id, allowed), call.language)


@endpoint(
    bp,
    "GET",
    RUNS + "/{run_id}",
    caller="viewer",
    tag="Runs",
    summary="Read a run",
    answers={200: "Run"},
)
def show(call: Call, integration_id: str, run_id: str) -> dict[str, Any]:
    """Read one run; the one that is on, where it stands now."""
    return _run(find_run(call, integration_id, run_id), call.language)


@endpoint(
    bp,
    "POST",
    RUNS + "/{run_id}/cancel",
    caller="admin",
    tag="Runs",
    summary="Cancel a run",
    answers={202: "Run"},
)
def cancel(call: Call, integration_id: str, run_id: str) -> tuple[int, dict[str, Any]]:
    """Ask a run to stop at its next step."""
    integration = call.integration(integration_id)
    return 202, _run(wiring.run_starts().cancel(integration.integration_id, run_id), call.language)


def find_run(call: Call, integration_id: str, run_id: str) -> Run:
    """Find a run of one of the caller's integrations; raises NotFound."""
    integration = call.integration(integration_id)
    run = wiring.runs().find(integration.integration_id, run_id) if len(run_id) <= 100 else None
    if run is None:
        raise NotFound("run_not_found", run_id=run_id[:100])
    return run


def _run(run: Run, language: str) -> dict[str, Any]:
    described = run_json(run)
    if run.failure and run.status != domain.RUNNING:
        described["error"] = {
            "code": run.failure.code,
            "stage": run.failure.stage,
            "message": text(run.failure.code, run.failure.params, language),
        }
    return described
