"""Field values: which are taken, in which one form they are kept, and why the others are not."""

from decimal import Context, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from chalicelib.domain import values
from chalicelib.domain.values import NotANumber


def refused(parse: Any, value: object) -> str:
    """Name the reason for which a value is refused."""
    with pytest.raises(PydanticCustomError) as caught:
        parse(value)
    return caught.value.type


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (1, "1"),
        (Decimal("1.0"), "1"),
        ("1.00", "1"),
        (Decimal("1E+2"), "100"),
        (Decimal("1.50"), "1.5"),
        ("-0.10", "-0.1"),
        ("007", "7"),
        (0, "0"),
        (Decimal("-0.00"), "0"),
        ("-0", "0"),
        (Decimal("0E+999999"), "0"),
        ("0.000001", "0.000001"),
        (Decimal("0.0000010000"), "0.000001"),
        ("999999999999999.999999", "999999999999999.999999"),
        (Decimal("-999999999999999"), "-999999999999999"),
        ("1." + "0" * 30, "1"),
    ],
)
def test_a_decimal_has_one_form(value: object, kept: str) -> None:
    assert values.decimal(value) == kept


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1.5, "not_decimal"),
        (True, "not_decimal"),
        (None, "not_decimal"),
        ("", "not_decimal"),
        (" 1", "not_decimal"),
        ("1\n", "not_decimal"),
        ("1,5", "not_decimal"),
        ("1.", "not_decimal"),
        (".5", "not_decimal"),
        ("+1", "not_decimal"),
        ("1e3", "not_decimal"),
        ("١٢", "not_decimal"),
        ("NaN", "not_decimal"),
        ("1" * 41, "not_decimal"),
        ([], "not_decimal"),
        (Decimal("NaN"), "not_decimal"),
        (Decimal("Infinity"), "not_decimal"),
        (NotANumber("NaN"), "not_a_number"),
        (10**15, "decimal_too_large"),
        (Decimal("1E+400"), "decimal_too_large"),
        (Decimal("9" * 5_000), "decimal_too_large"),
        (Decimal("1E+999999999"), "decimal_too_large"),
        ("0.0000001", "too_many_decimals"),
        (Decimal("1E-400"), "too_many_decimals"),
        (Decimal("1E-999999999"), "too_many_decimals"),
        (Decimal("1.0000001"), "too_many_decimals"),
    ],
)
def test_what_is_no_decimal_is_refused(value: object, reason: str) -> None:
    assert refused(values.decimal, value) == reason


amounts = st.decimals(-(10**15) + 1, 10**15 - 1, places=6)


@given(amounts, st.integers(0, 12))
def test_a_decimal_s_value_is_kept_exactly_and_its_form_does_not_depend_on_how_it_came(
    amount: Decimal, zeros: int
) -> None:
    kept = values.decimal(amount)
    assert Decimal(kept) == amount
    assert values.decimal(kept) == kept
    plain = format(amount, "f") + "0" * zeros
    assert values.decimal(plain) == kept
    assert values.decimal(Decimal(plain)) == kept


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_any_number_is_kept_exactly_or_refused(number: Decimal) -> None:
    try:
        kept = values.canonical_decimal(number)
    except PydanticCustomError:
        digits, places = (
            number.adjusted() + 1,
            -int(number.normalize(Context(prec=1_000)).as_tuple().exponent),
        )
        assert digits > 15 or places > 6
    else:
        assert Decimal(kept) == number


def test_millions_of_zeros_do_not_take_millions_of_steps_each() -> None:
    assert values.decimal(Decimal("1." + "0" * 3_000_000)) == "1"


@pytest.mark.parametrize("value", [0, 1, 999_999_999])
def test_whole_numbers_are_taken(value: int) -> None:
    assert values.integer(value) == value


@pytest.mark.parametrize("value", [True, "1", 1.0, Decimal(1), None, NotANumber("NaN")])
def test_only_whole_numbers_are(value: object) -> None:
    assert refused(values.integer, value) == "not_integer"


@pytest.mark.parametrize("value", [-1, 10**9, 10**50])
def test_whole_numbers_have_limits(value: int) -> None:
    assert refused(values.integer, value) == "integer_out_of_range"


@pytest.mark.parametrize(("value", "kept"), [(1, "1"), ("1", "1"), ("01", "01"), (" 1/3", " 1/3"), (0, "0")])
def test_an_instalment_may_be_a_number_or_a_text(value: object, kept: str) -> None:
    assert values.number_or_text(value) == kept


@pytest.mark.parametrize("value", [0, 1, "true", "S", "", [], Decimal(1)])
def test_only_true_and_false_are_booleans(value: object) -> None:
    assert refused(values.boolean, value) == "not_boolean"


@pytest.mark.parametrize("value", ["", " x ", "São\tJoão\r\n", "😀", "x" * 4_000, "\u0085\u200b\ufeff\ufffe"])
def test_texts_are_kept_as_they_are(value: str) -> None:
    assert values.text(value) == value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1, "not_text"),
        (b"x", "not_text"),
        ([], "not_text"),
        ("x" * 4_001, "text_too_long"),
        ("a\x00", "control_character"),
        ("\x0b", "control_character"),
        ("\x1f", "control_character"),
        ("\x7f", "control_character"),
        ("é\ud800", "lone_surrogate"),
        ("\udfff", "lone_surrogate"),
    ],
)
def test_what_is_no_text_is_refused(value: object, reason: str) -> None:
    assert refused(values.text, value) == reason


@pytest.mark.parametrize("value", [None, "", " ", "\t\r\n", "\u00a0\u2003"])
def test_a_required_text_is_not_blank(value: object) -> None:
    assert refused(values.required_text, value) == "missing"


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_that_is_taken_can_be_stored(value: str) -> None:
    try:
        kept = values.text(value)
    except PydanticCustomError:
        return
    assert kept == value == kept.encode().decode()
    assert not values.CONTROL.search(kept)
