"""When the daily run is due, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.schedule import (
    Schedule,
    cron_expression,
    cron_expression_utc,
    local_date,
    next_run_at,
    next_runs,
    parse_schedule,
)
from chalicelib.domain.setting_fields import InvalidSetting

ZONES = [
    "America/Sao_Paulo",
    "America/New_York",
    "Europe/Lisbon",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Pacific/Apia",
    "UTC",
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days_of(schedule: Schedule, now: datetime, n: int) -> list[str]:
    zone = ZoneInfo(schedule.timezone)
    return [f"{run.astimezone(zone):%m-%d %H:%M}" for run in next_runs(schedule, now, n)]


def test_before_its_time_the_run_is_due_today() -> None:
    schedule = Schedule("02:30", "America/Sao_Paulo")
    assert next_run_at(schedule, utc("2026-11-24T05:29:59")) == utc("2026-11-24T05:30")


def test_at_its_very_time_the_next_run_is_tomorrow_s() -> None:
    schedule = Schedule("02:30", "America/Sao_Paulo")
    assert next_run_at(schedule, utc("2026-11-24T05:30")) == utc("2026-11-25T05:30")


def test_midnight_belongs_to_the_day_that_begins() -> None:
    schedule = Schedule("00:00", "America/Sao_Paulo")
    assert next_run_at(schedule, utc("2026-12-31T12:00")) == utc("2027-01-01T03:00")


def test_the_local_day_may_be_another_than_the_utc_day() -> None:
    evening = Schedule("22:00", "America/Sao_Paulo")
    assert next_run_at(evening, utc("2026-11-24T00:59")) == utc("2026-11-24T01:00")
    assert local_date("America/Sao_Paulo", utc("2026-11-24T02:59")) == date(2026, 11, 23)
    assert local_date("Asia/Kolkata", utc("2026-11-24T18:30")) == date(2026, 11, 25)


def test_a_half_hour_zone_is_half_an_hour_off() -> None:
    assert next_run_at(Schedule("02:00", "Asia/Kolkata"), utc("2026-11-24T00:00")) == utc("2026-11-24T20:30")


def test_the_leap_day_has_a_run_like_any_other() -> None:
    schedule = Schedule("03:00", "America/Sao_Paulo")
    assert days_of(schedule, utc("2028-02-28T12:00"), 2) == ["02-29 03:00", "03-01 03:00"]
    assert days_of(schedule, utc("2027-02-28T12:00"), 1) == ["03-01 03:00"]


@pytest.mark.parametrize(
    ("time", "timezone", "eve", "runs"),
    [
        ("00:30", "America/Sao_Paulo", "2018-11-02T12:00", ["11-03 00:30", "11-05 00:30"]),
        ("02:30", "America/New_York", "2024-03-08T12:00", ["03-09 02:30", "03-11 02:30"]),
        ("01:30", "Europe/Lisbon", "2024-03-29T12:00", ["03-30 01:30", "04-01 01:30"]),
        ("02:15", "Australia/Lord_Howe", "2024-10-04T12:00", ["10-05 02:15", "10-07 02:15"]),
        ("12:00", "Pacific/Apia", "2011-12-29T12:00", ["12-29 12:00", "12-31 12:00"]),
    ],
)
def test_a_time_that_the_clocks_skip_has_no_run_that_day_as_on_aws(
    time: str, timezone: str, eve: str, runs: list[str]
) -> None:
    assert days_of(Schedule(time, timezone), utc(eve), 2) == runs


@pytest.mark.parametrize(
    ("time", "timezone", "eve", "runs"),
    [
        ("23:30", "America/Sao_Paulo", "2019-02-16T12:00", ["2019-02-17T01:30", "2019-02-18T02:30"]),
        ("01:30", "America/New_York", "2024-11-03T00:00", ["2024-11-03T05:30", "2024-11-04T06:30"]),
        ("01:30", "Europe/Lisbon", "2024-10-26T12:00", ["2024-10-27T00:30", "2024-10-28T01:30"]),
        ("01:45", "Australia/Lord_Howe", "2024-04-06T12:00", ["2024-04-06T14:45", "2024-04-07T15:15"]),
    ],
)
def test_a_time_that_occurs_twice_runs_once_at_the_first(
    time: str, timezone: str, eve: str, runs: list[str]
) -> None:
    assert next_runs(Schedule(time, timezone), utc(eve), 2) == [utc(run) for run in runs]


def test_between_the_two_occurrences_the_next_run_is_tomorrow_s() -> None:
    schedule = Schedule("01:30", "America/New_York")
    assert next_run_at(schedule, utc("2024-11-03T06:00")) == utc("2024-11-04T06:30")


def first_minute_showing(schedule: Schedule, now: datetime) -> datetime:
    """Watch the wall clock minute by minute: slow, and independent of how the answer is computed."""
    zone = ZoneInfo(schedule.timezone)
    minute = now.replace(second=0, microsecond=0)
    while True:
        minute += timedelta(minutes=1)
        local = minute.astimezone(zone)
        if f"{local:%H:%M}" == schedule.time and local.fold == 0:
            return minute


near_a_change = st.sampled_from(
    [
        "2018-11-03",
        "2019-02-16",
        "2024-03-09",
        "2024-03-30",
        "2024-10-05",
        "2024-11-02",
        "2024-04-06",
        "2010-11-06",
        "2011-12-29",
        "2024-02-28",
        "2026-12-31",
    ]
)


@settings(max_examples=60, deadline=None)
@given(
    day=near_a_change,
    seconds=st.integers(0, 3 * 86_400),
    hour=st.integers(0, 23),
    minute=st.sampled_from([0, 1, 15, 29, 30, 45, 59]),
    timezone=st.sampled_from(ZONES),
)
def test_the_next_run_is_the_first_minute_at_which_the_wall_clock_shows_the_time(
    day: str, seconds: int, hour: int, minute: int, timezone: str
) -> None:
    schedule = Schedule(f"{hour:02}:{minute:02}", timezone)
    now = utc(day) + timedelta(seconds=seconds)
    assert next_run_at(schedule, now) == first_minute_showing(schedule, now)


@settings(max_examples=60)
@given(
    seconds=st.integers(0, 125 * 365 * 86_400),
    timezone=st.sampled_from(ZONES),
    hour=st.integers(0, 23),
)
def test_runs_follow_each_other_one_a_day_after_now(seconds: int, timezone: str, hour: int) -> None:
    now = utc("1975-01-01") + timedelta(seconds=seconds)
    schedule = Schedule(f"{hour:02}:30", timezone)
    runs = next_runs(schedule, now, 5)
    days = [run.astimezone(ZoneInfo(timezone)).date() for run in runs]
    assert now < runs[0]
    assert runs == sorted(set(runs))
    assert len(set(days)) == 5
    assert all(next_run_at(schedule, run) == after for run, after in pairwise(runs))
    assert all(run.tzinfo is UTC for run in runs)


def test_now_may_be_in_any_zone_but_must_name_it() -> None:
    schedule = Schedule("02:00", "America/Sao_Paulo")
    there = utc("2026-11-24T04:00").astimezone(ZoneInfo("Asia/Kolkata"))
    assert next_run_at(schedule, there) == utc("2026-11-24T05:00")
    with pytest.raises(ValueError, match="aware"):
        next_run_at(schedule, datetime(2026, 11, 24))  # noqa: DTZ001


def test_the_cron_expression_is_local_and_the_utc_one_follows_the_offset() -> None:
    schedule = Schedule("02:05", "America/New_York")
    assert cron_expression(schedule) == "cron(5 2 * * ? *)"
    assert cron_expression_utc(schedule, utc("2026-07-01T00:00")) == "cron(5 6 * * ? *)"
    assert cron_expression_utc(schedule, utc("2026-12-01T00:00")) == "cron(5 7 * * ? *)"
    assert (
        cron_expression_utc(Schedule("22:00", "Asia/Kolkata"), utc("2026-12-01T00:00"))
        == "cron(30 16 * * ? *)"
    )


@pytest.mark.parametrize("time", ["24:00", "2:00", "02:60", "02:00:00", "", "٠٢:٠٠", "02:00\n", "-1:00"])
def test_a_time_that_is_none_is_refused(time: str) -> None:
    with pytest.raises(ValueError, match="invalid_setting") as caught:
        Schedule(time, "America/Sao_Paulo")
    assert isinstance(caught.value, InvalidSetting)
    assert [issue.code for issue in caught.value.fields] == ["schedule_time_invalid"]


@pytest.mark.parametrize(
    "timezone",
    [
        "America/Nowhere",
        "America",
        "",
        "../etc/passwd",
        "/etc/localtime",
        "right/UTC",
        "posix/UTC",
        "localtime",
        "UTC\0",
        "America/Sao_Paulo/",
        "BRT+3",
        "a" * 51,
        "Fuso/São_Paulo",
    ],
)
def test_a_time_zone_that_is_none_is_refused(timezone: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        Schedule("02:00", timezone)
    assert [(issue.field, issue.code) for issue in caught.value.fields] == [
        ("schedule.timezone", "schedule_timezone_unknown")
    ]


def test_a_schedule_as_sent_is_read_or_every_wrong_field_is_named() -> None:
    assert parse_schedule({"time": "02:00", "timezone": "UTC"}) == Schedule("02:00", "UTC")
    with pytest.raises(InvalidSetting) as caught:
        parse_schedule({"time": 200, "zone": "UTC"})
    assert {(issue.field, issue.code) for issue in caught.value.fields} == {
        ("schedule.time", "not_text"),
        ("schedule.timezone", "missing"),
        ("schedule.zone", "setting_unknown"),
    }
