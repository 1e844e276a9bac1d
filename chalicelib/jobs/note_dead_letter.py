"""note_dead_letter: a message that could not be worked on is told to the people it is about."""

import json
from typing import Any

from aws_lambda_powertools import Logger
from chalice.app import Blueprint

from .. import alert_wiring, telemetry, upload_wiring, wiring
from ..services.alerts import note_dead_letter as note
from ..settings import settings
from .object_events import messages

bp = Blueprint(__name__)
logger = Logger()


@bp.lambda_function(name="note_dead_letter")
def note_dead_letter(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Note each message with its integration, and keep it in the log."""
    for record in event["Records"]:
        queue = _queue(record["eventSourceARN"])
        message = _about(record["body"]) if queue == "onboarding" else parsed(record["body"])
        noted = note(alert_wiring.watches(), queue, message, wiring.now())
        telemetry.count("DeadLetters", outcome=queue)
        logger.error("dead letter", extra={"queue": queue, "noted": noted, "body": record["body"][:2_000]})
    return {"batchItemFailures": []}


def parsed(body: str) -> object:
    """Read a message; None when it is no JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def _queue(arn: str) -> str:
    one = settings()
    return {one.schedule_dlq_arn: "schedule", one.onboarding_dlq_arn: "onboarding"}.get(arn, "exports")


def _about(body: str) -> object:
    """Tell whom a message of the onboarding is about; the bucket's events do not name the tenant."""
    try:
        found = messages(body)[0]
        if "tenant_id" in found:
            return found
        upload = upload_wiring.uploads().find(found["integration_id"], found["job_id"])
    except (ValueError, AttributeError, TypeError, LookupError):  # it could not be worked on for a reason
        return None
    return {"tenant_id": upload.tenant_id, "integration_id": upload.integration_id} if upload else None
