"""Large bodies in S3 (claim check): the client is built on first use only."""

from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError


class Bodies:
    """Objects of the product's private bucket."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(
            signature_version="s3v4", s3={"addressing_style": "path"}, retries={"total_max_attempts": 5}
        )
        return boto3.client("s3", config=config)

    def put(self, name: str, content: bytes) -> None:
        """Store an object."""
        self._client.put_object(Bucket=self._bucket, Key=name, Body=content)

    def get(self, name: str) -> bytes:
        """Read a whole object; raises KeyError when there is none."""
        try:
            content: bytes = self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}:
                raise KeyError(name) from error
            raise
        return content
