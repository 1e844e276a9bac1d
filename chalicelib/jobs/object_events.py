"""What the onboarding's queue brings: messages of our own, and the bucket's events about files that came."""

import json
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools import Logger

from ..domain.uploads import KIND, subject_of

logger = Logger()


def messages(body: str) -> list[dict[str, Any]]:
    """Read a message; an event of the bucket asks for the first slice of each upload whose file came.

    Files that are nobody's upload, and the event by which the bucket tries its queue out, ask for nothing.
    """
    content: dict[str, Any] = json.loads(body)
    if content.get("Event") == "s3:TestEvent":
        return []
    if "Records" not in content:
        return [content]
    names = [unquote_plus(record["s3"]["object"]["key"]) for record in content["Records"]]
    return [message for name in names if (message := _message(name))]


def _message(name: str) -> dict[str, Any] | None:
    subject = subject_of(name)
    if subject is None:
        logger.warning("a file that is no upload was dropped", object_name=name[:200])
        return None
    integration_id, upload_id = subject
    return {"kind": KIND, "integration_id": integration_id, "job_id": upload_id, "hop": 0}
