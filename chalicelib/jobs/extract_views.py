"""extract_views: one slice of a run that reads an ERP's views, for each message of the views queue."""

from typing import Any

from chalice.app import Blueprint

from .. import view_wiring
from .slices import work_off

bp = Blueprint(__name__)


@bp.lambda_function(name="extract_views")
def extract_views(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work on the run that the message names; a message in the batch's failures comes back later."""
    return work_off(view_wiring.extracting_runs, event, context)
