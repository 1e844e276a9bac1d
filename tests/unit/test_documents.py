"""Check digits of CPF and of both forms of CNPJ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.documents import cnpj_ok, cpf_ok

DIGITS = "0123456789"
CNPJ_LETTERS = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize("cpf", ["529.982.247-25", "52998224725", " 529 982 247 25 ", "111.444.777-35"])
def test_a_cpf_with_right_digits_is_ok_with_or_without_punctuation(cpf: str) -> None:
    assert cpf_ok(cpf)


@pytest.mark.parametrize(
    "cpf", ["529.982.247-24", "52998224752", "5299822472", "529982247255", "", "5299822472A", "٥٢٩٩٨٢٢٤٧٢٥"]
)
def test_a_cpf_with_a_wrong_digit_length_or_character_is_not_ok(cpf: str) -> None:
    assert not cpf_ok(cpf)


@pytest.mark.parametrize("digit", DIGITS)
def test_repeating_one_digit_is_never_a_taxpayer_number(digit: str) -> None:
    assert not cpf_ok(digit * 11)
    assert not cnpj_ok(digit * 14)


@pytest.mark.parametrize(
    "cnpj", ["11.222.333/0001-81", "11222333000181", "00.000.000/0001-91", "33.000.167/0001-01"]
)
def test_a_numeric_cnpj_keeps_its_digits(cnpj: str) -> None:
    assert cnpj_ok(cnpj)


@pytest.mark.parametrize("cnpj", ["12.ABC.345/01DE-35", "12ABC34501DE35", "12abc34501de35"])
def test_the_tax_office_s_own_alphanumeric_example_is_ok(cnpj: str) -> None:
    assert cnpj_ok(cnpj)


@pytest.mark.parametrize(
    "cnpj", ["12ABC34501DE53", "12ABC34501DE3A", "12ÁBC34501DE35", "11222333000182", "1122233300018", ""]
)
def test_a_cnpj_with_a_wrong_digit_length_or_character_is_not_ok(cnpj: str) -> None:
    assert not cnpj_ok(cnpj)


@given(st.text(DIGITS, min_size=9, max_size=9))
def test_exactly_one_pair_of_digits_completes_a_cpf(body: str) -> None:
    assert sum(cpf_ok(f"{body}{pair:02}") for pair in range(100)) == (0 if len(set(body)) == 1 else 1)


@given(st.text(CNPJ_LETTERS, min_size=12, max_size=12).filter(lambda body: len(set(body)) > 1))
def test_exactly_one_pair_of_digits_completes_a_cnpj(body: str) -> None:
    assert sum(cnpj_ok(f"{body}{pair:02}") for pair in range(100)) == 1


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    assert cpf_ok(text) in (True, False)
    assert cnpj_ok(text) in (True, False)
