"""Which periods may be asked for: up to 7 days, of the last 7, whatever clock the customer lives by."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Invalid
from chalicelib.domain.history import LONGEST, Period, earliest, parse_period, parse_tables, recent
from chalicelib.domain.request_log import first_id, new_id, place_of
from chalicelib.domain.tables import NAMES

ZONES = [ZoneInfo(name) for name in ("America/Sao_Paulo", "America/New_York", "Pacific/Kiritimati", "UTC")]
START = datetime(2026, 1, 2, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=1_500)).map(lambda after: START + after)


@given(moments, st.sampled_from(ZONES))
def test_eight_days_ago_is_too_old_and_seven_are_not(now: datetime, zone: ZoneInfo) -> None:
    first = earliest(now, zone, 15)
    assert now - timedelta(days=8) < first <= now - timedelta(days=7)
    assert recent(now, zone, 15) == Period(now - LONGEST, now)


@given(moments, st.sampled_from(ZONES))
def test_nobody_is_asked_for_what_is_no_longer_kept(now: datetime, zone: ZoneInfo) -> None:
    assert earliest(now, zone, 3) == now - timedelta(days=3)
    assert recent(now, zone, 3).since == now - timedelta(days=3)


@given(moments, st.timedeltas(timedelta(microseconds=1), timedelta(days=7)))
def test_days_cover_a_period_without_gap_or_overlap(since: datetime, length: timedelta) -> None:
    period = Period(since, since + length)
    days = list(period.days())
    assert (days[0].since, days[-1].until) == (since, period.end)
    assert all(one.until == following.since for one, following in pairwise(days))
    last = timedelta(microseconds=1)
    assert all(one.since.date() == (one.until - last).date() for one in days)
    assert len(days) <= 8 or period.end - since > timedelta(days=7)


@given(moments, st.integers(0, 1))
def test_seven_days_are_a_period_and_a_second_more_is_none(now: datetime, extra: int) -> None:
    since = now - timedelta(days=7)
    texts = [f"{one:%Y-%m-%dT%H:%M:%S.%fZ}" for one in (since, now + timedelta(seconds=extra))]
    if extra:
        with pytest.raises(Invalid) as refused:
            parse_period(*texts, now=now, zone=ZONES[0], retention_days=15)
        assert refused.value.code == "period_too_long"
    else:
        assert parse_period(*texts, now=now, zone=ZONES[0], retention_days=15) == Period(since, now)


def test_tables_keep_their_order_and_are_named_once() -> None:
    assert parse_tables(["nota", "empresa", "nota"]) == ("empresa", "nota")
    assert parse_tables([]) == parse_tables(None) == (*NAMES, "-")


@given(st.lists(st.tuples(moments, st.sampled_from([*NAMES, "-"])), min_size=1, max_size=20))
def test_ids_sort_by_time_and_tell_where_their_request_lies(made: list[tuple[datetime, str]]) -> None:
    ids = {new_id(table, at): (at, table) for at, table in made}
    assert len(ids) == len(made)
    for one, (at, table) in ids.items():
        place = place_of(one)
        assert place is not None
        assert (place.table, place.day) == (table, f"{at:%Y-%m-%d}")
        assert first_id(at) <= one < first_id(at + timedelta(milliseconds=1))
        assert (one[12], one[16] in "89ab", len(one)) == ("7", True, 32)


@pytest.mark.parametrize(
    "wanted", ["", "x", "f" * 32, "0" * 32, "0" * 12 + "7c00" + "8" + "0" * 15, "0" * 33]
)
def test_what_is_no_id_leads_nowhere(wanted: str) -> None:
    assert place_of(wanted) is None
