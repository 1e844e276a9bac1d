"""Portfolios: whose customer a company is, and why."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.portfolios import (
    SOURCES,
    Facts,
    PortfolioSettings,
    Seller,
    assign,
    dump_settings,
    parse_settings,
)
from chalicelib.domain.reasons import Reason
from chalicelib.domain.setting_fields import InvalidSetting

SELLERS = {
    seller.code: seller
    for seller in [
        Seller("1", "Ana"),
        Seller("2", "Bruno", active=False, supervisor="3"),
        Seller("3", "Carla", active=False, supervisor="4"),
        Seller("4", "Davi", supervisor="1"),
        Seller("5", "Eva", active=False),
        Seller("6", "Fábio", active=False, supervisor="7"),
        Seller("7", "Gil", active=False, supervisor="6"),
        Seller("8", "Hugo", active=False, supervisor="404"),
        Seller("9", "Iara", active=False, supervisor="9"),
    ]
}
DEFAULTS = PortfolioSettings()


def chosen(facts: Facts, **settings: Any) -> tuple[str, str]:
    found = assign(facts, SELLERS, parse_settings(settings))
    return found.code, found.source


def test_the_company_s_active_seller_has_it() -> None:
    found = assign(Facts(seller="1", last_seller="4"), SELLERS, DEFAULTS)
    assert (found.code, found.name, found.source) == ("1", "Ana", "seller")
    assert found.why == (Reason("portfolio_seller", {"code": "1", "name": "Ana"}),)


def test_an_inactive_seller_s_nearest_active_supervisor_has_it() -> None:
    found = assign(Facts(seller="2", last_seller="1"), SELLERS, DEFAULTS)
    assert (found.code, found.source) == ("4", "supervisor")
    assert found.why == (
        Reason("portfolio_seller_inactive", {"code": "2", "name": "Bruno"}),
        Reason("portfolio_supervisor", {"code": "4", "name": "Davi", "below": "Bruno"}),
    )


@pytest.mark.parametrize("seller", ["5", "6", "7", "8", "9", "404", None])
def test_a_dead_end_above_the_seller_leads_to_the_last_seller(seller: str | None) -> None:
    assert chosen(Facts(seller=seller, last_seller="1")) == ("1", "last_seller")


def test_the_supervisor_of_an_inactive_last_seller_counts_too() -> None:
    assert chosen(Facts(last_seller="2")) == ("4", "supervisor")
    assert chosen(Facts(last_seller="4"), sources=["supervisor"]) == ("sem-carteira", "default")


def test_the_order_is_the_tenant_s_own() -> None:
    both = Facts(seller="1", last_seller="4")
    assert chosen(both, sources=["last_seller", "seller"]) == ("4", "last_seller")
    assert chosen(Facts(seller="2"), sources=["seller", "last_seller"]) == ("sem-carteira", "default")


def test_the_state_decides_where_the_settings_say_so() -> None:
    by_state = {"sources": ["seller", "uf"], "uf": {"sp": "4", "RJ": "2", "MG": 404}}
    assert chosen(Facts(uf="SP"), **by_state) == ("4", "uf")
    assert chosen(Facts(uf="sp "), **by_state) == ("4", "uf")
    for uf in ("RJ", "MG", "BA", None):
        assert chosen(Facts(uf=uf), **by_state) == ("sem-carteira", "default")


def test_the_default_takes_the_rest_and_tells_what_was_tried() -> None:
    settings = parse_settings({"default": {"code": "0", "name": "Balcão"}})
    found = assign(Facts(seller="404", last_seller="5"), SELLERS, settings)
    assert (found.code, found.name, found.source) == ("0", "Balcão", "default")
    assert [reason.code for reason in found.why] == [
        "portfolio_seller_unknown",
        "portfolio_supervisor_none",
        "portfolio_last_seller_inactive",
        "portfolio_default",
    ]


@pytest.mark.parametrize(
    ("raw", "field", "code"),
    [
        ({"sources": []}, "sources", "setting_empty_list"),
        ({"sources": ["brand"]}, "sources.0", "not_a_choice"),
        ({"sources": ["seller", "seller"]}, "", "portfolio_source_repeated"),
        ({"sources": ["uf"]}, "", "portfolio_states_missing"),
        ({"uf": {"SP": "1"}}, "", "portfolio_states_unused"),
        ({"sources": ["uf"], "uf": {"XX": "1"}}, "uf.XX", "state_unknown"),
        ({"sources": ["uf"], "uf": {"SP": ""}}, "uf.SP", "missing"),
        ({"default": {"code": "", "name": "x"}}, "default.code", "missing"),
        ({"default": {"colour": "red"}}, "default.colour", "setting_unknown"),
        ({"source": ["seller"]}, "source", "setting_unknown"),
        ("seller", "", "setting_wrong_type"),
    ],
)
def test_wrong_settings_are_refused_at_the_place_where_they_are_wrong(
    raw: object, field: str, code: str
) -> None:
    with pytest.raises(InvalidSetting) as caught:
        parse_settings(raw)
    where = f"portfolio_settings.{field}" if field else "portfolio_settings"
    assert [(issue.field, issue.code) for issue in caught.value.fields] == [(where, code)]


def test_settings_survive_json() -> None:
    settings = parse_settings(
        {"sources": ["uf", "seller"], "uf": {"SP": "1"}, "default": {"code": 7, "name": "x"}}
    )
    assert parse_settings(json.loads(json.dumps(dump_settings(settings)))) == settings
    assert parse_settings({}) == DEFAULTS


codes = st.sampled_from("12345678")
sellers = st.dictionaries(codes, st.tuples(st.booleans(), st.none() | codes)).map(
    lambda found: {code: Seller(code, f"n{code}", *rest) for code, rest in found.items()}
)
orders = st.lists(st.sampled_from(SOURCES), min_size=1, unique=True)


@given(
    known=sellers,
    seller=st.none() | codes,
    last=st.none() | codes,
    order=orders,
    uf=st.none() | st.just("SP"),
)
def test_every_company_is_in_one_portfolio_of_an_active_known_seller_or_in_the_default(
    known: dict[str, Seller], seller: str | None, last: str | None, order: list[str], uf: str | None
) -> None:
    settings = parse_settings({"sources": order, "uf": {"SP": "1"} if "uf" in order else {}})
    found = assign(Facts(seller, last, uf), known, settings)
    if found.source == "default":
        assert len(found.why) == len(order) + 1
    else:
        assert known[found.code].active
        assert found.source == order[len(found.why) - 1]
    if seller in known and known[seller].active and order[0] == "seller":
        assert found.code == seller
