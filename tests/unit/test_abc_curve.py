"""The ABC curve against an independent, deliberately naive computation in fractions."""

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.abc_curve import (
    CLASSES,
    MAX_POINTS,
    AbcCurve,
    Boundaries,
    Cuts,
    class_of,
    classify,
    parse_cuts,
)
from chalicelib.domain.setting_fields import InvalidSetting

Clients = list[tuple[str, Decimal]]


def by_definition(clients: Clients, cuts: Cuts) -> dict[str, str]:
    """Classify as the contract words it, adding up anew for every client."""
    buyers = sorted((c for c in clients if c[1] > 0), key=lambda c: (-Fraction(c[1]), c[0]))
    total = sum(Fraction(revenue) for _, revenue in buyers)
    classes = {key: "-" for key, revenue in clients if revenue <= 0}
    for place, (key, _) in enumerate(buyers):
        before = sum(Fraction(revenue) for _, revenue in buyers[:place])
        share = before / total * 100
        classes[key] = "A" if share < Fraction(cuts.a) else "B" if share < Fraction(cuts.b) else "C"
    return classes


def classes_of(clients: Clients, curve: AbcCurve) -> dict[str, str]:
    return {key: class_of(revenue, key, curve.boundaries) for key, revenue in clients}


revenues = st.one_of(
    st.decimals(Decimal(-500), Decimal(100_000), places=2),
    st.sampled_from(
        [Decimal(n) for n in ("0", "0.01", "1", "5", "15", "80", "1E+3", "999999999999999.999999")]
    ),
)
client_lists = st.dictionaries(st.text("ab|01", min_size=1, max_size=4), revenues, max_size=40).map(
    lambda found: list(found.items())
)
all_cuts = st.lists(
    st.decimals(Decimal("0.5"), Decimal(100), places=1), min_size=2, max_size=2, unique=True
).map(lambda pair: Cuts(*sorted(pair)))


@settings(max_examples=200)
@given(clients=client_lists, cuts=all_cuts)
def test_every_client_has_exactly_the_class_of_the_definition(clients: Clients, cuts: Cuts) -> None:
    assert classes_of(clients, classify(clients, cuts)) == by_definition(clients, cuts)


@given(clients=client_lists, cuts=all_cuts)
def test_counts_revenue_and_totals_are_exact(clients: Clients, cuts: Cuts) -> None:
    curve = classify(clients, cuts)
    expected = by_definition(clients, cuts)
    for line in curve.classes:
        members = [revenue for key, revenue in clients if expected[key] == line.abc_class]
        assert line.customers == len(members)
        assert Fraction(line.revenue) == sum(Fraction(revenue) for revenue in members)
    assert [line.abc_class for line in curve.classes] == list(CLASSES)
    assert Fraction(curve.revenue) == sum(Fraction(revenue) for _, revenue in clients)
    assert curve.revenue == sum(line.revenue for line in curve.classes)
    assert curve.customers == sum(line.customers for line in curve.classes) == len(clients)


@given(clients=client_lists)
def test_shares_add_up_to_one_but_for_rounding(clients: Clients) -> None:
    curve = classify(clients)
    tolerance = Decimal("0.0002")
    assert abs(sum((line.customers_share for line in curve.classes), -Decimal(bool(clients)))) <= tolerance
    assert (
        abs(sum((line.revenue_share for line in curve.classes), -Decimal(bool(curve.classified_customers))))
        <= tolerance
    )


@given(clients=client_lists, order=st.randoms())
def test_the_order_of_clients_does_not_matter(clients: Clients, order: Any) -> None:
    shuffled = list(clients)
    order.shuffle(shuffled)
    assert classify(shuffled).to_json() == classify(clients).to_json()


@given(clients=client_lists)
def test_the_curve_climbs_from_nothing_to_everything(clients: Clients) -> None:
    curve = classify(clients)
    points = [(point.customers_share, point.revenue_share) for point in curve.curve]
    assert points == sorted(points)
    assert [y for _, y in points] == sorted(y for _, y in points)
    start_and_end = [(Decimal(0), Decimal(0)), (Decimal(1), Decimal(1))]
    assert [*points[:1], *points[-1:]] == (start_and_end if curve.classified_customers else [])


def test_many_clients_give_at_most_200_points_with_the_ends_of_the_classes_among_them() -> None:
    clients = [(f"{n:06}", Decimal(1_000_000) / (n + 1)) for n in range(20_000)]
    clients = [(key, revenue.quantize(Decimal("0.01"))) for key, revenue in clients]
    curve = classify(iter(clients))
    a, b, *_ = curve.classes
    shares = {point.customers_share for point in curve.curve}
    assert MAX_POINTS - 5 <= len(curve.curve) <= MAX_POINTS
    ends = [Decimal(a.customers) / 20_000, Decimal(a.customers + b.customers) / 20_000]
    assert {end.quantize(Decimal("0.0001"), "ROUND_HALF_UP") for end in ends} <= shares


def test_the_client_that_crosses_the_cut_still_belongs_to_the_better_class() -> None:
    clients = [("a", Decimal(79)), ("b", Decimal(15)), ("c", Decimal(5)), ("d", Decimal(1))]
    assert classes_of(clients, classify(clients)) == {"a": "A", "b": "A", "c": "B", "d": "C"}


def test_a_share_of_exactly_the_cut_is_no_longer_below_it() -> None:
    clients = [("a", Decimal(80)), ("b", Decimal(15)), ("c", Decimal(5))]
    assert classes_of(clients, classify(clients)) == {"a": "A", "b": "B", "c": "C"}


def test_no_rounding_decides_at_the_cut() -> None:
    hair = Decimal("0.000001")
    clients = [("a", Decimal("799999999999999.999999")), ("b", Decimal(200_000_000_000_000) + hair)]
    assert classes_of(clients, classify(clients)) == {"a": "A", "b": "A"}


def test_sums_keep_every_digit() -> None:
    clients = [("a", Decimal(4 * 10**30)), ("b", Decimal(10**30 + 6)), ("c", Decimal(1))]
    curve = classify(clients)
    assert curve.revenue == 5 * 10**30 + 7
    assert classes_of(clients, curve) == {"a": "A", "b": "A", "c": "C"}


def test_equal_revenue_is_ordered_by_key_also_across_a_boundary() -> None:
    clients = [(key, Decimal(10)) for key in "edcba"]
    assert classes_of(clients, classify(clients)) == {"a": "A", "b": "A", "c": "A", "d": "A", "e": "B"}


def test_one_giant_takes_a_and_leaves_b_empty() -> None:
    clients = [("giant", Decimal(99)), ("dwarf", Decimal(1)), ("idle", Decimal(0)), ("owed", Decimal(-9))]
    curve = classify(clients)
    assert classes_of(clients, curve) == {"giant": "A", "dwarf": "C", "idle": "-", "owed": "-"}
    assert curve.boundaries.last_b is None
    assert (curve.revenue, curve.classified_revenue) == (Decimal(91), Decimal(100))
    assert [str(line.customers_share) for line in curve.classes] == ["0.2500", "0.0000", "0.2500", "0.5000"]
    assert [str(line.revenue_share) for line in curve.classes] == ["0.9900", "0.0000", "0.0100", "0.0000"]


def test_without_buyers_everybody_is_without_class() -> None:
    for clients in ([], [("a", Decimal(0)), ("b", Decimal(-1))]):
        curve = classify(clients)
        assert curve.curve == ()
        assert curve.boundaries == Boundaries(Cuts())
        assert set(classes_of(clients, curve).values()) <= {"-"}


@given(clients=client_lists, cuts=all_cuts)
def test_boundaries_survive_json(clients: Clients, cuts: Cuts) -> None:
    boundaries = classify(clients, cuts).boundaries
    assert Boundaries.from_json(json.loads(json.dumps(boundaries.to_json()))) == boundaries


def test_the_curve_is_shown_with_decimals_as_text() -> None:
    shown = json.loads(json.dumps(classify([("a", Decimal(3)), ("b", Decimal(1))]).to_json()))
    assert shown["totals"]["revenue"] == "4.00"
    assert shown["classes"][0] == {
        "class": "A",
        "customers": 2,
        "customers_share": "1.0000",
        "revenue": "4.00",
        "revenue_share": "1.0000",
    }
    assert shown["curve"][1] == {"customers_share": "0.5000", "revenue_share": "0.7500"}


@pytest.mark.parametrize(
    ("a", "b"),
    [("95", "80"), ("80", "80"), ("0", "95"), ("-1", "95"), ("80", "100.01"), ("NaN", "95"), ("80", "Inf")],
)
def test_cuts_must_ascend_from_above_0_to_at_most_100(a: str, b: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        Cuts(Decimal(a), Decimal(b))
    assert caught.value.fields[0].code == "abc_cuts_invalid"


def test_cuts_as_sent_are_read_exactly() -> None:
    assert parse_cuts({"a": "79.5", "b": 96}) == Cuts(Decimal("79.5"), Decimal(96))
    assert parse_cuts({}) == Cuts()
    with pytest.raises(InvalidSetting) as caught:
        parse_cuts({"a": "much", "c": 1})
    assert {(issue.field, issue.code) for issue in caught.value.fields} == {
        ("abc_cuts.a", "not_decimal"),
        ("abc_cuts.c", "setting_unknown"),
    }
