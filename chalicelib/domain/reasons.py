"""Why something was decided: a code and parameters here, the sentence in `i18n/reasons.json`.

Parameters are raw text: decimals with a point, dates `YYYY-MM-DD`. How to show them follows from
their names (`MONEY`, `DATES`, `PERCENTAGES`; anything else is shown as it is).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

MONEY: Final = frozenset(
    {"old_revenue", "new_revenue", "limit_revenue", "overdue", "min_balance", "max_balance"}
)
DATES: Final = frozenset({"date", "window_start"})
PERCENTAGES: Final = frozenset({"cut_a", "cut_b"})

_MOVED: Final = ("old_revenue", "new_revenue", "limit_class", "limit_revenue")
_SAME: Final = ("new_revenue", "limit_class", "limit_revenue")


def _ranges(stem: str, fact: str, low: str, high: str) -> dict[str, tuple[str, ...]]:
    return {
        f"{stem}_min": (fact, low),
        f"{stem}_max": (fact, high),
        f"{stem}_range": (fact, low, high),
    }


CODES: Final[Mapping[str, tuple[str, ...]]] = {
    # why a client changed ABC class
    "first_purchase": ("new_revenue",),
    "bought_again": ("new_revenue",),
    "left_window": ("date", "window_start"),
    "revenue_reversed": ("old_revenue", "new_revenue"),
    "revenue_rose": _MOVED,
    "revenue_fell": _MOVED,
    "others_moved": _SAME,
    "others_moved_more": _MOVED,
    "cuts_changed": (*_SAME, "cut_a", "cut_b"),
    # why a client has its ABC class
    "class_a": ("new_revenue", "cut_a"),
    "class_b": ("new_revenue", "cut_a", "cut_b"),
    "class_c": ("new_revenue", "cut_b"),
    "class_none": ("new_revenue",),
    # why a company has its category
    "category_abc_class": ("abc_class",),
    "category_no_abc_class": (),
    **_ranges("category_last_purchase", "date", "min_days", "max_days"),
    **_ranges("category_first_purchase", "date", "min_days", "max_days"),
    **_ranges("category_purchases", "purchases", "min", "max"),
    **_ranges("category_overdue", "overdue", "min_balance", "max_balance"),
    "category_segmento": ("segmento",),
    "category_uf": ("uf",),
    "category_has_purchased": ("purchases",),
    "category_never_purchased": (),
    "category_default": ("name",),
    # why a company is in its portfolio, and why it is in no better one
    "portfolio_seller": ("code", "name"),
    "portfolio_seller_none": (),
    "portfolio_seller_unknown": ("code",),
    "portfolio_seller_inactive": ("code", "name"),
    "portfolio_last_seller": ("code", "name"),
    "portfolio_last_seller_none": (),
    "portfolio_last_seller_unknown": ("code",),
    "portfolio_last_seller_inactive": ("code", "name"),
    "portfolio_supervisor": ("code", "name", "below"),
    "portfolio_supervisor_none": (),
    "portfolio_uf": ("code", "name", "uf"),
    "portfolio_uf_none": (),
    "portfolio_uf_unmapped": ("uf",),
    "portfolio_uf_unavailable": ("code", "uf"),
    "portfolio_default": ("name",),
    # why a setting was refused
    "schedule_time_invalid": ("value",),
    "schedule_timezone_unknown": ("value",),
    "abc_cuts_invalid": ("cut_a", "cut_b"),
    "setting_unknown": ("name",),
    "setting_wrong_type": (),
    "setting_empty_list": (),
    "setting_too_many": ("count", "limit"),
    "rule_without_conditions": (),
    "rule_name_repeated": ("name",),
    "range_empty": (),
    "range_reversed": ("min", "max"),
    "state_unknown": ("value",),
    "portfolio_source_repeated": ("source",),
    "portfolio_states_missing": (),
    "portfolio_states_unused": (),
}
"""Every code with its parameters; the catalogue has a text in each language for exactly these."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A code of the catalogue and the parameters its sentence takes."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Give the reason as JSON values."""
        return {"code": self.code, "params": dict(self.params)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Reason":
        """Read what `to_json` wrote; codes that exist no more are taken as they are."""
        return cls(stored["code"], dict(stored["params"]))


def reason(code: str, /, **params: str) -> Reason:
    """Build a reason; a code or parameter that the catalogue lacks is our mistake (AssertionError)."""
    if set(params) != set(CODES.get(code, ())) or code not in CODES:
        raise AssertionError(f"{code!r} takes {CODES.get(code)}, got {sorted(params)}")
    return Reason(code, params)
