"""The product's bucket, in memory: bodies, and files with multipart uploads."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from chalicelib.domain.exports import UploadGone
from chalicelib.domain.uploads import StoredFile


@dataclass
class FakeBodies:
    """Keeps objects by name; like S3, it answers no name that was not stored."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def put(self, name: str, content: bytes) -> None:
        self.objects[name] = content

    def get(self, name: str) -> bytes:
        return self.objects[name]


MIN_PART_BYTES = 5 * 1024 * 1024


@dataclass
class FakeFiles:
    """Keeps files by name; like S3, it takes no small parts but for the last, and no ended upload."""

    objects: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    verifies: bool = True
    """Whether it tells the checksum of what was sent; S3 does, since the link asks it to."""

    def put(self, name: str, content: bytes, content_type: str = "") -> None:
        self.objects[name] = content

    def get(self, name: str) -> bytes:
        return self.objects[name]

    def size(self, name: str) -> int | None:
        return len(self.objects[name]) if name in self.objects else None

    def found(self, name: str) -> StoredFile | None:
        if name not in self.objects:
            return None
        content = self.objects[name]
        return StoredFile(len(content), sha256(content).hexdigest() if self.verifies else None)

    def read(self, name: str, start: int, length: int) -> bytes:
        return self.objects[name][start : start + length]

    def begin_upload(self, name: str, content_type: str) -> str:
        upload_id = f"upload-{next(self.numbers)}"
        self.uploads[upload_id] = {}
        return upload_id

    def upload_part(self, name: str, upload_id: str, number: int, content: bytes) -> str:
        if upload_id not in self.uploads:
            raise UploadGone()
        self.uploads[upload_id][number] = content
        return f"{upload_id}/{number}/{len(content)}"

    def complete_upload(self, name: str, upload_id: str, etags: Iterable[str]) -> None:
        if upload_id not in self.uploads:
            raise UploadGone()
        parts = self.uploads[upload_id]
        wanted = [int(etag.split("/")[1]) for etag in etags]
        assert wanted == sorted(parts), "every part, in order"
        assert all(len(parts[number]) >= MIN_PART_BYTES for number in wanted[:-1]), "a part is too small"
        self.objects[name] = b"".join(parts[number] for number in wanted)
        del self.uploads[upload_id]

    def delete(self, names: Iterable[str]) -> None:
        for name in names:
            self.objects.pop(name, None)

    def link(self, name: str, filename: str) -> str:
        assert name in self.objects, "a link to nothing"
        return f"https://bucket.example/{name}?filename={filename}&number={next(self.numbers)}"

    def upload_link(self, name: str, size: int, sha256: str, seconds: int) -> tuple[str, dict[str, str]]:
        return f"https://bucket.example/{name}?size={size}&seconds={seconds}", {
            "x-amz-checksum-sha256": sha256
        }

    def offer(self, name: str, filename: str, content: bytes, content_type: str = "") -> str:
        self.put(f"downloads/{name}", content)
        return self.link(f"downloads/{name}", filename)

    def behind(self, url: str) -> bytes:
        """Follow a link."""
        return self.objects[url.removeprefix("https://bucket.example/").partition("?")[0]]
