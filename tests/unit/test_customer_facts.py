"""A customer survives being written and read, and its place names it among all."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.customers import KINDS, Assigned, Customer, from_json, split_place, to_json
from chalicelib.domain.purchases import Purchases
from chalicelib.domain.reasons import Reason

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
OPTIONAL = st.none() | TEXTS.filter(bool)
DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
MONEY = st.decimals(-(10**15), 10**15, places=2)
METRICS = st.builds(
    Purchases,
    revenue=MONEY,
    revenue_by_month=st.dictionaries(st.just("2026-11"), MONEY),
    purchases=st.integers(0, 10**6),
    first_purchase=st.none() | DAYS,
    last_purchase=st.none() | DAYS,
    last_seller=OPTIONAL,
    open_by_due=st.dictionaries(DAYS, MONEY, max_size=2),
    valid_until=st.none() | DAYS,
)
REASONS = st.builds(Reason, TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=2))
ASSIGNED = st.builds(Assigned, TEXTS, TEXTS, st.lists(REASONS, max_size=2).map(tuple))
CUSTOMERS = st.builds(
    Customer,
    kind=st.sampled_from(KINDS),
    code=TEXTS.filter(bool),
    name=OPTIONAL,
    uf=OPTIONAL,
    segmento=OPTIONAL,
    seller=OPTIONAL,
    active=st.booleans(),
    orphan=st.booleans(),
    metrics=METRICS,
    measured_on=st.just("") | DAYS.map(date.isoformat),
    window_months=st.integers(0, 60),
    measured_run=TEXTS,
    measured_at=TEXTS,
    prior_revenue=MONEY.map(str),
    prior_purchases=st.integers(0, 100),
    abc_class=st.none() | st.sampled_from("ABC-"),
    abc_previous=st.none() | st.sampled_from("ABC-"),
    abc_run=TEXTS,
    category=st.none() | ASSIGNED,
    portfolio=st.none() | ASSIGNED,
    assigned_run=TEXTS,
)


@given(CUSTOMERS)
def test_a_customer_is_read_as_it_was_written(customer: Customer) -> None:
    assert from_json(json.loads(json.dumps(to_json(customer)))) == customer


@given(CUSTOMERS)
def test_equal_customers_are_written_equally(customer: Customer) -> None:
    again = from_json(to_json(customer))
    assert json.dumps(to_json(again)) == json.dumps(to_json(customer))


def test_what_is_at_its_default_takes_no_room() -> None:
    assert to_json(Customer("empresa", "1")) == {
        "kind": "empresa",
        "code": "1",
        "metrics": {"revenue": "0.00", "purchases": 0},
    }


def test_what_a_later_version_adds_is_passed_over() -> None:
    document = {**to_json(Customer("empresa", "1")), "mood": "sunny"}
    assert from_json(document) == Customer("empresa", "1")


def test_a_single_cent_makes_another_customer() -> None:
    """Only changed customers are written, so equality must see everything."""
    one = Customer("empresa", "1", metrics=Purchases(revenue=Decimal("10.00")))
    assert replace(one, metrics=Purchases(revenue=Decimal("10.01"))) != one
    assert replace(one, orphan=True) != one


@pytest.mark.parametrize("code", ["1", "a|b", "|", "ção", "a b"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_place_names_kind_and_code(kind: str, code: str) -> None:
    assert split_place(Customer(kind, code).place) == (kind, code)
