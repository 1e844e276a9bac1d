"""note_dead_letter: a start of a run or a message of an export could not be worked on; people are told."""

import json
from typing import Any

from aws_lambda_powertools import Logger
from chalice.app import Blueprint

from .. import alert_wiring, telemetry, wiring
from ..services.alerts import note_dead_letter as note
from ..settings import settings

bp = Blueprint(__name__)
logger = Logger()


@bp.lambda_function(name="note_dead_letter")
def note_dead_letter(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Note each message with its integration, and keep it in the log."""
    for record in event["Records"]:
        queue = "schedule" if record["eventSourceARN"] == settings().schedule_dlq_arn else "exports"
        noted = note(alert_wiring.watches(), queue, parsed(record["body"]), wiring.now())
        telemetry.count("DeadLetters", outcome=queue)
        logger.error("dead letter", extra={"queue": queue, "noted": noted, "body": record["body"][:2_000]})
    return {"batchItemFailures": []}


def parsed(body: str) -> object:
    """Read a message; None when it is no JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return None
