"""What the functions that advance runs have in common: one slice for each message of their queue."""

import json
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger

from .. import telemetry
from ..domain.runs import ENDS, LeaseHeld
from ..services.sync_runs import StageFailed, SyncRuns

logger = Logger()


def work_off(runs: Callable[[], SyncRuns], event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work on the runs that the messages name; a message in the batch's failures comes back later."""
    failed = [
        {"itemIdentifier": record["messageId"]}
        for record in event["Records"]
        if not _advance(runs(), json.loads(record["body"]), f"{record['messageId']}/{context.aws_request_id}")
    ]
    return {"batchItemFailures": failed}


def _advance(runs: SyncRuns, message: dict[str, Any], owner: str) -> bool:
    logger.append_keys(run_id=message.get("run_id"), hop=message.get("hop"))
    try:
        outcome = runs.advance(message, owner)
    except LeaseHeld:
        logger.info("slice is being worked on by somebody else")
        return False
    except StageFailed as error:
        logger.exception("slice failed", stage=error.stage)
        runs.note_failure(message, owner, error)
        return False
    logger.info("slice ended", outcome=outcome)
    if outcome in ENDS:
        telemetry.count("RunsEnded", status=outcome)
    return True
