"""Categories of companies: ordered rules, the first that matches names the category.

A rule's conditions must all hold. A condition over days never holds for a company without purchases.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Final
from unicodedata import combining, normalize

from pydantic import BaseModel, Field, ValidationError, model_validator

from . import money
from .abc_curve import CLASSES, NO_CLASS, AbcClass
from .purchases import Purchases, overdue_balance
from .reasons import Reason, reason
from .setting_fields import SHAPE, Amount, Flag, Label, State, Whole, invalid_setting, refusal
from .validation import STATES

MAX_RULES: Final = 50
MAX_CHOICES: Final = 100


class _Limits(BaseModel):
    """An inclusive range that is open on at most one side."""

    model_config = SHAPE

    @model_validator(mode="after")
    def _ordered(self) -> "_Limits":
        low, high = getattr(self, "min", None), getattr(self, "max", None)
        if low is None and high is None:
            raise refusal("range_empty")
        if low is not None and high is not None and low > high:
            raise refusal("range_reversed", min=str(low), max=str(high))
        return self


class WholeRange(_Limits):
    """A range of days or of purchases."""

    min: Whole | None = None
    max: Whole | None = None


class AmountRange(_Limits):
    """A range of money, in reais."""

    min: Amount | None = None
    max: Amount | None = None


class Conditions(BaseModel):
    """What a rule asks of a company; conditions left out are not asked."""

    model_config = SHAPE

    abc_class: Annotated[tuple[AbcClass, ...], Field(min_length=1, max_length=len(CLASSES))] | None = None
    days_since_last_purchase: WholeRange | None = None
    days_since_first_purchase: WholeRange | None = None
    purchases: WholeRange | None = None
    has_purchased: Flag | None = None
    overdue_balance: AmountRange | None = None
    segmento: Annotated[tuple[Label, ...], Field(min_length=1, max_length=MAX_CHOICES)] | None = None
    uf: Annotated[tuple[State, ...], Field(min_length=1, max_length=len(STATES))] | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> "Conditions":
        if all(value is None for _, value in self):
            raise refusal("rule_without_conditions")
        return self


class Rule(BaseModel):
    """A category and when a company belongs to it."""

    model_config = SHAPE

    name: Label
    when: Conditions


class CategoryRules(BaseModel):
    """All rules, in order, and the category of a company that none of them matches."""

    model_config = SHAPE

    rules: Annotated[tuple[Rule, ...], Field(max_length=MAX_RULES)]
    default: Label

    @model_validator(mode="after")
    def _unique(self) -> "CategoryRules":
        seen: set[str] = set()
        for name in (*(rule.name for rule in self.rules), self.default):
            if folded(name) in seen:
                raise refusal("rule_name_repeated", name=name)
            seen.add(folded(name))
        return self


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at in a company; `overdue` is the balance overdue at `as_of`."""

    as_of: date
    abc_class: AbcClass = NO_CLASS
    purchases: int = 0
    first_purchase: date | None = None
    last_purchase: date | None = None
    overdue: Decimal = money.ZERO
    segmento: str | None = None
    uf: str | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """A company's category; `rule_index` is None for the default.

    `why` has one reason a condition. It names dates, not ages, so it changes only when a fact does.
    """

    name: str
    rule_index: int | None
    why: tuple[Reason, ...]


def parse_rules(raw: object) -> CategoryRules:
    """Validate rules as sent; InvalidSetting lists everything that is wrong with them."""
    try:
        return CategoryRules.model_validate(raw)
    except ValidationError as error:
        raise invalid_setting(error, under="category_rules") from None


def dump_rules(rules: CategoryRules) -> dict[str, Any]:
    """Give rules as the JSON values that `parse_rules` takes."""
    return rules.model_dump(mode="json", exclude_none=True)


def facts_of(
    purchases: Purchases, *, as_of: date, abc_class: AbcClass, segmento: str | None, uf: str | None
) -> Facts:
    """Gather a company's facts from its metrics, class and master data."""
    return Facts(
        as_of=as_of,
        abc_class=abc_class,
        purchases=purchases.purchases,
        first_purchase=purchases.first_purchase,
        last_purchase=purchases.last_purchase,
        overdue=overdue_balance(purchases.open_by_due, as_of),
        segmento=segmento,
        uf=uf,
    )


def categorise(facts: Facts, rules: CategoryRules) -> Assignment:
    """Put a company into exactly one category and say why."""
    for index, rule in enumerate(rules.rules):
        why: list[Reason] = []
        for found in _evaluated(facts, rule.when):
            if found is None:
                break
            why.append(found)
        else:
            return Assignment(rule.name, index, tuple(why))
    return Assignment(rules.default, None, (reason("category_default", name=rules.default),))


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Reduce to what people compare: no case, no accents, single spaces ("Farmácia" = "FARMACIA")."""
    plain = "".join(letter for letter in normalize("NFKD", text) if not combining(letter))
    return " ".join(plain.casefold().split())


def _evaluated(facts: Facts, when: Conditions) -> Iterator[Reason | None]:
    """Yield one reason for each condition asked, None where it does not hold."""
    if when.abc_class is not None:
        yield _class_reason(facts.abc_class) if facts.abc_class in when.abc_class else None
    if when.days_since_last_purchase:
        yield _age("category_last_purchase", facts.last_purchase, when.days_since_last_purchase, facts.as_of)
    if when.days_since_first_purchase:
        limits = when.days_since_first_purchase
        yield _age("category_first_purchase", facts.first_purchase, limits, facts.as_of)
    if when.purchases:
        shown = {"purchases": str(facts.purchases)}
        yield _within("category_purchases", facts.purchases, when.purchases, "", shown)
    if when.has_purchased is not None:
        yield _purchased_reason(facts.purchases) if when.has_purchased == (facts.purchases > 0) else None
    if when.overdue_balance:
        shown = {"overdue": money.text(facts.overdue)}
        yield _within("category_overdue", facts.overdue, when.overdue_balance, "_balance", shown)
    if when.segmento is not None:
        matches = folded(facts.segmento or "") in {folded(choice) for choice in when.segmento}
        yield reason("category_segmento", segmento=facts.segmento or "") if matches else None
    if when.uf is not None:
        uf = (facts.uf or "").strip().upper()
        yield reason("category_uf", uf=uf) if uf in when.uf else None


def _class_reason(abc_class: AbcClass) -> Reason:
    if abc_class == NO_CLASS:
        return reason("category_no_abc_class")
    return reason("category_abc_class", abc_class=abc_class)


def _purchased_reason(purchases: int) -> Reason:
    if purchases:
        return reason("category_has_purchased", purchases=str(purchases))
    return reason("category_never_purchased")


def _age(stem: str, since: date | None, limits: WholeRange, as_of: date) -> Reason | None:
    if since is None:
        return None
    return _within(stem, (as_of - since).days, limits, "_days", {"date": since.isoformat()})


def _within(
    stem: str, value: int | Decimal, limits: WholeRange | AmountRange, unit: str, shown: dict[str, str]
) -> Reason | None:
    """Name the range's own limits in the reason, if the value is inside."""
    low, high = limits.min, limits.max
    if (low is not None and value < low) or (high is not None and value > high):
        return None
    limits_named = ((f"min{unit}", low), (f"max{unit}", high))
    asked = {name: str(limit) for name, limit in limits_named if limit is not None}
    kind = "range" if len(asked) == 2 else "min" if low is not None else "max"
    return reason(f"{stem}_{kind}", **asked, **shown)


DEFAULT_RULES: Final = parse_rules(
    {
        "rules": [
            {"name": "Sem compra", "when": {"has_purchased": False}},
            {"name": "Novo", "when": {"days_since_first_purchase": {"max": 90}}},
            {"name": "Ativo", "when": {"days_since_last_purchase": {"max": 90}}},
            {"name": "Em risco", "when": {"days_since_last_purchase": {"min": 91, "max": 180}}},
        ],
        "default": "Inativo",
    }
)
"""For a distributor whose customers buy every month or two: three months without an order is a risk."""
