"""What an ERP usually sends is learned from its last 14 days; days off have habits of their own."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.schedule import Schedule
from chalicelib.domain.silence import Window, next_check, silent_tables, windows
from chalicelib.domain.working_days import is_working_day

HOUR = timedelta(hours=1)
MIDNIGHT = Schedule("00:00", "America/Sao_Paulo")
# Thursday 16 July 2026, 23:00 in São Paulo: an hour before the run of Friday.
CHECK = datetime(2026, 7, 17, 2, tzinfo=UTC)


def looked(schedule: Schedule = MIDNIGHT, now: datetime = CHECK) -> tuple[list[Window], Window]:
    *past, current = windows(schedule, now, is_working_day, HOUR)
    return past, current


def test_14_windows_lie_behind_each_ends_an_hour_before_its_run() -> None:
    past, current = looked()
    assert len(past) == 14
    assert [one.day for one in (past[0], past[-1], current)] == ["2026-07-02", "2026-07-15", "2026-07-16"]
    assert (past[-1].since, past[-1].until) == (CHECK - 47 * HOUR, CHECK - 24 * HOUR)
    assert (current.since, current.until) == (CHECK - 23 * HOUR, CHECK)
    assert [one.day for one in past if not one.working] == [
        "2026-07-04",
        "2026-07-05",
        "2026-07-11",
        "2026-07-12",
    ]


def test_a_window_belongs_to_the_day_in_its_middle() -> None:
    """A run at 6:00 syncs the day before."""
    _, current = looked(Schedule("06:00", "America/Sao_Paulo"), datetime(2026, 7, 17, 8, tzinfo=UTC))
    assert current.day == "2026-07-16"


@pytest.mark.parametrize("now", [datetime(2026, 3, 9, 4, tzinfo=UTC), datetime(2026, 11, 2, 4, tzinfo=UTC)])
def test_windows_follow_clocks_that_change(now: datetime) -> None:
    past, current = looked(Schedule("00:00", "America/New_York"), now)
    days = [one.day for one in (*past, current)]
    assert days == sorted(set(days))
    assert len({one.since.astimezone().utcoffset() for one in past}) == 1
    assert {(one.until - one.since) / HOUR for one in past} <= {22.0, 23.0, 24.0}


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 7, 16), True),
        (date(2026, 7, 18), False),  # Saturday
        (date(2026, 2, 17), False),  # Carnival
        (date(2026, 4, 3), False),  # Good Friday
        (date(2026, 6, 4), False),  # Corpus Christi
        (date(2026, 9, 7), False),  # Independence
        (date(2026, 11, 20), False),  # Black Awareness, national since 2024
        (date(2023, 11, 20), True),
        (date(2031, 4, 11), False),  # Good Friday of a year far ahead
    ],
)
def test_weekends_and_brazilian_holidays_are_no_working_days(day: date, works: bool) -> None:
    assert is_working_day(day) is works


def heard(past: list[Window], tables: set[str], on_weekends: bool = False) -> dict[str, frozenset[str]]:
    return {one.day: frozenset(tables if one.working or on_weekends else ()) for one in past}


def test_a_table_that_came_every_working_day_and_not_today_is_silent() -> None:
    past, current = looked()
    known = heard(past, {"nota", "pedido"})
    assert silent_tables(past, current, {**known, current.day: frozenset({"pedido"})}) == ["nota"]
    assert silent_tables(past, current, {**known, current.day: frozenset()}) == ["nota", "pedido"]
    assert silent_tables(past, current, {**known, current.day: frozenset({"nota", "pedido"})}) == []


def test_a_table_that_comes_now_and_then_is_not_missed() -> None:
    past, current = looked()
    known = {one.day: frozenset({"vendedor"} if index % 2 else ()) for index, one in enumerate(past)}
    assert silent_tables(past, current, {**known, current.day: frozenset()}) == []


def test_a_single_day_without_it_does_not_change_what_is_usual() -> None:
    past, current = looked()
    known = heard(past, {"nota"}) | {past[-1].day: frozenset()}
    assert silent_tables(past, current, {**known, current.day: frozenset()}) == ["nota"]


@pytest.mark.parametrize(("days", "silent"), [(2, []), (3, ["nota"])])
def test_nothing_is_usual_before_three_days_are_known(days: int, silent: list[str]) -> None:
    past, current = looked()
    known = heard([one for one in past if one.working][-days:], {"nota"})
    assert silent_tables(past, current, {**known, current.day: frozenset()}) == silent


def test_on_a_weekend_only_what_came_on_weekends_is_missed() -> None:
    past, current = looked(now=CHECK + timedelta(days=2))  # Saturday
    assert not current.working
    assert silent_tables(past, current, {**heard(past, {"nota"}), current.day: frozenset()}) == []
    always = heard(past, {"nota"}, on_weekends=True)
    assert silent_tables(past, current, {**always, current.day: frozenset()}) == ["nota"]


def test_the_check_lies_an_hour_before_the_run_and_is_made_once() -> None:
    noon = datetime(2026, 7, 16, 15, tzinfo=UTC)
    at, name = next_check(MIDNIGHT, noon, None, HOUR)
    assert at == CHECK
    late, same = next_check(MIDNIGHT, CHECK + timedelta(minutes=59), None, HOUR)
    assert (late, same) == (CHECK, name), "a check that was missed is made up for until the run"
    assert next_check(MIDNIGHT, CHECK, name, HOUR)[0] == CHECK + timedelta(days=1)
    assert next_check(MIDNIGHT, CHECK + HOUR, None, HOUR)[0] == CHECK + timedelta(days=1)
