"""Why a client changed ABC class."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.abc_curve import Cuts, class_of, classify
from chalicelib.domain.movements import Standing, movement_reason
from chalicelib.domain.reasons import Reason

START = date(2024, 11, 24)
Book = dict[str, int]
BOOK: Book = {"anna": 500, "bea": 300, "carl": 100, "dora": 60, "emil": 40}
"""anna and bea are A, carl and dora B, emil C."""


def standing(key: str, book: Book, cuts: Cuts | None = None) -> Standing:
    curve = classify([(name, Decimal(revenue)) for name, revenue in book.items()], cuts)
    revenue = Decimal(book.get(key, 0))
    return Standing(class_of(revenue, key, curve.boundaries), revenue, curve.boundaries)


def why(
    key: str,
    before: Book,
    after: Book,
    *,
    cuts: Cuts | None = None,
    purchased_before: bool = True,
    last_purchase: date | None = date(2026, 11, 1),
) -> Reason:
    return movement_reason(
        key,
        standing(key, before),
        standing(key, after, cuts),
        purchased_before=purchased_before,
        last_purchase=last_purchase,
        window_start=START,
    )


def test_who_sells_more_and_climbs_rose() -> None:
    assert why("carl", BOOK, BOOK | {"carl": 400}) == Reason(
        "revenue_rose",
        {"old_revenue": "100.00", "new_revenue": "400.00", "limit_class": "A", "limit_revenue": "300.00"},
    )


def test_who_sells_less_and_drops_fell_below_the_class_above() -> None:
    assert why("bea", BOOK, BOOK | {"bea": 50}) == Reason(
        "revenue_fell",
        {"old_revenue": "300.00", "new_revenue": "50.00", "limit_class": "A", "limit_revenue": "100.00"},
    )


def test_who_drops_by_two_classes_is_held_against_the_class_just_above() -> None:
    reason = why("bea", BOOK, BOOK | {"bea": 5})
    assert (reason.code, reason.params["limit_class"]) == ("revenue_fell", "B")


def test_who_stays_the_same_while_others_change_was_moved_by_them() -> None:
    assert why("bea", BOOK, BOOK | {"anna": 5000}) == Reason(
        "others_moved", {"new_revenue": "300.00", "limit_class": "A", "limit_revenue": "5000.00"}
    )


def test_who_grew_and_dropped_all_the_same_was_moved_by_the_others() -> None:
    assert why("bea", BOOK, BOOK | {"anna": 5000, "bea": 310}) == Reason(
        "others_moved_more",
        {"old_revenue": "300.00", "new_revenue": "310.00", "limit_class": "A", "limit_revenue": "5000.00"},
    )


def test_who_lost_a_little_that_alone_would_not_have_mattered_was_moved_by_the_others() -> None:
    assert why("anna", BOOK, BOOK | {"anna": 490, "bea": 9000}).code == "others_moved_more"


def test_new_cuts_explain_a_change_that_revenue_does_not() -> None:
    reason = why("bea", BOOK, BOOK, cuts=Cuts(Decimal(40), Decimal(95)))
    assert (reason.code, reason.params["cut_a"], reason.params["cut_b"]) == ("cuts_changed", "40", "95")


def test_revenue_explains_a_change_even_when_the_cuts_changed_too() -> None:
    assert why("emil", BOOK, BOOK | {"emil": 400}, cuts=Cuts(Decimal(79), Decimal(95))).code == "revenue_rose"


def test_the_first_purchase_is_told_from_a_return() -> None:
    newcomer = BOOK | {"fred": 50}
    assert why("fred", BOOK, newcomer, purchased_before=False) == Reason(
        "first_purchase", {"new_revenue": "50.00"}
    )
    assert why("fred", BOOK, newcomer).code == "bought_again"


def test_a_client_not_analysed_before_counts_as_without_class() -> None:
    after = standing("anna", BOOK)
    reason = movement_reason(
        "anna", None, after, purchased_before=False, last_purchase=START, window_start=START
    )
    assert reason.code == "first_purchase"


def test_who_has_no_purchase_left_in_the_window_left_it() -> None:
    reason = why("emil", BOOK, BOOK | {"emil": 0}, last_purchase=date(2024, 11, 23))
    assert reason == Reason("left_window", {"date": "2024-11-23", "window_start": "2024-11-24"})


@pytest.mark.parametrize("last_purchase", [START, None])
def test_who_still_has_purchases_or_none_at_all_had_them_reversed(last_purchase: date | None) -> None:
    reason = why("emil", BOOK, BOOK | {"emil": -10}, last_purchase=last_purchase)
    assert reason == Reason("revenue_reversed", {"old_revenue": "40.00", "new_revenue": "-10.00"})


def test_no_change_has_no_reason() -> None:
    with pytest.raises(ValueError, match="did not change"):
        why("anna", BOOK, BOOK)


books = st.dictionaries(st.sampled_from(list(BOOK)), st.integers(-5, 500), min_size=1)


@given(before=books, after=books, key=st.sampled_from(list(BOOK)), new_cuts=st.booleans())
def test_every_change_has_a_reason_that_fits_the_revenue(
    before: Book, after: Book, key: str, new_cuts: bool
) -> None:
    cuts = Cuts(Decimal(50), Decimal(60)) if new_cuts else None
    old, new = standing(key, before), standing(key, after, cuts)
    if old.abc_class == new.abc_class:
        return
    reason = why(key, before, after, cuts=cuts)
    if reason.code in ("revenue_rose", "revenue_fell"):
        assert (
            (new.revenue > old.revenue) == (reason.code == "revenue_rose") == (new.abc_class < old.abc_class)
        )
    if reason.code == "others_moved":
        assert new.revenue == old.revenue
    if "limit_revenue" in reason.params:
        climbed = new.abc_class < old.abc_class
        limit = Decimal(reason.params["limit_revenue"])
        assert new.revenue >= limit if climbed else new.revenue <= limit
