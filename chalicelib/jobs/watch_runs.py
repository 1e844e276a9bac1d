"""watch_runs: every minute, look for runs whose worker or message got lost."""

from typing import Any

from aws_lambda_powertools import Logger
from chalice.app import Blueprint

from .. import telemetry, wiring

bp = Blueprint(__name__)
logger = Logger()


@bp.lambda_function(name="watch_runs")
def watch_runs(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Drive lost runs on, or end them."""
    counts = wiring.lost_runs().watch()
    if any(counts.values()):
        logger.warning("runs had stopped moving", extra=dict(counts))
    for what, number in counts.items():
        telemetry.count("LostRuns", number, outcome=what)
    return counts
