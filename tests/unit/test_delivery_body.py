"""The body of a delivery: read exactly and within bounds, or refused with the place and the reason."""

import gzip
import json
import tracemalloc
import zlib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.api.delivery import MAX_BYTES, MAX_RECORDS, MAX_SENT_BYTES, records_of
from chalicelib.domain.errors import Invalid, ProductError, TooLarge, UnsupportedMedia
from chalicelib.domain.values import NotANumber, repeated

JSON, NDJSON = "application/json", "application/x-ndjson"


def refused(body: bytes, kind: str | None = None, encoding: str | None = None) -> tuple[type, str, Any]:
    with pytest.raises(ProductError) as caught:
        records_of(body, kind, encoding)
    return type(caught.value), caught.value.code, caught.value.params


def first(value: str) -> Any:
    """Read one value as the first record of a delivery."""
    return records_of(f'{{"records":[{value}]}}'.encode(), JSON, None)[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-0", 0),
        ("1.50", Decimal("1.50")),
        ("1e2", Decimal("1E+2")),
        ("0.1", Decimal("0.1")),
        ("1e400", Decimal("1E+400")),
        ("9" * 99, int("9" * 99)),
        ("9" * 100, Decimal("9" * 100)),
        ("-" + "9" * 5_000, Decimal("-" + "9" * 5_000)),
        ("0." + "1" * 5_000, Decimal("0." + "1" * 5_000)),
        ('"\\ud800"', "\ud800"),
    ],
)
def test_values_are_read_exactly(text: str, value: object) -> None:
    read = first(text)
    assert (read, type(read)) == (value, type(value))
    assert not isinstance(read, float)


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-Infinity", "1e99999999999999999999", "1E-99999999999999999999"]
)
def test_what_is_no_number_is_the_record_s_own_error(text: str) -> None:
    read = first(text)
    assert isinstance(read, NotANumber)
    assert read.literal == text


def test_names_that_come_twice_are_remembered() -> None:
    record = first('{"a":1,"b":2,"a":3,"c":{"d":1,"d":1}}')
    assert record == {"a": 3, "b": 2, "c": {"d": 1}}
    assert (set(repeated(record)), set(repeated(record["c"]))) == ({"a"}, {"d"})
    assert repeated(first('{"a":1,"A":2}')) == frozenset()


@pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n"])
@pytest.mark.parametrize("joint", ["\n", "\r\n", "\n\n", "\r\n \t\r\n"])
def test_lines_may_end_as_they_like(joint: str, end: str) -> None:
    body = joint.join(['{"a":1}', "[2]", '"three\\n"', "null"]) + end
    assert records_of(body.encode(), NDJSON, None) == [{"a": 1}, [2], "three\n", None]


def test_a_line_is_a_line_of_the_file_not_of_its_text() -> None:
    body = '{"a":"x\u2028y"}\n{"a":"\u0085"}\n{'
    assert refused(body.encode(), NDJSON) == (
        Invalid,
        "malformed_ndjson",
        {"line": "3", "column": "2", "reason": "Expecting property name enclosed in double quotes"},
    )


@pytest.mark.parametrize("size", [MAX_SENT_BYTES, MAX_SENT_BYTES + 1])
def test_the_limit_of_what_is_sent(size: int) -> None:
    body = b'{"records":[]}'.ljust(size)
    if size == MAX_SENT_BYTES:
        assert records_of(body, JSON, None) == []
    else:
        params = {"bytes": str(size), "limit": str(MAX_SENT_BYTES)}
        assert refused(body) == (TooLarge, "body_too_large", params)


@pytest.mark.parametrize("size", [MAX_BYTES, MAX_BYTES + 1])
def test_the_limit_of_what_is_unpacked(size: int) -> None:
    body = gzip.compress(b'{"records":[]}'.ljust(size))
    if size == MAX_BYTES:
        assert records_of(body, JSON, "gzip") == []
    else:
        assert refused(body) == (TooLarge, "decompressed_too_large", {"limit": str(MAX_BYTES)})


@pytest.mark.parametrize("kind", [JSON, NDJSON])
def test_the_limit_of_records(kind: str) -> None:
    for count in (MAX_RECORDS, MAX_RECORDS + 1, MAX_RECORDS * 3):
        lines = ["7"] * count
        body = "\n".join(lines) if kind == NDJSON else f'{{"records":[{",".join(lines)}]}}'
        if count == MAX_RECORDS:
            assert records_of(body.encode(), kind, None) == [7] * MAX_RECORDS
        else:
            params = {"count": str(count), "limit": str(MAX_RECORDS)}
            assert refused(body.encode(), kind) == (TooLarge, "too_many_records", params)


def test_a_bomb_is_given_up_before_it_fills_the_memory() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(100)) + packer.flush()
    tracemalloc.start()
    try:
        assert refused(bomb)[1] == "decompressed_too_large"
        assert tracemalloc.get_traced_memory()[1] < 3 * MAX_BYTES
    finally:
        tracemalloc.stop()


def test_members_of_gzip_are_one_body() -> None:
    whole = b'{"records":[' + b",".join(b"%d" % number for number in range(1_000)) + b"]}"
    parts = b"".join(gzip.compress(whole[at : at + 7]) for at in range(0, len(whole), 7))
    assert records_of(parts + gzip.compress(b""), JSON, "gzip") == list(range(1_000))


WHOLE = gzip.compress(b'{"records":[' + b",".join(b'{"a":%d}' % number for number in range(200)) + b"]}")


@given(st.integers(2, len(WHOLE) - 1))
def test_cut_gzip_is_refused_wherever_it_was_cut(end: int) -> None:
    assert refused(WHOLE[:end], JSON, "gzip")[:2] == (Invalid, "malformed_gzip")


@given(st.integers(2, len(WHOLE) - 1), st.integers(1, 255))
def test_a_changed_byte_never_changes_what_is_read(at: int, change: int) -> None:
    damaged = WHOLE[:at] + bytes([WHOLE[at] ^ change]) + WHOLE[at + 1 :]
    try:
        read = records_of(damaged, JSON, "gzip")
    except ProductError as error:
        assert error.code in ("malformed_gzip", "decompressed_too_large")  # noqa: PT017
    else:
        assert read == records_of(WHOLE, JSON, None), "the byte was in the header, which carries no data"


@pytest.mark.parametrize(
    ("kind", "encoding", "code"),
    [
        (None, None, None),
        ("", "", None),
        (" Application/JSON ; charset=utf-8", " GZip ", None),
        ("application/json", "identity", None),
        ("application/jsonp", None, "unsupported_media_type"),
        ("text/json", None, "unsupported_media_type"),
        ("application/json, text/plain", None, "unsupported_media_type"),
        (JSON, "deflate", "unsupported_encoding"),
        (JSON, "gzip, gzip", "unsupported_encoding"),
        (JSON, "br", "unsupported_encoding"),
    ],
)
def test_types_and_encodings(kind: str | None, encoding: str | None, code: str | None) -> None:
    body = b'{"records":[1]}'
    if code:
        assert refused(body, kind, encoding)[:2] == (UnsupportedMedia, code)
    else:
        assert records_of(body, kind, encoding) == [1]


@given(
    st.binary() | st.text().map(str.encode) | st.binary().map(gzip.compress),
    st.sampled_from([None, JSON, NDJSON, "text/plain"]) | st.text(),
    st.sampled_from([None, "gzip", "br"]) | st.text(),
)
@example(b"\xef\xbb\xbf", JSON, None)
@example(gzip.compress(b"\xff"), NDJSON, "gzip")
@example(b'{"records":' + b"[" * 5_000, JSON, None)
def test_anything_is_read_or_refused(body: bytes, kind: str | None, encoding: str | None) -> None:
    try:
        assert isinstance(records_of(body, kind, encoding), list)
    except ProductError as error:
        assert 400 <= error.status < 500  # noqa: PT017


@given(st.lists(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5)))
def test_what_was_written_is_read(records: list[Any]) -> None:
    for ascii_only in (True, False):
        written = json.dumps({"records": records}, ensure_ascii=ascii_only).encode()
        lines = "\n".join(json.dumps(one, ensure_ascii=ascii_only) for one in records).encode()
        assert records_of(written, JSON, None) == records
        assert records_of(gzip.compress(written), JSON, "gzip") == records
        assert not records or records_of(lines, NDJSON, None) == records
