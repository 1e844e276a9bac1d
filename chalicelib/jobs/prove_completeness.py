"""prove_completeness: one slice of a proof, for each message of its queue; it can reach ERPs' databases."""

from typing import Any

from chalice.app import Blueprint

from .. import onboarding_wiring
from .job_slices import work_off

bp = Blueprint(__name__)


@bp.lambda_function(name="prove_completeness")
def prove_completeness(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work on the proofs that the messages name."""
    return work_off(event, context, onboarding_wiring.chain, "OnboardingJobsEnded")
