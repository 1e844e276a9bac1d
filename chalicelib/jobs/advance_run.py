"""advance_run: one slice of a run, for each message of the runs queue."""

from typing import Any

from chalice.app import Blueprint

from .. import wiring
from .slices import work_off

bp = Blueprint(__name__)


@bp.lambda_function(name="advance_run")
def advance_run(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work on the run that the message names; a message in the batch's failures comes back later."""
    return work_off(wiring.sync_runs, event, context)
