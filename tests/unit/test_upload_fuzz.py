"""Whatever bytes a file holds: it is refused with a reason, or each of its lines is a record or has one."""

import gzip
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain.tables import TABLES
from chalicelib.domain.upload_problems import FileRefused
from chalicelib.domain.uploads import BulkUpload, StoredFile
from chalicelib.domain.validation import validate
from chalicelib.i18n.issues import rendered
from chalicelib.i18n.texts import catalogue
from chalicelib.services.job_chain import Turn
from chalicelib.services.uploads import importing, rejects
from chalicelib.services.uploads.batches import batches
from chalicelib.services.uploads.checking import Checking
from tests.support.at_once import at_once

NOW = datetime(2026, 7, 1, tzinfo=UTC)
HEADS = st.sampled_from(
    [b"", b"codigo;nome\n", b"codigo,nome,ativo\r\n", b"\xef\xbb\xbfcodigo;nome;x\n", b"\xff\xfe"]
)
WORDS = [
    b"1",
    b";",
    b",",
    b'"',
    b"\n",
    b"\r\n",
    b"\0",
    b"\xe9",
    b"{}",
    b'{"codigo":"1","nome":"a"}',
    b"[",
    b"NaN",
    b"\t",
]
BODIES = st.one_of(st.binary(max_size=60), st.lists(st.sampled_from(WORDS), max_size=25).map(b"".join))


@dataclass
class Bucket:
    """Keeps objects."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def found(self, name: str) -> StoredFile | None:
        return StoredFile(len(self.objects[name]), "0" * 64)

    def read(self, name: str, start: int, length: int) -> bytes:
        return self.objects[name][start : start + length]

    def get(self, name: str) -> bytes:
        return self.objects[name]

    def put(self, name: str, content: bytes) -> None:
        self.objects[name] = content


@given(
    HEADS,
    BODIES,
    st.sampled_from(["ndjson", "csv"]),
    st.sampled_from([None, "utf-8", "cp1252", "latin-1"]),
    st.sampled_from(["plain", "packed", "cut"]),
)
@example(b"codigo;nome\n", b'1;"a\rb"\r2;c\n', "csv", None, "plain")
@example(b"codigo\n", b"\xff\n", "csv", "cp1252", "packed")
def test_nothing_that_a_file_holds_breaks_the_reading(
    head: bytes, body: bytes, kind: Any, encoding: str | None, packing: str
) -> None:
    content = head + body
    if packing != "plain":
        content = gzip.compress(content)[: -7 if packing == "cut" else None]
    upload = BulkUpload(
        job_id="u",
        tenant_id="t",
        integration_id="i",
        requested_by="erp",
        requested_at=NOW,
        table="vendedor",
        format=kind,
        size=len(content),
        sha256="0" * 64,
        encoding=encoding,
    )
    bucket: Any = Bucket({upload.object_name(): content})
    turn: Turn[BulkUpload] = Turn(float("inf"), lambda one: None, lambda: NOW)
    checking = Checking(bucket, at_once)
    code = None
    try:
        upload = checking.read(checking.open(upload), turn)
    except FileRefused as refused:
        code = refused.code
    if code:
        assert code in catalogue()
        return
    assert packing != "cut"
    found = list(batches(bucket, upload, ZoneInfo("America/Sao_Paulo")))
    assert sum(len(one.numbers) for one in found) == upload.lines
    for batch in found:
        assert len(batch.records) + len(batch.odd) == len(batch.numbers)
        for record in batch.records:
            validate(TABLES["vendedor"], record)
        assert importing._request(upload, batch).startswith(b'{"upload_id":"u"')
        written = rejects.written(upload, batch, batch.odd, lambda issues: rendered(issues, "en"))
        assert written.count(b"\n") >= len(batch.odd)
