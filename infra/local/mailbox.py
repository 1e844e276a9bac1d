"""`make mailbox`: the alerts that the local AWS has sent, as their recipients would read them.

SNS sends no e-mail locally. Each integration's topic has one more subscriber, a queue; it is read here and
nothing is taken out of it, so everything can be read again.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from infra.local.aws import REGION, directory

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

HIDDEN_SECONDS = 60  # while it is read; then everything is shown to the next reader again


@dataclass(frozen=True)
class Letter:
    """One message as SNS delivered it."""

    at: str
    subject: str
    body: str
    attributes: dict[str, str]

    def __str__(self) -> str:
        rule = "─" * 100
        return f"{rule}\n{self.at}  {self.subject}\n\n{self.body}"


def letters(sqs: SQSClient, queue_url: str) -> list[Letter]:
    """Read every message, in the order in which they were sent, and leave all of them where they are."""
    found: list[Letter] = []
    taken: list[str] = []
    while True:
        answer = sqs.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=10, VisibilityTimeout=HIDDEN_SECONDS
        )
        if not answer.get("Messages"):
            break
        found += [_letter(json.loads(one["Body"])) for one in answer["Messages"]]
        taken += [one["ReceiptHandle"] for one in answer["Messages"]]
    for handle in taken:
        sqs.change_message_visibility(QueueUrl=queue_url, ReceiptHandle=handle, VisibilityTimeout=0)
    return sorted(found, key=lambda one: (one.attributes["at"], one.attributes["message_id"]))


def _letter(envelope: dict[str, Any]) -> Letter:
    attributes = {name: str(one["Value"]) for name, one in envelope["MessageAttributes"].items()}
    return Letter(envelope["Timestamp"], envelope["Subject"], envelope["Message"], attributes)


def main() -> int:
    """Run `make mailbox`."""
    file = directory() / "stack.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    if "mailbox_queue_url" not in known:
        print("There is no mailbox yet: make run", file=sys.stderr)
        return 1
    session = boto3.Session("test", "test", region_name=REGION)
    sqs = session.client("sqs", endpoint_url=known["aws_endpoint_url"])
    found = letters(sqs, known["mailbox_queue_url"])
    for one in found:
        print(one)
    print(f"{len(found)} messages" if found else "No alert has been sent yet.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
