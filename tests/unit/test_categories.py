"""Category rules: how they are read, and which category a company gets and why."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.categories import (
    DEFAULT_RULES,
    MAX_RULES,
    Facts,
    categorise,
    dump_rules,
    facts_of,
    parse_rules,
)
from chalicelib.domain.purchases import Purchases
from chalicelib.domain.reasons import Reason
from chalicelib.domain.setting_fields import InvalidSetting

AS_OF = date(2026, 11, 24)


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


def buyer(first: int = 400, last: int = 30, **more: Any) -> Facts:
    return Facts(AS_OF, purchases=5, first_purchase=ago(first), last_purchase=ago(last), **more)


def matches(when: dict[str, Any], facts: Facts) -> bool:
    rules = parse_rules({"rules": [{"name": "yes", "when": when}], "default": "no"})
    return categorise(facts, rules).name == "yes"


@pytest.mark.parametrize(
    ("facts", "category"),
    [
        (Facts(AS_OF), "Sem compra"),
        (buyer(first=0, last=0), "Novo"),
        (buyer(first=90, last=90), "Novo"),
        (buyer(first=91, last=0), "Ativo"),
        (buyer(first=91, last=90), "Ativo"),
        (buyer(last=91), "Em risco"),
        (buyer(last=180), "Em risco"),
        (buyer(last=181), "Inativo"),
    ],
)
def test_the_default_rules_tell_new_active_at_risk_and_inactive_customers(
    facts: Facts, category: str
) -> None:
    assert categorise(facts, DEFAULT_RULES).name == category


def test_the_first_rule_that_matches_wins() -> None:
    rules = parse_rules(
        {
            "rules": [
                {"name": "vip", "when": {"abc_class": ["A"], "uf": ["SP"]}},
                {"name": "top", "when": {"abc_class": ["A", "B"]}},
            ],
            "default": "rest",
        }
    )
    assert categorise(buyer(abc_class="A", uf="SP"), rules).rule_index == 0
    assert categorise(buyer(abc_class="A", uf="RJ"), rules).name == "top"
    assert categorise(buyer(abc_class="C", uf="SP"), rules).rule_index is None


@pytest.mark.parametrize(
    ("when", "facts", "expected"),
    [
        ({"abc_class": ["-"]}, Facts(AS_OF), True),
        ({"days_since_last_purchase": {"min": 30}}, buyer(last=30), True),
        ({"days_since_last_purchase": {"min": 31}}, buyer(last=30), False),
        ({"days_since_last_purchase": {"max": 29}}, buyer(last=30), False),
        ({"days_since_last_purchase": {"min": 0}}, Facts(AS_OF), False),
        ({"days_since_first_purchase": {"min": 400, "max": 400}}, buyer(first=400), True),
        ({"purchases": {"max": 0}}, Facts(AS_OF), True),
        ({"purchases": {"min": 6}}, buyer(), False),
        ({"has_purchased": True}, buyer(), True),
        ({"has_purchased": True}, Facts(AS_OF), False),
        ({"has_purchased": False}, Facts(AS_OF), True),
        ({"overdue_balance": {"min": "0.01"}}, buyer(overdue=Decimal("0.01")), True),
        ({"overdue_balance": {"min": "0.01"}}, buyer(), False),
        ({"overdue_balance": {"max": "10"}}, buyer(overdue=Decimal("10.01")), False),
        ({"segmento": ["FARMACIA"]}, buyer(segmento=" Farmácia "), True),
        ({"segmento": ["FARMACIA"]}, buyer(segmento="Padaria"), False),
        ({"segmento": ["FARMACIA"]}, buyer(), False),
        ({"uf": ["sp", "RJ"]}, buyer(uf="SP"), True),
        ({"uf": ["SP"]}, buyer(), False),
    ],
)
def test_a_condition_holds_or_not(when: dict[str, Any], facts: Facts, expected: bool) -> None:
    assert matches(when, facts) is expected


def test_an_assignment_names_the_facts_that_matched() -> None:
    when = {
        "abc_class": ["A", "B"],
        "days_since_last_purchase": {"min": 10, "max": 60},
        "purchases": {"min": 3},
        "overdue_balance": {"max": "100"},
        "segmento": ["farmacia"],
        "uf": ["SP"],
        "has_purchased": True,
    }
    rules = parse_rules({"rules": [{"name": "x", "when": when}], "default": "y"})
    facts = buyer(abc_class="B", segmento="Farmácia", uf="sp", overdue=Decimal("12.5"))
    assert categorise(facts, rules).why == (
        Reason("category_abc_class", {"abc_class": "B"}),
        Reason("category_last_purchase_range", {"date": "2026-10-25", "min_days": "10", "max_days": "60"}),
        Reason("category_purchases_min", {"purchases": "5", "min": "3"}),
        Reason("category_has_purchased", {"purchases": "5"}),
        Reason("category_overdue_max", {"overdue": "12.50", "max_balance": "100"}),
        Reason("category_segmento", {"segmento": "Farmácia"}),
        Reason("category_uf", {"uf": "SP"}),
    )


def test_the_default_says_that_no_rule_matched() -> None:
    assert categorise(buyer(last=999), DEFAULT_RULES).why == (
        Reason("category_default", {"name": "Inativo"}),
    )


def test_an_assignment_does_not_change_with_the_days_while_the_category_stays() -> None:
    today, tomorrow = (
        categorise(Facts(day, "A", 1, ago(200), ago(5)), DEFAULT_RULES)
        for day in (AS_OF, AS_OF + timedelta(days=1))
    )
    assert today == tomorrow


def test_facts_come_from_the_metrics() -> None:
    metrics = Purchases(
        purchases=2, last_purchase=ago(3), open_by_due={ago(1): Decimal(5), AS_OF: Decimal(7)}
    )
    facts = facts_of(metrics, as_of=AS_OF, abc_class="C", segmento="x", uf="SP")
    assert (facts.purchases, facts.last_purchase, facts.overdue) == (2, ago(3), Decimal(5))


def refusals(raw: object) -> set[tuple[str, str]]:
    with pytest.raises(InvalidSetting) as caught:
        parse_rules(raw)
    return {(issue.field.removeprefix("category_rules."), issue.code) for issue in caught.value.fields}


def rule(**when: Any) -> dict[str, Any]:
    return {"rules": [{"name": "x", "when": when}], "default": "y"}


@pytest.mark.parametrize(
    ("raw", "field", "code"),
    [
        (rule(abc_clas=["A"], purchases={"min": 1}), "rules.0.when.abc_clas", "setting_unknown"),
        (rule(), "rules.0.when", "rule_without_conditions"),
        (rule(uf=None), "rules.0.when", "rule_without_conditions"),
        (rule(abc_class=[]), "rules.0.when.abc_class", "setting_empty_list"),
        (rule(abc_class=["D"]), "rules.0.when.abc_class.0", "not_a_choice"),
        (rule(uf=["SP", "XX"]), "rules.0.when.uf.1", "state_unknown"),
        (rule(uf="SP"), "rules.0.when.uf", "setting_wrong_type"),
        (rule(segmento=["ok", " "]), "rules.0.when.segmento.1", "missing"),
        (rule(purchases={}), "rules.0.when.purchases", "range_empty"),
        (rule(purchases={"min": 3, "max": 2}), "rules.0.when.purchases", "range_reversed"),
        (rule(purchases={"min": "3"}), "rules.0.when.purchases.min", "not_integer"),
        (rule(purchases={"min": True}), "rules.0.when.purchases.min", "not_integer"),
        (rule(purchases={"from": 3}), "rules.0.when.purchases.from", "setting_unknown"),
        (rule(purchases={"min": -1}), "rules.0.when.purchases.min", "integer_out_of_range"),
        (rule(overdue_balance={"min": 0.1}), "rules.0.when.overdue_balance.min", "not_decimal"),
        (rule(overdue_balance={"min": "2", "max": "1.99"}), "rules.0.when.overdue_balance", "range_reversed"),
        (rule(has_purchased="yes"), "rules.0.when.has_purchased", "not_boolean"),
        ({"rules": []}, "default", "missing"),
        ({"rules": [], "default": " "}, "default", "missing"),
        ({"rules": [], "default": "x" * 61}, "default", "text_too_long"),
        ({"rules": [{"name": "x"}], "default": "y"}, "rules.0.when", "missing"),
        ({"rules": {}, "default": "y"}, "rules", "setting_wrong_type"),
        ([], "", "setting_wrong_type"),
        (None, "", "setting_wrong_type"),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_refused_at_the_place_where_it_is_wrong(raw: object, field: str, code: str) -> None:
    found = refusals(raw)
    assert found == {(field or "category_rules", code)}


@pytest.mark.parametrize("names", [("Ativo", "ATIVO", "x"), ("x", "Inatívo", "inativo")])
def test_a_category_has_one_rule_or_is_the_default(names: tuple[str, str, str]) -> None:
    *ruled, default = names
    raw = {"rules": [{"name": name, "when": {"has_purchased": True}} for name in ruled], "default": default}
    assert refusals(raw) == {("category_rules", "rule_name_repeated")}


def test_more_than_fifty_rules_are_refused() -> None:
    raw = {
        "rules": [{"name": str(n), "when": {"purchases": {"min": n}}} for n in range(MAX_RULES + 1)],
        "default": "y",
    }
    assert refusals(raw) == {("rules", "setting_too_many")}
    raw["rules"] = raw["rules"][:MAX_RULES]
    assert len(parse_rules(raw).rules) == MAX_RULES


def test_everything_wrong_is_told_at_once() -> None:
    raw = {"rules": [{"name": "", "when": {"uf": ["XX"], "colour": 1}}], "extra": 1}
    assert len(refusals(raw)) == 5


def test_rules_survive_json() -> None:
    raw = rule(
        overdue_balance={"min": "0.10"}, uf=["SP"], has_purchased=False, days_since_first_purchase={"max": 3}
    )
    for rules in (DEFAULT_RULES, parse_rules(raw)):
        assert parse_rules(json.loads(json.dumps(dump_rules(rules)))) == rules
    assert dump_rules(parse_rules(raw))["rules"][0]["when"]["overdue_balance"] == {"min": "0.1"}


days = st.one_of(st.none(), st.integers(0, 800).map(ago))


@given(purchases=st.integers(0, 9), first=days, last=days, overdue=st.decimals(0, 9999, places=2))
def test_every_company_gets_exactly_one_known_category(
    purchases: int, first: date | None, last: date | None, overdue: Decimal
) -> None:
    found = categorise(Facts(AS_OF, "B", purchases, first, last, overdue), DEFAULT_RULES)
    names = [rule.name for rule in DEFAULT_RULES.rules]
    assert found.name == (DEFAULT_RULES.default if found.rule_index is None else names[found.rule_index])
    assert found.why
