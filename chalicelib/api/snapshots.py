"""Full snapshots: ERPs open, fill and commit them; people see them and agree to deletions that were held."""

from collections.abc import Callable
from typing import Any

from chalice.app import Blueprint, Response

from .. import onboarding_wiring, wiring
from ..domain.errors import Conflict, Invalid
from ..domain.snapshots import Snapshot
from ..domain.tables import Table
from ..domain.values import instant_text
from ..i18n.texts import text
from ..services.access import Erp
from ..services.exports import audit_entry
from ..services.logged import Logged
from ..services.snapshots import flag, keys_met
from .delivery import Delivery
from .edge import ERP, Call, endpoint
from .erp_calls import erp_call, other_methods
from .logged import Worked
from .paging import cursor, limit, listed, next_cursor
from .record_paths import table_of

bp = Blueprint(__name__)
_ALL = "/v1/erp/{table}/snapshots"
_ONE = _ALL + "/{snapshot_id}"
_MINE = "/v1/integrations/{integration_id}/snapshots"


def noting(call: Call, erp: Erp, table: Table, sent: Delivery) -> Callable[[], object]:
    """Begin to note the keys of records that are sent into a snapshot; what it answers waits for that.

    Raises Invalid, NotFound or Conflict when there is no such snapshot that takes records.
    """
    named, header = sent.envelope.get("snapshot_id"), call.request.headers.get("snapshot-id")
    if named is not None and not isinstance(named, str):
        raise Invalid("snapshot_id_invalid")
    if named is not None and header is not None and named != header:
        raise Invalid("snapshot_id_differs")
    snapshot_id = header if header is not None else named
    if snapshot_id is None:
        return lambda: None
    desk = onboarding_wiring.snapshot_desk()
    snapshot = desk.accept(erp.integration_id, table.name, snapshot_id)
    met, keyless = keys_met(table, sent.records)
    return wiring.background(lambda: desk.note(snapshot, call.request_id, met, keyless)).result


@endpoint(
    bp,
    "POST",
    _ALL,
    caller=ERP,
    tag="ERP",
    summary="Open a full snapshot of a table: what is not sent into it is deleted when it is committed",
    body="NewSnapshot",
    answers={201: "Snapshot"},
)
def begin(call: Call, table: str) -> Response:
    """Open a snapshot."""

    def work(erp: Erp, entry: Logged) -> Worked:
        found = _pushed(erp, table)
        opened = onboarding_wiring.snapshot_desk().open(
            erp.tenant_id,
            erp.integration_id,
            found.name,
            erp.key_name,
            replacing=flag(call.body(), "replace"),
        )
        return 201, _shown(call, opened), {}

    return erp_call(call, table, work)


@endpoint(bp, "GET", _ONE, caller=ERP, tag="ERP", summary="Read where a snapshot stands",
          answers={200: "Snapshot"})  # fmt: skip
def show(call: Call, table: str, snapshot_id: str) -> Response:
    """Read a snapshot."""

    def work(erp: Erp, entry: Logged) -> Worked:
        found = onboarding_wiring.snapshot_desk().find(erp.integration_id, table_of(table).name, snapshot_id)
        return 200, _shown(call, found), {}

    return erp_call(call, table, work)


@endpoint(bp, "DELETE", _ONE, caller=ERP, tag="ERP", summary="Give a snapshot up: nothing is deleted",
          answers={200: "Snapshot"})  # fmt: skip
def abandon(call: Call, table: str, snapshot_id: str) -> Response:
    """Give a snapshot up."""

    def work(erp: Erp, entry: Logged) -> Worked:
        ended = onboarding_wiring.snapshot_desk().abandon(
            erp.integration_id, table_of(table).name, snapshot_id
        )
        return 200, _shown(call, ended), {}

    return erp_call(call, table, work)


@endpoint(
    bp,
    "POST",
    _ONE + "/commit",
    caller=ERP,
    tag="ERP",
    summary="Delete what was not in a snapshot; more than a fifth of a table only with force",
    body="SnapshotCommit",
    answers={202: "Snapshot"},
)
def commit(call: Call, table: str, snapshot_id: str) -> Response:
    """Commit a snapshot."""

    def work(erp: Erp, entry: Logged) -> Worked:
        found = _pushed(erp, table)
        asked = onboarding_wiring.snapshot_desk().commit(
            erp.integration_id, found.name, snapshot_id, erp.key_name, force=flag(call.body(), "force")
        )
        return 202, _shown(call, asked), {}

    return erp_call(call, table, work)


other_methods(bp, _ALL, "GET HEAD PUT PATCH DELETE", "POST", "use_snapshots")
other_methods(bp, _ONE, "POST HEAD PUT PATCH", "GET, DELETE", "use_snapshots")
other_methods(bp, _ONE + "/commit", "GET HEAD PUT PATCH DELETE", "POST", "use_snapshots")


@endpoint(
    bp,
    "GET",
    _MINE,
    caller="viewer",
    tag="Onboarding",
    summary="List full snapshots, newest first",
    query=("limit", "cursor"),
    answers={200: "SnapshotList"},
)
def index(call: Call, integration_id: str) -> dict[str, Any]:
    """List the snapshots."""
    integration = call.integration(integration_id)
    size, position = limit(call), cursor(call, str)
    found = onboarding_wiring.snapshots().latest(
        integration.integration_id, limit=size, before=position[0] if position else None
    )
    desk = onboarding_wiring.snapshot_desk()
    items = [_shown(call, desk.counted(one)) for one in found]
    for item in items:
        item["opened_by"], item["committed_by"] = call.seen([item["opened_by"], item["committed_by"]])
    return listed(items, next_cursor(found[-1].job_id) if len(found) == size else None)


@endpoint(
    bp,
    "POST",
    _MINE + "/{table}/{snapshot_id}/commit",
    caller="admin",
    tag="Onboarding",
    summary="Commit a snapshot, or agree to its deletions with force",
    body="SnapshotCommit",
    answers={202: "Snapshot"},
)
def agree(call: Call, integration_id: str, table: str, snapshot_id: str) -> tuple[int, dict[str, Any]]:
    """Commit a snapshot from the page; who agrees to deletions is written into the audit list."""
    integration = call.integration(integration_id)
    if integration.reads_views:
        raise Conflict("integration_reads_views")
    found, force = table_of(table), flag(call.body(), "force")
    desk, user = onboarding_wiring.snapshot_desk(), call.caller
    if force:
        desk.find(integration.integration_id, found.name, snapshot_id)
        what = {"table": found.name, "snapshot_id": snapshot_id}
        wiring.audit().add(
            audit_entry(integration.integration_id, user, "snapshot_forced", what, wiring.now())
        )
    asked = desk.commit(integration.integration_id, found.name, snapshot_id, user.user_id, force=force)
    return 202, _shown(call, asked)


def _pushed(erp: Erp, table: str) -> Table:
    found = table_of(table)
    if erp.reads_only:
        raise Conflict("integration_reads_views")
    return found


def _shown(call: Call, snapshot: Snapshot) -> dict[str, Any]:
    status = snapshot.status(wiring.now())
    held = error = None
    if snapshot.held:
        params = {"missing": str(snapshot.missing), "stored": str(snapshot.stored)}
        params |= {"keyless": str(snapshot.keyless), "uploads": str(snapshot.awaited)}
        params |= {"table": snapshot.table}
        held = {"code": snapshot.held, "message": text(snapshot.held, params, call.language)}
    if snapshot.failed and snapshot.failure:
        code = snapshot.failure.code
        error = {"code": code, "message": text(code, snapshot.failure.params, call.language)}
    return {
        "snapshot_id": snapshot.job_id,
        "table": snapshot.table,
        "status": status,
        "opened_at": instant_text(snapshot.requested_at),
        "opened_by": snapshot.requested_by,
        "expires_at": instant_text(snapshot.expires_at),
        "committed_at": instant_text(snapshot.committed_at) if snapshot.committed_at else None,
        "committed_by": snapshot.committed_by,
        "finished_at": instant_text(snapshot.finished_at) if snapshot.finished_at else None,
        "forced": snapshot.forced,
        "records": snapshot.records,
        "stored": snapshot.stored,
        "missing": snapshot.missing,
        "deleted": snapshot.deleted,
        "kept_newer": snapshot.kept_newer,
        "keyless": snapshot.keyless,
        "awaited": snapshot.awaited,
        "held_because": held,
        "error": error,
    }
