"""The two years of history: which days exist and how much is sold on each."""

from bisect import bisect_right
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random

_MONTHS = (0.80, 0.80, 1.0, 0.95, 1.05, 0.95, 0.95, 1.05, 1.0, 1.1, 1.3, 1.15)  # January first
_WEEKDAYS = (0.95, 1.1, 1.1, 1.05, 1.0, 0.3, 0.02)  # Monday first
_GROWTH = 0.0002  # a day


def months_before(day: date, months: int) -> date:
    """Return the same day `months` earlier, or the last day of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class TradingDays:
    """The days of the history, drawn by season, weekday and a slow growth."""

    def __init__(self, today: date) -> None:
        """Span 24 months, three days short of the oldest and ending yesterday."""
        self.today = today
        self.first = months_before(today, 24) + timedelta(days=3)
        self.last = today - timedelta(days=1)
        days = (self.first + timedelta(days=place) for place in range((self.last - self.first).days + 1))
        weights = (
            _MONTHS[day.month - 1] * _WEEKDAYS[day.weekday()] * (1 + _GROWTH * place)
            for place, day in enumerate(days)
        )
        self._cumulative = [0.0, *accumulate(weights)]

    def clamp(self, day: date) -> date:
        """Return the day of the history nearest to `day`."""
        return min(max(day, self.first), self.last)

    def draw(self, rng: Random, first: date, last: date) -> date:
        """Draw a day between two days of the history, both included."""
        low = self._cumulative[(first - self.first).days]
        high = self._cumulative[(last - self.first).days + 1]
        place = bisect_right(self._cumulative, low + rng.random() * (high - low)) - 1
        return min(self.first + timedelta(days=place), last)


def draw_instant(rng: Random, day: date) -> str:
    """Draw an instant in the business hours of a Brazilian day, as ISO 8601 UTC."""
    return write_instant(datetime.combine(day, time(11), UTC) + timedelta(seconds=rng.randrange(36000)))


def shift_instant(instant: str, **delta: int) -> str:
    """Return the instant moved by `timedelta(**delta)`."""
    return write_instant(datetime.fromisoformat(instant) + timedelta(**delta))


def write_instant(instant: datetime) -> str:
    """Write an aware UTC instant with seconds and `Z`."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
