"""No text is too odd, too broken or too long to be masked; and masking what is masked changes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.personal_bodies import mask_body
from chalicelib.domain.personal_data import mask_text
from chalicelib.domain.personal_forms import hide, hide_end

FRAGMENTS = [
    *("529.982.247-25", "52998224725", "41999991234", "(41) 99999-1234", "41 3333-4444", "99999-1234"),
    *("ana@x.com", "ana%40x.com", "a***@***", "***.***.***-25", "*********34", "2026-11-24", "99999", "1234"),
    *(
        "cpf:",
        "tel ",
        '"cpf":',
        '"email":',
        '"numero":',
        '"obs":"',
        "null",
        "1.5",
        "e5",
        "55",
        "41",
        "9",
        "0",
    ),
    *("%20", "%25", "%40", "%C3%A9", "\\u0040", "\\u00", "\ud800", "\udce9", "é", "a", "***", "**", "--"),
    *"@*-.,;/|()+'\"\\{}[]:–_% \n",
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=9).map("".join))
def test_hiding_twice_hides_no_more_however_odd_the_text(text: str) -> None:
    for masked in (mask_text, mask_body, hide, hide_end):
        once = masked(text)
        assert masked(once) == once


KNOWN = [
    "b.c@y.com.br**'2026-11-24b.c@y.com.br99999)email(",
    '\udce9999991234"email":%C3%A93333-4444\xa0',
    "ana%40x.com|41@529.982.247-25",
    '("cpf":(**) *****-**34123.456.789-09%40',
]


@pytest.mark.parametrize("text", KNOWN)
def test_a_mask_that_uncovers_its_neighbour_is_followed_by_another(text: str) -> None:
    for masked in (mask_text, mask_body):
        assert masked(masked(text)) == masked(text)


@given(st.binary(max_size=60), st.lists(st.sampled_from(FRAGMENTS), max_size=4))
def test_any_bytes_come_out_as_bytes(raw: bytes, fragments: list[str]) -> None:
    odd = "".join(fragments).encode("utf-8", "replace")
    for body in (raw + odd, b'{"obs":"' + raw + odd + b'"}'):
        mask_body(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_no_text_is_too_odd(text: str) -> None:
    for masked in (mask_text, mask_body, hide, hide_end):
        once = masked(text)
        assert masked(once) == once


RUNS = [
    "a",
    "1",
    "@",
    "(",
    '"\\',
    "!",
    "1 ",
    "a@",
    '{"a":',
    "11 9",
    "%",
    ".9",
    "a'",
    "tel_",
    "1       x",
    "%40",
]


@pytest.mark.parametrize("text", RUNS)
def test_a_megabyte_of_anything_is_done_in_one_pass(text: str) -> None:
    """Hangs if a pattern tries every start of a long run."""
    long = text * (1_000_000 // len(text))
    mask_body(long)
    mask_text(long)
