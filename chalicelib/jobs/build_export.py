"""build_export: one slice of an export, for each message of the exports queue."""

import json
from typing import Any

from aws_lambda_powertools import Logger
from chalice.app import Blueprint

from .. import export_wiring, telemetry
from ..domain.runs import LeaseHeld
from ..services.export_job import SliceFailed

bp = Blueprint(__name__)
logger = Logger()


@bp.lambda_function(name="build_export")
def build_export(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work on the export that the message names; a message in the batch's failures comes back later."""
    failed = [
        {"itemIdentifier": record["messageId"]}
        for record in event["Records"]
        if not _advance(record["body"], f"{record['messageId']}/{context.aws_request_id}")
    ]
    return {"batchItemFailures": failed}


def _advance(body: str, owner: str) -> bool:
    message = json.loads(body)
    logger.append_keys(export_id=message.get("export_id"), hop=message.get("hop"))
    try:
        outcome = export_wiring.export_job().advance(message, owner)
    except LeaseHeld:
        logger.info("slice is being worked on by somebody else")
        return False
    except SliceFailed:
        logger.exception("slice failed")
        return False
    logger.info("slice ended", outcome=outcome)
    if outcome in {"done", "error"}:
        telemetry.count("ExportsEnded", status=outcome)
    return True
