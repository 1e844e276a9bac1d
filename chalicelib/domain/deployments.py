"""When a deployment may be called completed: with proof that nothing was left behind, or with a reason."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pydantic_core import PydanticCustomError

from . import values
from .errors import Conflict

if TYPE_CHECKING:
    from .integrations import Integration

MIN_REASON: Final = 10
MAX_REASON: Final = 1_000
COMPLETED: Final = "completed"


def reason(value: object) -> str:
    """Accept why a deployment is completed without proof; null or blank: there is none."""
    found = values.text("" if value is None else value).strip()
    if found and not MIN_REASON <= len(found) <= MAX_REASON:
        limits = {"low": str(MIN_REASON), "high": str(MAX_REASON)}
        raise PydanticCustomError("text_length_range", "", limits)
    return found


def proved(before: "Integration", changed: "Integration", certify: Callable[[], str | None]) -> "Integration":
    """Let a deployment be completed only with proof or with a reason; raises Conflict.

    `certify` names the certificate that there is now, if any. What it was completed with goes with its end.
    """
    if changed.deployment_status != COMPLETED:
        return replace(changed, deployment_reason="", deployment_report_id=None)
    if before.deployment_status == COMPLETED and changed.deployment_reason == before.deployment_reason:
        return changed
    report_id = certify()
    if report_id is None and not changed.deployment_reason:
        raise Conflict("deployment_unproven")
    return replace(changed, deployment_report_id=report_id)
