"""What the functions that advance jobs have in common: one slice for each message of their queue."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger

from .. import telemetry
from ..domain.runs import LeaseHeld
from ..services.job_chain import JobChain, SliceFailed
from .object_events import messages

logger = Logger()

ChainOf = Callable[[str], JobChain[Any]]
"""Finds the jobs of a kind, with what works on them."""


def work_off(event: dict[str, Any], context: Any, chain_of: ChainOf, metric: str) -> dict[str, Any]:
    """Work on the job that each message names; a message in the batch's failures comes back later.

    Jobs that end are counted by `metric`, as done or failed.
    """
    failed = [
        {"itemIdentifier": record["messageId"]}
        for record in event["Records"]
        if not _advance(record["body"], f"{record['messageId']}/{context.aws_request_id}", chain_of, metric)
    ]
    return {"batchItemFailures": failed}


def _advance(body: str, owner: str, chain_of: ChainOf, metric: str) -> bool:
    done = [_advance_one(message, owner, chain_of, metric) for message in messages(body)]
    return all(done)


def _advance_one(message: dict[str, Any], owner: str, chain_of: ChainOf, metric: str) -> bool:
    logger.append_keys(kind=message.get("kind"), job_id=message.get("job_id"), hop=message.get("hop"))
    try:
        outcome = chain_of(message["kind"]).advance(message, owner)
    except LeaseHeld:
        logger.info("slice is being worked on by somebody else")
        return False
    except SliceFailed:
        logger.exception("slice failed")
        return False
    logger.info("slice ended", outcome=outcome)
    if outcome in {"done", "failed"}:
        telemetry.count(metric, status=outcome)
    return True
