"""Checking a file takes the same memory whatever lies in it: a line of 100 MB is skipped, not held."""

import gzip
import tracemalloc
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from chalicelib.domain.upload_pieces import unpacked
from chalicelib.domain.upload_problems import FileRefused
from chalicelib.domain.uploads import BulkUpload, StoredFile
from chalicelib.services.job_chain import Turn
from chalicelib.services.uploads.checking import Checking
from tests.support.at_once import at_once

LONG = 100_000_000
NOW = datetime(2026, 7, 1, tzinfo=UTC)
ALLOWED = 40_000_000


@dataclass
class Parts:
    """A file of which the repeated middle exists only once; keeps the pieces that are written."""

    head: bytes
    middle: bytes
    times: int
    tail: bytes
    pieces: dict[str, bytes] = field(default_factory=dict)

    @property
    def length(self) -> int:
        return len(self.head) + len(self.middle) * self.times + len(self.tail)

    def found(self, name: str) -> StoredFile:
        return StoredFile(self.length, "0" * 64)

    def read(self, name: str, start: int, length: int) -> bytes:
        first = start - len(self.head)
        if first >= 0 and first + length <= len(self.middle) * self.times:
            offset = first % len(self.middle)
            return (self.middle * (length // len(self.middle) + 2))[offset : offset + length]
        whole = [self.head, *[self.middle] * self.times, self.tail]
        found, at = [], 0
        for part in whole:
            found.append(part[max(0, start - at) : max(0, start + length - at)])
            at += len(part)
        return b"".join(found)

    def put(self, name: str, content: bytes) -> None:
        self.pieces[name] = content


def checked(files: Any, **facts: Any) -> tuple[BulkUpload, int]:
    """Check a file in one turn; answers the upload and the peak of what was allocated."""
    upload = BulkUpload(
        job_id="u",
        tenant_id="t",
        integration_id="i",
        requested_by="erp",
        requested_at=NOW,
        table="vendedor",
        sha256="0" * 64,
        size=files.length,
        **facts,
    )
    turn: Turn[BulkUpload] = Turn(float("inf"), lambda one: None, lambda: NOW)
    checking = Checking(files, at_once)
    tracemalloc.start()
    try:
        found = checking.read(checking.open(upload), turn)
        return found, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


GOOD = b'{"codigo":"1","nome":"Ana"}\n'
FILES = {
    "ndjson": Parts(GOOD, b"x" * 1_000_000, LONG // 1_000_000, b"\n" + GOOD),
    "csv": Parts(b"codigo;nome\n1;Ana\n", b'2;"' + b"x" * 999_996 + b'"', LONG // 1_000_000, b"\n3;Rui\n"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_line_of_100_mb_is_skipped_in_little_memory(name: str) -> None:
    files = FILES[name]
    upload, peak = checked(files, format=name)
    assert peak < ALLOWED
    piece = unpacked(files.pieces["work/i/u/lines-00000"])
    assert (upload.lines, upload.phase, len(piece.odd)) == (3, "importing", 1)
    assert int(piece.odd[1].params["bytes"]) > LONG * 0.99
    assert sum(piece.sizes) < 2_000


def test_so_is_one_that_is_packed_a_thousandfold() -> None:
    packed = gzip.compress(GOOD + b"x" * LONG + b"\n" + GOOD, 1)
    files = Parts(packed, b"", 0, b"")
    upload, peak = checked(files, format="ndjson")
    assert (upload.lines, peak < ALLOWED) == (3, True)


def test_quotes_that_stay_open_over_100_mb_are_told_and_not_held() -> None:
    files = Parts(b'codigo;nome\n1;Ana\n2;"Rui\n', (b"x" * 999 + b"\n") * 1_000, LONG // 1_000_000, b"")
    with pytest.raises(FileRefused) as caught:
        checked(files, format="csv")
    assert (caught.value.code, caught.value.params) == ("csv_quote_open", {"line": "3"})


def test_the_checksum_is_read_in_little_memory_when_the_bucket_has_not_verified_it() -> None:
    files = Parts(GOOD, GOOD * 30_000, 100, b"")
    wanted = sha256()
    for part in (GOOD, *[GOOD * 30_000] * 100):
        wanted.update(part)
    files.found = lambda name: StoredFile(files.length, None)  # type: ignore[method-assign]
    with pytest.raises(FileRefused) as caught:
        checked(files, format="ndjson")
    assert caught.value.params["found"] == wanted.hexdigest()
