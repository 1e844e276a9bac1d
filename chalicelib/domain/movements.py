"""Why a client has its ABC class, and why it changed, told from its revenue and the boundaries."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from . import money
from .abc_curve import CLASSES, NO_CLASS, AbcClass, Boundaries, Client, Cuts, class_of
from .reasons import CODES, Reason, reason


@dataclass(frozen=True, slots=True)
class Standing:
    """A client as one analysis left it; the boundaries are that analysis's."""

    abc_class: AbcClass
    revenue: Decimal
    boundaries: Boundaries


def class_reason(abc_class: str, revenue: Decimal, cuts: Cuts) -> Reason:
    """Tell why a client has its class."""
    shown = {
        "new_revenue": money.text(revenue),
        "cut_a": format(cuts.a, "f"),
        "cut_b": format(cuts.b, "f"),
    }
    code = f"class_{'none' if abc_class == NO_CLASS else abc_class.lower()}"
    return reason(code, **{name: shown[name] for name in CODES[code]})


def movement_reason(
    key: str,
    before: Standing | None,
    after: Standing,
    *,
    purchased_before: bool,
    last_purchase: date | None,
    window_start: date,
) -> Reason:
    """Explain a change of class; `before` is None for a client not analysed before (counts as "-").

    purchased_before  had any purchase, of whatever age, at the earlier analysis
    last_purchase     as of the later analysis
    Raises ValueError when the class did not change.
    """
    was = before.abc_class if before else NO_CLASS
    if was == after.abc_class:
        raise ValueError("the class did not change")
    if after.abc_class == NO_CLASS:
        return _lost(before, after, last_purchase, window_start)
    if before is None or was == NO_CLASS:
        code = "bought_again" if purchased_before else "first_purchase"
        return reason(code, new_revenue=money.text(after.revenue))
    return _moved(key, before, after)


def _lost(before: Standing | None, after: Standing, last_purchase: date | None, start: date) -> Reason:
    if last_purchase and last_purchase < start:
        return reason("left_window", date=last_purchase.isoformat(), window_start=start.isoformat())
    old = before.revenue if before else money.ZERO
    return reason("revenue_reversed", old_revenue=money.text(old), new_revenue=money.text(after.revenue))


def _moved(key: str, before: Standing, after: Standing) -> Reason:
    """Tell apart the client's own doing, the others' and a change of the cuts."""
    limit_class, limit_revenue = _limit(before.abc_class, after)
    now = {
        "new_revenue": money.text(after.revenue),
        "limit_class": limit_class,
        "limit_revenue": money.text(limit_revenue),
    }
    if _moved_by_itself(key, before, after):
        code = "revenue_rose" if after.revenue > before.revenue else "revenue_fell"
        return reason(code, old_revenue=money.text(before.revenue), **now)
    cuts = after.boundaries.cuts
    if cuts != before.boundaries.cuts:
        return reason("cuts_changed", cut_a=format(cuts.a, "f"), cut_b=format(cuts.b, "f"), **now)
    if after.revenue == before.revenue:
        return reason("others_moved", **now)
    return reason("others_moved_more", old_revenue=money.text(before.revenue), **now)


def _moved_by_itself(key: str, before: Standing, after: Standing) -> bool:
    """Tell whether the new revenue, held against the old boundaries, already moves the client that way."""
    alone = _rank(class_of(after.revenue, key, before.boundaries)) - _rank(before.abc_class)
    moved = _rank(after.abc_class) - _rank(before.abc_class)
    return alone * moved > 0


def _limit(was: AbcClass, after: Standing) -> tuple[AbcClass, Decimal]:
    """Find the line that was crossed: the last client of the better side's lowest class today."""
    boundaries = after.boundaries
    lasts: dict[AbcClass, Client | None] = {"A": boundaries.last_a, "B": boundaries.last_b}
    rose = _rank(after.abc_class) < _rank(was)
    lowest = _rank(after.abc_class) if rose else _rank(after.abc_class) - 1
    for name in reversed(CLASSES[: lowest + 1]):
        if last := lasts.get(name):
            return name, last[1]
    raise ValueError("the boundaries do not fit the class")


def _rank(abc_class: AbcClass) -> int:
    return CLASSES.index(abc_class)
