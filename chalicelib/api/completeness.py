"""How complete an integration's data is, and the proofs of it."""

from typing import Any

from chalice.app import Blueprint

from .. import onboarding_wiring, wiring
from ..i18n.texts import text
from ..services import completeness
from .edge import Call, endpoint

bp = Blueprint(__name__)
_ONE = "/v1/integrations/{integration_id}/completeness"


@endpoint(
    bp,
    "GET",
    _ONE,
    caller="viewer",
    tag="Onboarding",
    summary="Compare what the ERP says it has with what we have, by table and month",
    answers={200: "Completeness"},
)
def show(call: Call, integration_id: str) -> dict[str, Any]:
    """Compare, from counters."""
    integration = call.integration(integration_id)
    found = completeness.state(
        wiring.records(), onboarding_wiring.controls(), integration.integration_id, wiring.now()
    )
    return labelled(call, found)


def labelled(call: Call, found: dict[str, Any]) -> dict[str, Any]:
    """Add the names of verdict and states in the caller's language."""
    label = text(f"verdict_{found['verdict']}", {}, call.language)
    return {**found, "verdict_label": label, "tables": [labelled_table(call, one) for one in found["tables"]]}


def labelled_table(call: Call, table: dict[str, Any]) -> dict[str, Any]:
    """Add a table's description and the names of its states in the caller's language."""
    months = [{**month, "status_label": _status(call, month["status"])} for month in table["months"]]
    return {
        **table,
        "description": text(f"table_{table['table']}", {}, call.language),
        "status_label": _status(call, table["status"]),
        "months": months,
    }


def _status(call: Call, status: str | None) -> str:
    return text(f"completeness_{status or 'nothing'}", {}, call.language)
