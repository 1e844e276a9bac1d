"""advance_run: one slice of a run, for each message of the runs queue."""

import json
from typing import Any

from aws_lambda_powertools import Logger
from chalice.app import Blueprint

from .. import telemetry, wiring
from ..domain.runs import ENDS, LeaseHeld
from ..services.sync_runs import StageFailed

bp = Blueprint(__name__)
logger = Logger()


@bp.lambda_function(name="advance_run")
def advance_run(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work on the run that the message names; a message in the batch's failures comes back later."""
    failed = [
        {"itemIdentifier": record["messageId"]}
        for record in event["Records"]
        if not _advance(json.loads(record["body"]), record["messageId"], context.aws_request_id)
    ]
    return {"batchItemFailures": failed}


def _advance(message: dict[str, Any], message_id: str, request_id: str) -> bool:
    owner = f"{message_id}/{request_id}"
    logger.append_keys(run_id=message.get("run_id"), hop=message.get("hop"))
    try:
        outcome = wiring.sync_runs().advance(message, owner)
    except LeaseHeld:
        logger.info("slice is being worked on by somebody else")
        return False
    except StageFailed as error:
        logger.exception("slice failed", stage=error.stage)
        wiring.sync_runs().note_failure(message, owner, error)
        return False
    logger.info("slice ended", outcome=outcome)
    if outcome in ENDS:
        telemetry.count("RunsEnded", status=outcome)
    return True
