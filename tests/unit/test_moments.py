"""Dates and instants: which are taken, and that they are kept in one form that sorts as time does."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from chalicelib.domain import values


def refused(parse: Any, value: object) -> str:
    """Name the reason for which a value is refused."""
    with pytest.raises(PydanticCustomError) as caught:
        parse(value)
    return caught.value.type


@pytest.mark.parametrize("value", ["1900-01-01", "2024-02-29", "2026-12-31", "2200-12-31"])
def test_dates_are_taken(value: str) -> None:
    assert values.calendar_date(value) == value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("2026-02-30", "no_such_date"),
        ("2025-02-29", "no_such_date"),
        ("1900-02-29", "no_such_date"),
        ("2026-00-10", "no_such_date"),
        ("0000-00-00", "no_such_date"),
        ("1899-12-31", "no_such_date"),
        ("2201-01-01", "no_such_date"),
        ("2026-1-02", "not_date"),
        ("20260102", "not_date"),
        ("2026-W01-1", "not_date"),
        ("02/01/2026", "not_date"),
        ("2026-01-02T00:00:00Z", "not_date"),
        ("2026-01-02\n", "not_date"),
        ("٢٠٢٦-٠١-٠١", "not_date"),
        ("", "not_date"),
        (20260102, "not_date"),
    ],
)
def test_what_is_no_date_is_refused(value: object, reason: str) -> None:
    assert refused(values.calendar_date, value) == reason


@given(st.dates(datetime(1900, 1, 1).date(), datetime(2200, 12, 31).date()))  # noqa: DTZ001
def test_every_day_of_the_three_centuries_is_a_date(day: Any) -> None:
    assert values.calendar_date(day.isoformat()) == day.isoformat()


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("2026-06-30T12:00:00Z", "2026-06-30T12:00:00.000000Z"),
        ("2026-06-30T12:00Z", "2026-06-30T12:00:00.000000Z"),
        ("2026-06-30T12:00:00", "2026-06-30T12:00:00.000000Z"),
        ("2026-06-30T12:00:00.5-03:00", "2026-06-30T15:00:00.500000Z"),
        ("2026-06-30T12:00:00,123-0300", "2026-06-30T15:00:00.123000Z"),
        ("2026-06-30T23:30:00-02:00", "2026-07-01T01:30:00.000000Z"),
        ("2026-06-30T12:00:00.123456789Z", "2026-06-30T12:00:00.123456Z"),
        ("2018-11-04T00:30:00-02:00", "2018-11-04T02:30:00.000000Z"),  # within São Paulo's last skipped hour
        ("2018-02-17T23:30:00-02:00", "2018-02-18T01:30:00.000000Z"),  # the first of its two 23:30
        ("2018-02-17T23:30:00-03:00", "2018-02-18T02:30:00.000000Z"),  # the second
        ("1900-01-01T00:00:00+14:00", "1899-12-31T10:00:00.000000Z"),
    ],
)
def test_an_instant_is_kept_in_utc(value: str, kept: str) -> None:
    assert values.instant(value) == kept


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("2016-12-31T23:59:60Z", "no_such_date"),  # a leap second: none is kept by our clocks
        ("2026-02-30T00:00:00Z", "no_such_date"),
        ("2026-06-30T24:00:01Z", "no_such_date"),
        ("2026-06-30T12:60:00Z", "no_such_date"),
        ("2026-06-30T12:00:00+24:00", "no_such_date"),
        ("1899-12-31T23:59:59Z", "no_such_date"),
        ("2026-06-30", "not_instant"),
        ("2026-06-30 12:00:00", "not_instant"),
        ("2026-06-30t12:00:00z", "not_instant"),
        ("2026-06-30T12:00:00 Z", "not_instant"),
        ("2026-06-30T12:00:00Z\n", "not_instant"),
        ("2026-06-30T12:00:00.1234567890Z", "not_instant"),
        ("2026-06-30T12:00:00-03", "not_instant"),
        ("٢٠٢٦-٠٦-٣٠T12:00:00Z", "not_instant"),
        ("", "not_instant"),
        (1782820800, "not_instant"),
    ],
)
def test_what_is_no_instant_is_refused(value: object, reason: str) -> None:
    assert refused(values.instant, value) == reason


moments = st.datetimes(
    datetime(1900, 1, 2),  # noqa: DTZ001
    datetime(2200, 12, 30),  # noqa: DTZ001
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


@given(moments, moments)
def test_instants_sort_as_their_texts_do(one: datetime, other: datetime) -> None:
    texts = [values.instant(moment.isoformat()) for moment in (one, other)]
    assert (texts[0] < texts[1], texts[0] == texts[1]) == (one < other, one == other)
    assert datetime.fromisoformat(texts[0]) == one.astimezone(UTC)
    assert values.instant(texts[0]) == texts[0]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("2026-06-30T12:00Z", True),
        ("2026-06-30T12:00-03:00", True),
        ("2026-06-30T12:00", False),
        (None, False),
    ],
)
def test_whether_an_instant_names_its_offset(value: object, told: bool) -> None:
    assert values.has_offset(value) is told
