"""advance_onboarding: one slice of a bulk upload or a snapshot, for each message of its queue."""

from typing import Any

from chalice.app import Blueprint

from .. import onboarding_wiring
from .job_slices import work_off

bp = Blueprint(__name__)


@bp.lambda_function(name="advance_onboarding")
def advance_onboarding(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work on the jobs that the messages name."""
    return work_off(event, context, onboarding_wiring.chain, "OnboardingJobsEnded")
