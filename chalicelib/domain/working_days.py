"""Working days in Brazil: no weekends, no national holidays, none of the customary days off."""

from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from holidays import HolidayBase

SATURDAY: Final = 5


def is_working_day(day: date) -> bool:
    """Tell whether a company usually works on this day; days of a state or town are not known."""
    return day.weekday() < SATURDAY and day not in _holidays()


@cache
def _holidays() -> "HolidayBase":
    """National holidays, and optional ones such as Carnival; years are worked out when asked for."""
    from holidays import OPTIONAL, PUBLIC, country_holidays

    return country_holidays("BR", categories=(PUBLIC, OPTIONAL))
