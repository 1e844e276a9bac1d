"""fail_run: a slice's message reached the dead letters, so its run ends in error."""

import json
from typing import Any

from aws_lambda_powertools import Logger
from chalice.app import Blueprint

from .. import alert_wiring, telemetry, wiring
from ..services.alerts import note_dead_letter
from ..services.lost_runs import DROPPED, STILL_WORKING

bp = Blueprint(__name__)
logger = Logger()


@bp.lambda_function(name="fail_run")
def fail_run(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """End the runs that the messages name, with the last failure as the reason.

    People are told of a run's end in error; of a message that ended none, they are told as such.
    A run that somebody may still be working on is left alone for now: its message comes back.
    """
    waiting = []
    for record in event["Records"]:
        message = _message(record["body"])
        if message is None:
            logger.error("dead letter is no message of ours", message_id=record["messageId"])
            continue
        outcome = wiring.lost_runs().fail(message)
        if outcome == DROPPED:
            note_dead_letter(alert_wiring.watches(), "runs", message, wiring.now())
        telemetry.count("DeadLetters", outcome=outcome)
        logger.warning("dead letter", run_id=message["run_id"], outcome=outcome)
        if outcome == STILL_WORKING:
            waiting.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": waiting}


def _message(body: str) -> dict[str, Any] | None:
    try:
        message = json.loads(body)
    except ValueError:
        return None
    if not isinstance(message, dict) or not {"integration_id", "run_id", "hop"} <= message.keys():
        return None
    return message
