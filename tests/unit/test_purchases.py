"""What a client's documents say about its buying, and for how long that stays true."""

import json
import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.purchases import (
    Nota,
    Purchases,
    Receivable,
    from_json,
    leaves_window_on,
    measure,
    months_before,
    overdue_balance,
    to_json,
)

AS_OF = date(2026, 11, 24)
SALE = Nota("1|1", date(2026, 10, 5), "autorizada", "venda", Decimal("100.10"), "V1")


def measured(*notas: Nota, as_of: date = AS_OF, months: int = 24) -> Purchases:
    return measure(notas, [], as_of=as_of, window_months=months)


def test_a_client_without_documents_has_nothing_and_stays_so() -> None:
    assert measured() == Purchases()


def test_revenue_is_sales_minus_returns_by_month() -> None:
    back = replace(SALE, key="2|1", issued_on=date(2026, 11, 1), kind="devolucao", total=Decimal("30.05"))
    metrics = measured(SALE, back, replace(SALE, key="3|1", total=Decimal("0.20")))
    assert metrics.revenue == Decimal("70.25")
    assert metrics.revenue_by_month == {"2026-10": Decimal("100.30"), "2026-11": Decimal("-30.05")}
    assert metrics.purchases == 2
    assert metrics.last_purchase == date(2026, 10, 5)


@pytest.mark.parametrize("status", ["cancelada", "denegada"])
def test_notas_that_are_not_authorised_do_not_count(status: str) -> None:
    assert measured(replace(SALE, status=status)) == Purchases()


def test_both_ends_of_the_window_are_inside() -> None:
    first, last = date(2024, 11, 24), AS_OF
    assert measured(replace(SALE, issued_on=first)).revenue == SALE.total
    assert measured(replace(SALE, issued_on=last)).revenue == SALE.total
    assert measured(replace(SALE, issued_on=first - timedelta(days=1))).revenue == 0


def test_purchases_are_counted_over_all_time_but_not_ahead_of_it() -> None:
    old = replace(SALE, key="0|1", issued_on=date(2020, 1, 1))
    ahead = replace(SALE, key="9|1", issued_on=AS_OF + timedelta(days=3))
    metrics = measured(SALE, ahead, old)
    assert (metrics.purchases, metrics.first_purchase, metrics.last_purchase) == (
        2,
        old.issued_on,
        SALE.issued_on,
    )
    assert metrics.revenue == SALE.total
    assert metrics.valid_until == ahead.issued_on


def test_the_last_seller_is_that_of_the_latest_sale_and_of_the_greatest_key_on_one_day() -> None:
    later_key = replace(SALE, key="2|1", seller="V2")
    return_after = replace(SALE, key="3|1", issued_on=AS_OF, kind="devolucao", seller="V3")
    assert measured(later_key, return_after, SALE).last_seller == "V2"
    assert measured(later_key, replace(SALE, issued_on=AS_OF)).last_seller == "V1"


def test_open_balances_are_summed_by_due_date_and_overdue_the_day_after() -> None:
    due = AS_OF - timedelta(days=1)
    owed = [Receivable(due, Decimal("10.5")), Receivable(due, Decimal("0.5")), Receivable(AS_OF, Decimal(7))]
    owed += [Receivable(date(2026, 1, 1), Decimal(0)), Receivable(due, Decimal(-3))]
    metrics = measure([], owed, as_of=AS_OF, window_months=24)
    assert metrics.open_by_due == {due: Decimal(11), AS_OF: Decimal(7)}
    assert overdue_balance(metrics.open_by_due, AS_OF) == Decimal(11)
    assert overdue_balance(metrics.open_by_due, AS_OF + timedelta(days=1)) == Decimal(18)
    assert overdue_balance({}, AS_OF) == 0


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-03-31", 1, "2026-02-28"),
        ("2028-03-31", 1, "2028-02-29"),
        ("2028-02-29", 12, "2027-02-28"),
        ("2028-02-29", 48, "2024-02-29"),
        ("2026-01-15", 24, "2024-01-15"),
        ("2026-01-31", 2, "2025-11-30"),
        ("2026-05-05", 0, "2026-05-05"),
    ],
)
def test_going_back_months_ends_on_the_same_day_or_the_month_s_last(
    day: str, months: int, expected: str
) -> None:
    assert months_before(date.fromisoformat(day), months) == date.fromisoformat(expected)


days = st.dates(date(2023, 11, 1), date(2028, 4, 1))


@given(day=days, months=st.integers(1, 30))
def test_a_day_leaves_the_window_when_the_window_s_start_first_lies_after_it(day: date, months: int) -> None:
    leaving = leaves_window_on(day, months)
    assert months_before(leaving, months) > day
    assert months_before(leaving - timedelta(days=1), months) <= day


amounts = st.decimals(Decimal("0.01"), Decimal(100_000), places=2)
notas = st.lists(
    st.builds(
        Nota,
        key=st.integers(0, 999).map(str),
        issued_on=st.dates(date(2028, 1, 1), date(2028, 6, 30)),
        status=st.sampled_from(["autorizada", "autorizada", "cancelada"]),
        kind=st.sampled_from(["venda", "venda", "devolucao"]),
        total=amounts,
        seller=st.sampled_from(["V1", "V2", None]),
    ),
    max_size=8,
    unique_by=lambda nota: nota.key,
)
receivables = st.lists(st.builds(Receivable, due_on=days, balance=amounts), max_size=4)
as_ofs = st.dates(date(2028, 2, 1), date(2028, 5, 31))


@settings(max_examples=150)
@given(notas=notas, owed=receivables, as_of=as_ofs, months=st.integers(1, 3), later=st.floats(0, 1))
def test_metrics_stay_what_a_recomputation_gives_until_they_expire(
    notas: list[Nota], owed: list[Receivable], as_of: date, months: int, later: float
) -> None:
    metrics = measure(notas, owed, as_of=as_of, window_months=months)
    expires = metrics.valid_until or as_of + timedelta(days=1000)
    last_day = (expires - as_of).days - 1
    for day in {as_of + timedelta(days=round(last_day * later)), as_of + timedelta(days=last_day)}:
        assert measure(notas, owed, as_of=day, window_months=months) == metrics


@given(notas=notas, as_of=as_ofs, months=st.integers(1, 3))
def test_metrics_change_on_the_day_they_expire(notas: list[Nota], as_of: date, months: int) -> None:
    sales = [replace(nota, kind="venda") for nota in notas]
    metrics = measure(sales, [], as_of=as_of, window_months=months)
    if metrics.valid_until:
        assert metrics.valid_until > as_of
        then = measure(sales, [], as_of=metrics.valid_until, window_months=months)
        assert (then.revenue_by_month, then.purchases) != (metrics.revenue_by_month, metrics.purchases)


@given(notas=notas, owed=receivables, as_of=as_ofs, shuffled=st.randoms())
def test_the_order_of_documents_does_not_matter_and_json_keeps_everything(
    notas: list[Nota],
    owed: list[Receivable],
    as_of: date,
    shuffled: random.Random,
) -> None:
    metrics = measure(notas, owed, as_of=as_of, window_months=2)
    shuffled.shuffle(notas)
    shuffled.shuffle(owed)
    again = measure(notas, owed, as_of=as_of, window_months=2)
    assert json.dumps(to_json(again)) == json.dumps(to_json(metrics))
    assert from_json(json.loads(json.dumps(to_json(metrics)))) == metrics
    assert metrics.revenue == sum(metrics.revenue_by_month.values())


def test_json_is_compact_and_exact() -> None:
    assert to_json(Purchases()) == {"revenue": "0.00", "purchases": 0}
    big = replace(SALE, total=Decimal("999999999999999.123456"))
    small = replace(SALE, key="2|1", total=Decimal("0.000001"))
    assert to_json(measured(big, small))["revenue"] == "999999999999999.123457"
