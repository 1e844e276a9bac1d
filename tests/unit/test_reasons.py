"""Reasons and their sentences: every code has both texts, and nothing is left unfilled."""

import json
import re
from string import Formatter

import pytest

from chalicelib.domain.reasons import CODES, DATES, MONEY, PERCENTAGES, Reason, reason
from chalicelib.i18n.reasons import catalogue, reason_text

LANGUAGES = ("pt-BR", "en")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_catalogue_has_exactly_the_codes_that_the_domain_uses() -> None:
    assert set(catalogue()) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_sentence_in_each_language_with_exactly_its_parameters(code: str) -> None:
    assert set(catalogue()[code]) == set(LANGUAGES)
    for text in catalogue()[code].values():
        assert placeholders(text) == set(CODES[code])
        assert re.fullmatch(r"\S.*[.]", text)


def test_no_parameter_is_shown_in_two_ways() -> None:
    assert not MONEY & DATES | MONEY & PERCENTAGES | DATES & PERCENTAGES
    assert {name for names in CODES.values() for name in names} >= MONEY | DATES | PERCENTAGES


def test_a_sentence_shows_money_and_dates_as_its_readers_write_them() -> None:
    fell = reason(
        "revenue_fell",
        old_revenue="1234567.80",
        new_revenue="-950.00",
        limit_class="A",
        limit_revenue="1000.00",
    )
    assert reason_text(fell, "pt-BR").startswith("O faturamento caiu de R$ 1.234.567,80 para R$ -950,00;")
    assert reason_text(fell, "en").startswith("Revenue fell from R$ 1,234,567.80 to R$ -950.00;")
    left = reason("left_window", date="2024-11-23", window_start="2024-11-24")
    assert "23/11/2024" in reason_text(left)
    assert "2024-11-23" in reason_text(left, "en")
    assert "79,5% e 95%" in reason_text(reason("abc_cuts_invalid", cut_a="79.5", cut_b="95"))


def test_what_a_parameter_holds_is_never_taken_for_a_placeholder() -> None:
    assert reason_text(reason("category_segmento", segmento="{uf} {0}"), "en") == "Segment: {uf} {0}."
    assert "NaN%" in reason_text(reason("abc_cuts_invalid", cut_a="NaN", cut_b="95"))


def test_a_stored_reason_survives_the_catalogue_s_changes() -> None:
    stored = json.loads(json.dumps(reason("category_uf", uf="SP").to_json()))
    assert Reason.from_json(stored) == Reason("category_uf", {"uf": "SP"})
    assert reason_text(Reason.from_json({"code": "gone", "params": {"x": "1"}})) == "gone"
    assert reason_text(Reason("category_uf", {}), "en") == "State: {uf}."
    assert reason_text(Reason("category_uf", {"uf": "SP"}), "fr") == "UF: SP."


def test_a_reason_outside_the_catalogue_cannot_be_built() -> None:
    for code, params in (("unheard_of", {}), ("category_uf", {}), ("category_uf", {"uf": "SP", "x": "1"})):
        with pytest.raises(AssertionError):
            reason(code, **params)
