"""Trace a record: its versions, the requests that named it, the runs that applied it, its relatives."""

from typing import Any

from chalice.app import Blueprint

from .. import wiring
from ..domain.errors import FieldIssue, NotFound
from ..domain.personal_data import mask_value
from ..i18n.issues import rendered
from ..services.trace import TraceParts, candidates, trace
from ..settings import settings
from .edge import Call, endpoint
from .record_paths import key_of, table_of

bp = Blueprint(__name__)


@endpoint(
    bp,
    "GET",
    "/v1/integrations/{integration_id}/trace/{table}/{key}",
    caller="viewer",
    tag="Trace",
    summary="Read everything that happened to one record",
    answers={200: "Trace"},
)
def show(call: Call, integration_id: str, table: str, key: str) -> dict[str, Any]:
    """Trace one record by its key, percent-encoded, composite keys joined with `|`."""
    integration = call.integration(integration_id)
    found, wanted = table_of(table), key_of(key)
    told = trace(_parts(), integration.integration_id, found, wanted)
    if told is None:
        similar = candidates(_parts(), integration.integration_id, found, wanted)
        shown = call.seen({"keys": similar})["keys"]
        issues = [FieldIssue("key", "record_candidate", {"key": one}, key=one) for one in shown]
        raise NotFound("record_not_found", fields=issues, table=table, key=call.seen(wanted[:1_000]))
    return _seen(call, told)


def _parts() -> TraceParts:
    return TraceParts(
        wiring.records(),
        wiring.crm(),
        wiring.request_log(),
        wiring.request_marks(),
        wiring.runs(),
        settings().request_retention_days,
        wiring.now,
    )


def _seen(call: Call, told: dict[str, Any]) -> dict[str, Any]:
    """Write issues in the caller's language, and hide personal data, each value by its field's name."""
    rejection = told["rejection"]
    if rejection:
        rejection["errors"] = rendered(rejection.pop("issues"), call.language)
    if not call.caller.sees_personal_data:
        for version in told["versions"]:
            for change in version["changes"] or ():
                change |= {one: mask_value(change[one], change["field"]) for one in ("before", "after")}
    seen: dict[str, Any] = call.seen(told)
    return seen
