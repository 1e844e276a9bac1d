"""Files for people, in the product's bucket: made in parts, and handed out by short presigned links."""

import base64
from collections.abc import Iterable

from botocore.exceptions import ClientError

from ..domain.exports import LINK_SECONDS, TEXT, UploadGone
from ..domain.uploads import StoredFile
from .bodies import Bodies


class Files(Bodies):
    """Objects of the bucket that people download, and the pieces of which they are made."""

    def put(self, name: str, content: bytes, content_type: str = "application/octet-stream") -> None:
        """Store an object."""
        self._client.put_object(Bucket=self._bucket, Key=name, Body=content, ContentType=content_type)

    def size(self, name: str) -> int | None:
        """Tell an object's size in bytes; None when there is none."""
        try:
            size: int = self._client.head_object(Bucket=self._bucket, Key=name)["ContentLength"]
        except ClientError as error:
            if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}:
                return None
            raise
        return size

    def found(self, name: str) -> StoredFile | None:
        """Tell an object's size, and its SHA-256 if the bucket has verified one; None when there is none."""
        try:
            answer = self._client.head_object(Bucket=self._bucket, Key=name, ChecksumMode="ENABLED")
        except ClientError as error:
            if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}:
                return None
            raise
        whole = answer.get("ChecksumSHA256") if answer.get("ChecksumType") != "COMPOSITE" else None
        return StoredFile(answer["ContentLength"], base64.b64decode(whole).hex() if whole else None)

    def read(self, name: str, start: int, length: int) -> bytes:
        """Read a part of an object."""
        part = f"bytes={start}-{start + length - 1}"
        content: bytes = self._client.get_object(Bucket=self._bucket, Key=name, Range=part)["Body"].read()
        return content

    def begin_upload(self, name: str, content_type: str) -> str:
        """Begin a multipart upload; answers its id."""
        answer = self._client.create_multipart_upload(Bucket=self._bucket, Key=name, ContentType=content_type)
        return str(answer["UploadId"])

    def upload_part(self, name: str, upload_id: str, number: int, content: bytes) -> str:
        """Upload part `number` (from 1); answers its ETag. Raises UploadGone."""
        try:
            answer = self._client.upload_part(
                Bucket=self._bucket, Key=name, UploadId=upload_id, PartNumber=number, Body=content
            )
        except ClientError as error:
            raise _gone(error) from error
        return str(answer["ETag"])

    def complete_upload(self, name: str, upload_id: str, etags: Iterable[str]) -> None:
        """Put the parts together; raises UploadGone."""
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
        try:
            self._client.complete_multipart_upload(
                Bucket=self._bucket, Key=name, UploadId=upload_id, MultipartUpload={"Parts": parts}
            )
        except ClientError as error:
            raise _gone(error) from error

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects, 1,000 a call; what is absent already is fine."""
        waiting = list(names)
        for at in range(0, len(waiting), 1_000):
            gone = [{"Key": name} for name in waiting[at : at + 1_000]]
            self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": gone, "Quiet": True})

    def link(self, name: str, filename: str) -> str:
        """Mint a presigned download link (SigV4, LINK_SECONDS long) that saves under `filename`."""
        url: str = self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": name,
                "ResponseContentDisposition": f'attachment; filename="{filename}"',
            },
            ExpiresIn=LINK_SECONDS,
        )
        return url

    def upload_link(self, name: str, size: int, sha256: str, seconds: int) -> tuple[str, dict[str, str]]:
        """Mint a presigned upload link (SigV4), and the headers to send with it.

        The bucket takes these very bytes and no others: it verifies their number and their SHA-256.
        """
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        url: str = self._client.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": self._bucket,
                "Key": name,
                "ContentLength": size,
                "ChecksumSHA256": checksum,
            },
            ExpiresIn=seconds,
        )
        return url, {"x-amz-checksum-sha256": checksum}

    def offer(self, name: str, filename: str, content: bytes, content_type: str = TEXT) -> str:
        """Store a file that somebody waits for, and mint its link; the bucket deletes it a day later."""
        place = f"downloads/{name}"
        self.put(place, content, content_type)
        return self.link(place, filename)


def _gone(error: ClientError) -> Exception:
    return UploadGone() if error.response["Error"]["Code"] == "NoSuchUpload" else error
