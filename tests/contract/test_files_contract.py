"""Files in the bucket, on the local AWS's S3."""

import random
from base64 import b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3

from chalicelib.domain.exports import UploadGone
from chalicelib.domain.uploads import StoredFile
from chalicelib.storage.files import Files

PART = random.Random(1).randbytes(5 * 1024 * 1024)


@pytest.fixture
def files(engine: Any, bucket: str) -> Files:
    return Files(bucket)


def test_a_file_is_put_read_measured_and_deleted(files: Files, here: str) -> None:
    name = f"work/{here}/a"
    assert files.size(name) is None
    files.put(name, b"12345")
    assert (files.size(name), files.get(name)) == (5, b"12345")
    files.delete([name, f"work/{here}/absent"])
    assert files.size(name) is None
    files.delete([])


def test_a_file_comes_together_from_parts_in_any_attempt(files: Files, here: str) -> None:
    name = f"exports/{here}/book.xlsx"
    upload = files.begin_upload(name, "application/test")
    files.upload_part(name, upload, 1, b"x" * len(PART))
    etags = [files.upload_part(name, upload, 1, PART), files.upload_part(name, upload, 2, b"end")]
    assert files.size(name) is None
    files.complete_upload(name, upload, etags)
    assert files.get(name) == PART + b"end"


def test_an_upload_that_never_was_takes_no_parts(files: Files, here: str) -> None:
    with pytest.raises(UploadGone):
        files.upload_part(f"exports/{here}/b", "never", 1, b"x")


def test_a_link_is_signed_short_and_saves_under_its_name(files: Files, here: str) -> None:
    files.put(f"exports/{here}/b", b"content")
    link = files.link(f"exports/{here}/b", "historico-2026-07-01-a-2026-07-08.xlsx")
    asked = parse_qs(urlsplit(link).query)
    assert asked["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert asked["X-Amz-Expires"] == ["300"]
    answer = urllib3.request("GET", link)
    assert (answer.status, answer.data) == (200, b"content")
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="historico-2026-07-01-a-2026-07-08.xlsx"'
    )


def test_a_download_is_stored_and_linked(files: Files, here: str) -> None:
    link = files.offer(f"{here}/log.txt", "log.txt", "açaí".encode())
    answer = urllib3.request("GET", link)
    assert (answer.data.decode(), answer.headers["Content-Type"]) == ("açaí", "text/plain; charset=utf-8")


def sent(link: tuple[str, dict[str, str]], content: bytes, **headers: str) -> int:
    url, signed = link
    return urllib3.request("PUT", url, body=content, headers={**signed, **headers}).status


def test_an_upload_link_takes_the_very_bytes_that_were_announced(files: Files, here: str) -> None:
    name, content = f"uploads/{here}/file", b"codigo;nome\n1;Ana\n"
    digest = sha256(content).hexdigest()
    assert files.found(name) is None
    link = files.upload_link(name, len(content), digest, 3_600)
    asked = parse_qs(urlsplit(link[0]).query)
    assert asked["X-Amz-Expires"] == ["3600"]
    assert asked["X-Amz-SignedHeaders"] == ["content-length;host;x-amz-checksum-sha256"]
    assert sent(link, content + b"x") == 403
    assert sent(link, content.replace(b"Ana", b"Eva")) == 400
    other = b64encode(sha256(b"other").digest()).decode()
    assert sent(link, content, **{"x-amz-checksum-sha256": other}) == 403
    assert sent((link[0], {}), content) == 403
    assert files.found(name) is None
    assert sent(link, content) == 200
    assert files.found(name) == StoredFile(len(content), digest)


def test_what_was_stored_without_a_checksum_tells_none(files: Files, here: str) -> None:
    name = f"uploads/{here}/parts"
    upload = files.begin_upload(name, "text/csv")
    files.complete_upload(name, upload, [files.upload_part(name, upload, 1, PART)])
    found = files.found(name)
    assert found is not None
    assert (found.size, found.sha256) == (len(PART), None)


def test_a_file_is_read_in_ranges(files: Files, here: str) -> None:
    name = f"uploads/{here}/ranges"
    files.put(name, b"0123456789")
    assert [files.read(name, start, 4) for start in (0, 4, 8)] == [b"0123", b"4567", b"89"]
