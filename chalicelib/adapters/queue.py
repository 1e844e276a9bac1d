"""Messages to SQS queues."""

import json
from functools import cached_property
from typing import Any


class Queue:
    """One queue, by URL."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def _client(self) -> Any:
        import boto3

        return boto3.client("sqs")

    def send(self, message: dict[str, Any], delay_seconds: int = 0) -> None:
        """Send a message as JSON, visible after `delay_seconds`."""
        self._client.send_message(
            QueueUrl=self._url, MessageBody=json.dumps(message), DelaySeconds=delay_seconds
        )
