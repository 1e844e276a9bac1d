"""build_export: one slice of an export, for each message of the exports queue."""

from typing import Any

from chalice.app import Blueprint

from .. import export_wiring
from .job_slices import work_off

bp = Blueprint(__name__)


@bp.lambda_function(name="build_export")
def build_export(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work on the exports that the messages name."""
    return work_off(event, context, export_wiring.chain, "ExportsEnded")
