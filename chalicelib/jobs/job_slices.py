"""What the functions that advance jobs have in common: one slice for each message of their queue."""

from typing import Any

from aws_lambda_powertools import Logger

from .. import onboarding_wiring, telemetry
from ..domain.runs import LeaseHeld
from ..services.job_chain import SliceFailed
from .object_events import messages

logger = Logger()


def work_off(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work on the job that each message names; a message in the batch's failures comes back later."""
    failed = [
        {"itemIdentifier": record["messageId"]}
        for record in event["Records"]
        if not _advance(record["body"], f"{record['messageId']}/{context.aws_request_id}")
    ]
    return {"batchItemFailures": failed}


def _advance(body: str, owner: str) -> bool:
    done = [_advance_one(message, owner) for message in messages(body)]
    return all(done)


def _advance_one(message: dict[str, Any], owner: str) -> bool:
    logger.append_keys(kind=message.get("kind"), job_id=message.get("job_id"), hop=message.get("hop"))
    try:
        outcome = onboarding_wiring.chain(message["kind"]).advance(message, owner)
    except LeaseHeld:
        logger.info("slice is being worked on by somebody else")
        return False
    except SliceFailed:
        logger.exception("slice failed")
        return False
    logger.info("slice ended", outcome=outcome)
    if outcome in {"done", "failed"}:
        telemetry.count("OnboardingJobsEnded", status=outcome)
    return True
