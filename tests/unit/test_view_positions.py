"""Positions and watermarks survive a slice's end, and watermarks go back as far as they should."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.view_positions import before, dump_value, kind_of_watermark, load_value, not_later


def naive(*parts: int) -> datetime:
    """Make a moment that names no zone, as databases have them."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


SP = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 7, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "x", 7, True, None, Decimal("1.50"), 0.1, b"\x00\xff", date(2026, 1, 2),
        naive(2026, 1, 2, 3, 4, 5, 6),
        datetime(2026, 1, 2, tzinfo=UTC),
        UUID(int=9),
    ],
)  # fmt: skip
def test_a_value_survives_as_json(value: Any) -> None:
    found = load_value(json.loads(json.dumps(dump_value(value))))
    assert (found, type(found)) == (value, type(value))


def test_a_kind_that_nobody_can_order_by_is_refused() -> None:
    with pytest.raises(TypeError, match="dict"):
        dump_value({})


@pytest.mark.parametrize(
    ("value", "overlap", "wanted"),
    [
        (naive(2026, 1, 1, 0, 30), 60, naive(2025, 12, 31, 23, 30)),
        (date(2026, 1, 1), 1, date(2025, 12, 31)),
        (1_500, 1_000, 500),
        (Decimal(5), 1, Decimal(4)),
        ("2026-01-01 00:30:00.25", 60, "2025-12-31 23:30:00"),
        ("2026-01-01T00:30:00Z", 60, "2025-12-31T23:30:00"),
        ("v12", 60, "v12"),
        ("2026-99-01 00:30:00", 60, "2026-99-01 00:30:00"),
        (naive(1, 1, 1), 60, naive(1, 1, 1)),
    ],
)
def test_reading_begins_so_far_before_the_mark(value: Any, overlap: int, wanted: Any) -> None:
    assert before(value, overlap) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (naive(2026, 7, 1, 11, 59), naive(2026, 7, 1, 11, 59)),
        (naive(2999, 1, 1), naive(2026, 7, 1, 12)),
        (datetime(2999, 1, 1, tzinfo=UTC), NOW),
        (date(2999, 1, 1), date(2026, 7, 1)),
        ("2999-01-01 00:00:00", "2026-07-01 12:00:00"),
        ("2026-07-01 11:00:00", "2026-07-01 11:00:00"),
        ("v12", "v12"),
        (10**12, 10**12),
    ],
)
def test_a_mark_from_the_future_is_brought_back_to_now(value: Any, wanted: Any) -> None:
    assert not_later(value, NOW, SP) == wanted


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (naive(2026, 1, 1), "instant"), (date(2026, 1, 1), "date"), (5, "number"), (Decimal(5), "number"),
        ("2026-01-01 00:00:00", "instant"), ("v1", "text"), (True, None), (b"\x00", None), (1.5, None),
    ],
)  # fmt: skip
def test_a_mark_is_a_moment_a_day_or_a_number(value: Any, kind: str | None) -> None:
    assert kind_of_watermark(value) == kind
