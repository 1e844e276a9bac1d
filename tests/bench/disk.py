"""The bucket as a folder, so that files do not count as the job's memory."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from chalicelib.domain.uploads import StoredFile


@dataclass
class DiskFiles:
    """Keeps files in a folder; a multipart upload appends to its file."""

    folder: Path
    _verified: str = ""

    def _path(self, name: str) -> Path:
        return self.folder / name.replace("/", "_")

    def take(self, name: str, source: Path, sha256: str) -> None:
        """Let a file be sent, whose checksum the bucket verifies."""
        self._path(name).hardlink_to(source)
        self._verified = sha256

    def found(self, name: str) -> StoredFile | None:
        size = self.size(name)
        return None if size is None else StoredFile(size, self._verified)

    def read(self, name: str, start: int, length: int) -> bytes:
        with self._path(name).open("rb") as file:
            file.seek(start)
            return file.read(length)

    def upload_link(self, name: str, size: int, sha256: str, seconds: int) -> tuple[str, dict[str, str]]:
        return name, {}

    def put(self, name: str, content: bytes, content_type: str = "") -> None:
        self._path(name).write_bytes(content)

    def get(self, name: str) -> bytes:
        return self._path(name).read_bytes()

    def size(self, name: str) -> int | None:
        path = self._path(name)
        return path.stat().st_size if path.exists() else None

    def begin_upload(self, name: str, content_type: str) -> str:
        return "upload"

    def upload_part(self, name: str, upload_id: str, number: int, content: bytes) -> str:
        with self._path(f"{name}.part").open("ab") as file:
            file.write(content)
        return str(number)

    def complete_upload(self, name: str, upload_id: str, etags: Iterable[str]) -> None:
        self._path(f"{name}.part").rename(self._path(name))

    def delete(self, names: Iterable[str]) -> None:
        for name in names:
            self._path(name).unlink(missing_ok=True)
