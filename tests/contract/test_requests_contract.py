import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.request_log import RequestEntry
from chalicelib.storage import keys
from chalicelib.storage.bodies import Bodies
from chalicelib.storage.requests import INLINE_BYTES, RequestLog

AT, DAY = "2026-07-01T23:59:59.999999Z", "2026-07-01"
INCOMPRESSIBLE = random.Random(1).randbytes(INLINE_BYTES + 1)


@pytest.fixture
def log(engine: Any, bucket: str) -> RequestLog:
    return RequestLog(engine.tables["REQUESTS_TABLE"], Bodies(bucket), retention_days=15)


def begun(here: str, number: int = 1, **fields: Any) -> RequestEntry:
    return RequestEntry(
        request_id=f"{here}-{number}",
        integration_id=here,
        table="nota",
        at=AT,
        method="POST",
        path="/v1/erp/nota",
        headers={"Accept-Language": "pt-BR, ç"},
        request_bytes=3,
        **fields,
    )


def answered(entry: RequestEntry) -> RequestEntry:
    return replace(entry, status=200, duration_ms=12, response_bytes=2, counts={"received": 1, "created": 1})


def test_a_request_that_was_never_answered_is_there_with_its_body(log: RequestLog, here: str) -> None:
    log.begin(begun(here), b"\x00\xff{")
    assert list(log.day(here, "nota", DAY)) == [begun(here)]
    assert log.find(f"{here}-1") == begun(here)
    assert log.body(f"{here}-1", "request") == b"\x00\xff{"
    assert log.body(f"{here}-1", "response") is None


def test_an_answer_completes_the_entry_in_its_place(log: RequestLog, here: str) -> None:
    log.begin(begun(here), b"{}")
    for _ in range(2):
        log.complete(answered(begun(here)), b"[1]")
        assert list(log.day(here, "nota", DAY)) == [answered(begun(here))]
    assert log.find(f"{here}-1") == answered(begun(here))
    assert (log.body(f"{here}-1", "request"), log.body(f"{here}-1", "response")) == (b"{}", b"[1]")


@pytest.mark.parametrize(
    "size", [0, INLINE_BYTES - 1_000, INLINE_BYTES + 1], ids=["empty", "inline", "in S3"]
)
def test_a_body_of_any_size_comes_back_whole(log: RequestLog, here: str, size: int) -> None:
    log.begin(begun(here), INCOMPRESSIBLE[:size])
    log.complete(answered(begun(here)), INCOMPRESSIBLE[:size])
    assert log.body(f"{here}-1", "request") == INCOMPRESSIBLE[:size]
    assert log.body(f"{here}-1", "response") == INCOMPRESSIBLE[:size]


@pytest.mark.parametrize(("body", "outside"), [(b"x" * 4_000_000, False), (INCOMPRESSIBLE, True)])
def test_only_what_stays_large_when_compressed_leaves_the_database(
    engine: Any, log: RequestLog, here: str, body: bytes, outside: bool
) -> None:
    log.begin(begun(here), body)
    item = engine.item("REQUESTS_TABLE", keys.request_bodies(f"{here}-1"), "request")
    assert ("s3" in item, "body" in item) == (outside, not outside)


def test_entries_of_a_day_and_a_table_come_in_their_order(log: RequestLog, here: str) -> None:
    moments = {
        3: "2026-07-01T10:00:00.000000Z",
        1: "2026-07-01T00:00:00.000000Z",
        2: "2026-07-01T00:00:00.000001Z",
    }
    for number, at in moments.items():
        log.begin(replace(begun(here, number), at=at), b"")
    log.begin(replace(begun(here, 4), at="2026-07-02T00:00:00.000000Z"), b"")
    log.begin(replace(begun(here, 5), table="pedido"), b"")
    assert [entry.request_id for entry in log.day(here, "nota", DAY)] == [f"{here}-{n}" for n in (1, 2, 3)]
    assert list(log.day(f"{here}x", "nota", DAY)) == []


def test_everything_expires_after_the_retention(engine: Any, log: RequestLog, here: str) -> None:
    log.begin(begun(here), b"{}")
    log.complete(answered(begun(here)), b"{}")
    places = [
        (keys.request_day(here, "nota", DAY), f"{AT}#{here}-1"),
        (keys.request_bodies(f"{here}-1"), "request"),
        (keys.request_bodies(f"{here}-1"), "response"),
    ]
    expected = int((datetime.fromisoformat(AT) + timedelta(days=15)).timestamp())
    for place in places:
        assert engine.item("REQUESTS_TABLE", *place)["expires_at"] == {"N": str(expected)}


def test_an_unknown_request_is_not_found(log: RequestLog, here: str) -> None:
    assert log.find(f"{here}-9") is None
    assert log.body(f"{here}-9", "request") is None
