"""The bucket as a folder, so that files do not count as the job's memory."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass
class DiskFiles:
    """Keeps files in a folder; a multipart upload appends to its file."""

    folder: Path

    def _path(self, name: str) -> Path:
        return self.folder / name.replace("/", "_")

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
