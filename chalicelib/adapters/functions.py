"""Other functions of the product, called and waited for."""

import json
from functools import cached_property
from typing import Any, Final

from ..domain.errors import Busy

WAIT_SECONDS: Final = 26
"""Less than the API may take itself."""


class Function:
    """One function, by name."""

    def __init__(self, name: str) -> None:
        self._name = name

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        waiting = Config(connect_timeout=3, read_timeout=WAIT_SECONDS, retries={"total_max_attempts": 1})
        return boto3.client("lambda", config=waiting)

    def call(self, event: dict[str, Any]) -> Any:
        """Call it and wait for its answer; raises Busy when it takes too long or fails."""
        from botocore.exceptions import ReadTimeoutError

        try:
            answer = self._client.invoke(FunctionName=self._name, Payload=json.dumps(event).encode())
        except ReadTimeoutError as error:
            raise Busy("view_test_too_slow") from error
        content = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            raise Busy("view_test_failed")
        return content
