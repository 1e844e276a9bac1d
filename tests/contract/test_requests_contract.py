import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.request_log import RequestEntry, new_id
from chalicelib.domain.values import instant_text
from chalicelib.storage import keys
from chalicelib.storage.bodies import Bodies
from chalicelib.storage.requests import INLINE_BYTES, SMALL_BYTES, Logged, RequestLog
from tests.support.history import day_of

AT, DAY = "2026-07-01T23:59:59.999999Z", "2026-07-01"
INCOMPRESSIBLE = random.Random(1).randbytes(INLINE_BYTES + 1)


@pytest.fixture
def log(engine: Any, bucket: str) -> RequestLog:
    return RequestLog(engine.tables["REQUESTS_TABLE"], Bodies(bucket), retention_days=15)


def begun(here: str, **fields: Any) -> RequestEntry:
    entry = RequestEntry(
        request_id="",
        integration_id=here,
        table="nota",
        at=AT,
        method="POST",
        path="/v1/erp/nota",
        headers={"Accept-Language": "pt-BR, ç"},
        request_bytes=3,
    )
    entry = replace(entry, **fields)
    return replace(entry, request_id=new_id(entry.table, datetime.fromisoformat(entry.at)))


def answered(entry: RequestEntry) -> RequestEntry:
    return replace(entry, status=200, duration_ms=12, response_bytes=2, counts={"received": 1, "created": 1})


def found(log: RequestLog, entry: RequestEntry) -> Logged:
    logged = log.find(entry.integration_id, entry.request_id)
    assert logged is not None
    return logged


def listed(log: RequestLog, here: str, table: str = "nota", day: str = DAY) -> list[RequestEntry]:
    return [one.entry for one in day_of(log, here, table, day)]


def test_a_request_that_was_never_answered_is_there_with_its_body(log: RequestLog, here: str) -> None:
    entry = begun(here)
    log.begin(entry, b"\x00\xff{")
    assert listed(log, here) == [entry]
    assert found(log, entry).entry == entry
    assert next(log.bodies([found(log, entry)])) == [b"\x00\xff{", b""]


def test_an_answer_completes_the_entry_in_its_place(log: RequestLog, here: str) -> None:
    entry = begun(here)
    kept = log.begin(entry, b"{}")
    for _ in range(2):
        log.complete(answered(entry), kept, b"[1]")
        assert listed(log, here) == [answered(entry)]
    assert found(log, entry).entry == answered(entry)
    assert next(log.bodies([found(log, entry)])) == [b"{}", b"[1]"]


SIZES = {"empty": 0, "small": SMALL_BYTES - 100, "beside": INLINE_BYTES - 1_000, "in S3": INLINE_BYTES + 1}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_body_of_any_size_comes_back_whole(log: RequestLog, here: str, size: int) -> None:
    entry = begun(here)
    kept = log.begin(entry, INCOMPRESSIBLE[:size])
    log.complete(answered(entry), kept, INCOMPRESSIBLE[:size])
    assert next(log.bodies([found(log, entry)])) == [INCOMPRESSIBLE[:size]] * 2
    assert log.body(found(log, entry), "response") == INCOMPRESSIBLE[:size]


def test_bodies_of_many_requests_come_in_their_order_wherever_they_lie(log: RequestLog, here: str) -> None:
    sent = [INCOMPRESSIBLE[: SIZES[kind]] + str(at).encode() for at, kind in enumerate([*SIZES, *SIZES])]
    many = []
    for body in sent:
        entry = begun(here)
        log.complete(answered(entry), log.begin(entry, body), body[::-1])
        many.append(found(log, entry))
    assert list(log.bodies(many)) == [[body, body[::-1]] for body in sent]
    assert list(log.bodies(many[::-1], ["request"])) == [[body] for body in sent[::-1]]
    assert list(log.bodies([])) == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"x" * 40_000, "B"), (INCOMPRESSIBLE[:3_000], "S"), (b"x" * 4_000_000, "S"), (INCOMPRESSIBLE, "S")],
)
def test_only_what_stays_large_when_compressed_leaves_the_entry(
    engine: Any, log: RequestLog, here: str, body: bytes, kind: str
) -> None:
    entry = begun(here)
    log.begin(entry, body)
    item = engine.item("REQUESTS_TABLE", keys.request_day(here, "nota", DAY), entry.request_id)
    assert item["request"].keys() == {kind}
    in_s3 = item["request"].get("S", "").startswith("requests/")
    assert in_s3 == (body is INCOMPRESSIBLE)


def test_entries_of_a_day_and_a_table_come_in_their_order(log: RequestLog, here: str) -> None:
    moments = ["2026-07-01T10:00:00.000000Z", "2026-07-01T00:00:00.000000Z", "2026-07-01T00:00:00.001000Z"]
    made = [begun(here, at=at) for at in moments]
    for entry in (
        *made,
        begun(here, at="2026-07-02T00:00:00.000000Z"),
        begun(here, table="pedido"),
        begun(here, table="-"),
    ):
        log.begin(entry, b"")
    assert [entry.at for entry in listed(log, here)] == sorted(moments)
    assert listed(log, f"{here}x") == []
    assert len(listed(log, here, "-")) == 1


def test_a_page_holds_what_came_within_the_moments_asked_for_and_tells_where_to_go_on(
    log: RequestLog, here: str
) -> None:
    base = datetime(2026, 7, 1, 12, tzinfo=UTC)
    made = [begun(here, at=instant_text(base + timedelta(microseconds=700 * number))) for number in range(20)]
    for entry in made:
        log.begin(entry, b"")
    since, until = base + timedelta(microseconds=700 * 3), base + timedelta(microseconds=700 * 15)
    for newest_first in (False, True):
        seen: list[str] = []
        after = None
        while True:
            page = log.page(here, "nota", since, until, after=after, newest_first=newest_first, limit=4)
            seen += [one.entry.at for one in page.items]
            assert len(page.items) <= 4
            after = page.more
            if after is None:
                break
        assert sorted(seen) == [entry.at for entry in made[3:15]]
        assert sorted(seen, key=lambda at: at[:23], reverse=newest_first) == seen
    assert log.count(here, "nota", base, base + timedelta(hours=12)) == 20
    assert log.count(here, "pedido", base, base + timedelta(hours=12)) == 0


def test_more_than_one_query_can_count_is_counted_whole(log: RequestLog, here: str) -> None:
    noise = random.Random(1)
    for number in range(9):
        at = instant_text(datetime(2026, 7, 1, number, tzinfo=UTC))
        headers = {"X": noise.randbytes(90_000).hex()}
        log.begin(begun(here, at=at, headers=headers), b"")
    whole = datetime(2026, 7, 1, tzinfo=UTC)
    assert log.count(here, "nota", whole, whole + timedelta(days=1)) == 9


def test_everything_expires_after_the_retention(engine: Any, log: RequestLog, here: str) -> None:
    entry = begun(here)
    log.complete(answered(entry), log.begin(entry, INCOMPRESSIBLE[:3_000]), INCOMPRESSIBLE[:3_000])
    places = [
        (keys.request_day(here, "nota", DAY), entry.request_id),
        (keys.request_bodies(entry.request_id), "request"),
        (keys.request_bodies(entry.request_id), "response"),
    ]
    expected = int((datetime.fromisoformat(AT) + timedelta(days=15)).timestamp())
    for place in places:
        assert engine.item("REQUESTS_TABLE", *place)["expires_at"] == {"N": str(expected)}


def test_an_unknown_or_foreign_request_is_not_found(log: RequestLog, here: str) -> None:
    entry = begun(here)
    log.begin(entry, b"")
    for integration, request_id in (
        (f"{here}x", entry.request_id),
        (here, begun(here).request_id),
        (here, "nothing"),
        (here, "f" * 32),
        (here, ""),
    ):
        assert log.find(integration, request_id) is None
