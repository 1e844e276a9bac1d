"""What ERPs declare of themselves: totals and keys, by table and month, to be compared with what we have."""

from typing import Any

from chalice.app import Blueprint, Response

from .. import onboarding_wiring, wiring
from ..domain.tables import Table
from ..services import controls
from ..services.access import Erp
from ..services.logged import Logged
from .delivery import document_of
from .edge import ERP, Call, endpoint, raw_body
from .erp_calls import erp_call
from .logged import Worked
from .record_paths import table_of

bp = Blueprint(__name__)


@endpoint(
    bp,
    "PUT",
    "/v1/erp/{table}/control-totals",
    caller=ERP,
    tag="Onboarding",
    summary="Declare how many records of a table there are in each month, and their sum",
    body="NewControlTotals",
    answers={200: "ControlTotals"},
)
def declare(call: Call, table: str) -> Response:
    """Store totals; months that are not named stay as they were declared."""

    def work(erp: Erp, logged: Logged) -> Worked:
        found, body = table_of(table), _body(call)
        logged.wait()
        declared = controls.declare(
            onboarding_wiring.controls(), erp.integration_id, found, body, wiring.now()
        )
        return 200, {**_shown(call, erp, found), "declared": declared}, {}

    return erp_call(call, table, work)


@endpoint(
    bp,
    "GET",
    "/v1/erp/{table}/control-totals",
    caller=ERP,
    tag="Onboarding",
    summary="Read what was declared of a table",
    answers={200: "ControlTotals"},
)
def show(call: Call, table: str) -> Response:
    """Read the totals and how many keys are listed, newest month first."""

    def work(erp: Erp, logged: Logged) -> Worked:
        return 200, {**_shown(call, erp, table_of(table)), "declared": 0}, {}

    return erp_call(call, table, work)


@endpoint(
    bp,
    "PUT",
    "/v1/erp/{table}/control-keys",
    caller=ERP,
    tag="Onboarding",
    summary="Declare the keys of all records of a table in a month, in one part or several",
    body="NewControlKeys",
    answers={200: "ControlKeys"},
)
def list_keys(call: Call, table: str) -> Response:
    """Store a part of a key list; sent again, a part takes its own place."""

    def work(erp: Erp, logged: Logged) -> Worked:
        found, body = table_of(table), _body(call)
        logged.wait()
        stored = controls.list_keys(
            onboarding_wiring.controls(), erp.integration_id, found, body, wiring.now()
        )
        return 200, {"request_id": call.request_id, **stored}, {}

    return erp_call(call, table, work)


def _shown(call: Call, erp: Erp, table: Table) -> dict[str, Any]:
    totals = controls.shown(onboarding_wiring.controls(), erp.integration_id, table)
    return {"request_id": call.request_id, "table": table.name, "totals": totals}


def _body(call: Call) -> Any:
    """Read a body of a delivery's size, gzip or not."""
    headers = call.request.headers
    return document_of(raw_body(call.request), headers.get("content-type"), headers.get("content-encoding"))
