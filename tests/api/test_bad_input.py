"""What cannot be understood: a precise problem in both languages, never a 5xx, always in the log."""

import gzip
import json
import re
import tracemalloc
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.tables import NAMES
from tests.support.history import body_of, entry_of
from tests.support.world import Answer, World

JSON, NDJSON = "application/json", "application/x-ndjson"
LANGUAGES = ("pt-BR", "en")
MEBIBYTE = 1024 * 1024
ANA = b'{"codigo":"1","nome":"Ana"}'
PROBLEM = {"type", "title", "status", "code", "detail", "request_id", "errors"}

Case = tuple[int, str, str, str, bytes | Callable[[], bytes], dict[str, str]]
"""Status, code, what the text says in pt-BR and in en, the body, and headers."""


def envelope(count: int = 1, record: bytes = ANA) -> bytes:
    return b'{"records":[' + b",".join([record] * count) + b"]}"


@cache
def bomb() -> bytes:
    """Pack 300 MB of zeros into 300 KB."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(MEBIBYTE)) for _ in range(300)) + packer.flush()


def members() -> bytes:
    """Make a bomb of another kind: 50 MB in 160,000 gzip members."""
    member = gzip.compress(b" " * 300)
    return member * (4 * MEBIBYTE // len(member))


def damaged() -> bytes:
    """Break the checksum."""
    whole = gzip.compress(envelope(50))
    return whole[:-8] + bytes(4) + whole[-4:]


TYPE, PACKED = {"Content-Type": NDJSON}, {"Content-Encoding": "gzip"}
UNREADABLE: dict[str, Case] = {
    "empty": (400, "body_empty", "está vazio", "is empty", b"", {}),
    "blank": (400, "body_empty", '{"records": […]}', '{"records": […]}', b" \r\n\t ", {}),
    "malformed": (400, "malformed_json", "linha 1, coluna 41", "line 1, column 41",
                  envelope()[:-2] + b",", {}),
    "malformed further down": (400, "malformed_json", "linha 3", "line 3", b'{"records":\n[\n{]}', {}),
    "single quotes": (400, "malformed_json", "coluna 2", "column 2", b"{'records':[]}", {}),
    "two documents": (400, "malformed_json", "linha 2", "line 2", ANA + b"\n" + ANA, {}),
    "no records": (400, "envelope_invalid", "lista de registros", "list of records", b'{"record":[]}', {}),
    "null": (400, "envelope_invalid", "lista", "list", b"null", {}),
    "records are null": (400, "envelope_invalid", "lista", "list", b'{"records":null}', {}),
    "records are an object": (400, "envelope_invalid", "lista", "list", b'{"records":{"0":{}}}', {}),
    "a bare list": (400, "envelope_invalid", '"records"', '"records"', b"[" + ANA + b"]", {}),
    "a number": (400, "envelope_invalid", '"records"', '"records"', b"1e400", {}),
    "a text": (400, "envelope_invalid", '"records"', '"records"', b'"records"', {}),
    "two lists": (400, "envelope_repeated", "mais de uma vez", "more than once",
                  b'{"records":[],"records":[' + ANA + b"]}", {}),
    "a broken line": (400, "malformed_ndjson", "linha 5 ", "Line 5 ",
                      ANA + b"\r\n\r\n" + ANA + b"\n \n" + ANA[:-1] + b"\n", TYPE),
    "an object over two lines": (400, "malformed_ndjson", "linha 1 ", "Line 1 ", b'{"codigo":\n"1"}', TYPE),
    "Latin-1": (400, "not_utf8", "posição 35", "position 35", envelope(1, '{"codigo":"1","nome":"São"}'
                .encode("latin-1")), {}),
    "UTF-16": (400, "not_utf8", "posição 0", "position 0", envelope().decode().encode("utf-16"), {}),
    "surrogates as bytes": (400, "not_utf8", "posição 13", "position 13",
                            b'{"records":["\xed\xa0\x80"]}', {}),
    "100,000 brackets": (400, "json_too_deep", "aninhamento", "nested", envelope(1, b"[" * 100_000
                         + b"]" * 100_000), {}),
    "100,000 open objects": (400, "json_too_deep", "aninhamento", "nested", b'{"a":' * 100_000, {}),
    "a line of brackets": (400, "json_too_deep", "aninhamento", "nested", b"[" * 100_000, TYPE),
    "1,001 records": (413, "too_many_records", "1001 registros", "1001 records", envelope(1_001), {}),
    "1,001 lines": (413, "too_many_records", "limite é 1000", "limit is 1000", (ANA + b"\n") * 1_001, TYPE),
    "a byte over 4 MB": (413, "body_too_large", "4194305 bytes", "4194305 bytes",
                         envelope().ljust(4 * MEBIBYTE + 1), {}),
    "6 MB": (413, "body_too_large", "comprima com gzip", "compress it with gzip",
             envelope(230_000, ANA), {}),
    "over 10 MB unpacked": (413, "decompressed_too_large", "10485760 bytes", "10485760 bytes",
                            lambda: gzip.compress(envelope().ljust(10 * MEBIBYTE + 1)), PACKED),
    "a gzip bomb": (413, "decompressed_too_large", "menos registros", "fewer records", bomb, PACKED),
    "a bomb of many parts": (413, "decompressed_too_large", "menos registros", "fewer records", members,
                             PACKED),
    "cut gzip": (400, "malformed_gzip", "incompleto", "incomplete", gzip.compress(envelope())[:-12], PACKED),
    "only the magic": (400, "malformed_gzip", "corrompido", "damaged", b"\x1f\x8b", PACKED),
    "damaged gzip": (400, "malformed_gzip", "corrompido", "damaged", damaged, PACKED),
    "gzip and more": (400, "malformed_gzip", "corrompido", "damaged", gzip.compress(envelope()) + b"x",
                      PACKED),
    "gzip announced, not sent": (400, "not_gzip", "anuncia gzip", "announces gzip", zlib.compress(envelope()),
                                 PACKED),
    "another encoding": (415, "unsupported_encoding", '"br"', '"br"', envelope(), {"Content-Encoding": "br"}),
    "a form": (415, "unsupported_media_type", "application/x-ndjson", "application/x-ndjson", envelope(),
               {"Content-Type": "application/x-www-form-urlencoded"}),
    "plain text": (415, "unsupported_media_type", '"text/plain"', '"text/plain"', envelope(),
                   {"Content-Type": "Text/Plain; charset=utf-8"}),
    "odd content type": (415, "unsupported_media_type", '"@@"', '"@@"', envelope(), {"Content-Type": "@@"}),
}  # fmt: skip


def ask(world: World, path: str, language: str, *, method: str = "POST", **options: Any) -> Answer:
    """Send a request that must be refused; check what every refusal has in common, and its log entry."""
    headers = {"Accept-Language": language, **options.pop("headers", {})}
    options.setdefault("token", world.erp_key)
    answer = world.call(method, path, options.pop("body", envelope()), headers=headers, **options)
    assert 400 <= answer.status < 500, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Content-Language"] == language
    assert set(answer.body) == PROBLEM
    assert answer.body["status"] == answer.status
    assert answer.body["type"].endswith(f":{answer.body['code']}")
    assert answer.body["request_id"] == answer.headers["X-Request-Id"]
    entry = entry_of(world.integration_id, answer.body["request_id"])
    assert entry is not None, "it is in the request log"
    assert (entry.method, entry.status, entry.code) == (method, answer.status, answer.body["code"])
    assert entry.duration_ms is not None
    assert json.loads(body_of(entry, "response") or b"") == answer.body
    return answer


def told(answers: list[Answer]) -> list[str]:
    """Read the details; they must differ, or one of them is not in its language."""
    details = [answer.body["detail"] for answer in answers]
    assert len(set(details)) == len(details)
    assert not any(re.search(r"\{\w*\}", detail) for detail in details), "a parameter is missing"
    return details


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_body_that_cannot_be_read_is_refused_whole(own_world: World, name: str) -> None:
    status, code, portuguese, english, made, headers = UNREADABLE[name]
    body = made() if callable(made) else made

    answers = [ask(own_world, "/v1/erp/vendedor", one, body=body, headers=headers) for one in LANGUAGES]

    assert {(answer.status, answer.body["code"]) for answer in answers} == {(status, code)}
    details = told(answers)
    assert portuguese in details[0]
    assert english in details[1]
    entry = entry_of(own_world.integration_id, answers[0].body["request_id"])
    assert entry is not None
    assert (entry.integration_id, entry.table) == (own_world.integration_id, "vendedor")
    assert entry.request_bytes == len(body)
    assert body_of(entry, "request") == body
    assert list(wiring.records().all_of(own_world.integration_id, "vendedor")) == []


def test_a_gzip_bomb_takes_no_more_memory_than_the_limits_allow(own_world: World) -> None:
    body = bomb()
    assert len(body) < 320 * 1024
    tracemalloc.start()
    try:
        ask(own_world, "/v1/erp/vendedor", "en", body=body, headers=PACKED)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40 * MEBIBYTE


TABLES = [
    "cliente",
    "Vendedor",
    "vendedores",
    "%",
    "%zz",
    "%00",
    "%ff",
    "vendedor%2F",
    "nota%20",
    "..",
    "é" * 300,
]


@pytest.mark.parametrize("table", TABLES)
def test_an_unknown_table_is_not_found_and_the_12_are_listed(own_world: World, table: str) -> None:
    answers = [ask(own_world, f"/v1/erp/{table}", language) for language in LANGUAGES]
    assert {(answer.status, answer.body["code"]) for answer in answers} == {(404, "table_unknown")}
    assert all(", ".join(NAMES) in detail and table[:100] in detail for detail in told(answers))
    entry = entry_of(own_world.integration_id, answers[0].body["request_id"])
    assert entry is not None
    assert (entry.integration_id, entry.table) == (own_world.integration_id, "-")


KEYS = {"%ff": (400, "key_encoding_invalid"), "%ED%A0%80": (400, "key_encoding_invalid"),
        "%": (404, "record_not_found"), "%zz": (404, "record_not_found"), "%00": (404, "record_not_found"),
        "%2e%2e": (404, "record_not_found"), "a%7Cb": (404, "record_not_found")}  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_a_garbled_key_in_the_path_is_refused_or_not_found(own_world: World, key: str) -> None:
    asked = [ask(own_world, f"/v1/erp/nota/{key}", language, method="GET") for language in LANGUAGES]
    assert {(answer.status, answer.body["code"]) for answer in asked} == {KEYS[key]}
    told(asked)


@pytest.mark.parametrize(
    ("path", "methods", "allowed"),
    [
        ("/v1/erp/nota", ("GET", "HEAD", "PUT", "PATCH", "DELETE"), "POST"),
        ("/v1/erp/nota/1%7C1", ("POST", "HEAD", "PUT", "PATCH", "DELETE"), "GET"),
    ],
)
def test_another_method_is_told_which_one_is_meant(
    own_world: World, path: str, methods: tuple[str, ...], allowed: str
) -> None:
    for method in methods:
        asked = [ask(own_world, path, language, method=method) for language in LANGUAGES]
        assert {(answer.status, answer.headers["Allow"]) for answer in asked} == {(405, allowed)}
        assert all(method in detail and allowed in detail for detail in told(asked))
