"""start_run: EventBridge Scheduler says that an integration's nightly run is due."""

from typing import Any

from aws_lambda_powertools import Logger
from chalice.app import Blueprint

from .. import telemetry, wiring
from ..services.run_starts import scheduled_minute

bp = Blueprint(__name__)
logger = Logger()


@bp.lambda_function(name="start_run")
def start_run(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Begin the run of the event's scheduled minute, once however often it is delivered."""
    minute = scheduled_minute(event.get("scheduled_time"), wiring.now())
    run = wiring.run_starts().start_scheduled(event["tenant_id"], event["integration_id"], minute)
    logger.info(
        "scheduled run " + ("begun" if run else "not begun"),
        integration_id=event["integration_id"],
        scheduled_minute=minute.isoformat(),
        run_id=run.run_id if run else None,
    )
    if run:
        telemetry.count("RunsScheduled")
    return {"run_id": run.run_id if run else None}
