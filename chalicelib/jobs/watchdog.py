"""watchdog: every minute, look at the integrations that are due and have people told."""

from typing import Any

from aws_lambda_powertools import Logger
from chalice.app import Blueprint

from .. import alert_wiring, telemetry
from ..settings import settings

bp = Blueprint(__name__)
logger = Logger()
SECONDS = 45


@bp.lambda_function(name="watchdog")
def watchdog(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Move incidents, send what waits, and show that we are alive.

    Raises RuntimeError, once everything else is done, for what could not be: the function's alarm goes off.
    """
    done = alert_wiring.watchdog().tick(SECONDS)
    counts = {"looked": done.looked, "told": done.told, "sent": len(done.sent), "broken": len(done.broken)}
    telemetry.count("WatchdogHeartbeat", stage=settings().stage)
    if done.sent:
        logger.info("alerts sent", extra={"message_ids": done.sent})
        telemetry.count("AlertsSent", len(done.sent))
    for what, error in done.broken.items():
        logger.error("could not be looked after", exc_info=error, extra={"what": what})
    if done.broken:
        raise RuntimeError(
            f"{len(done.broken)} could not be looked after: {', '.join(list(done.broken)[:10])}"
        )
    return counts
