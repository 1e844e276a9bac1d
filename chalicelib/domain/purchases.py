"""What a client's documents say about its buying: revenue, purchases, open balances.

Only authorised notas count. Revenue is sales minus returns, issued from `window_months` before `as_of`
up to `as_of`, both days included. Purchases are sales, over all time up to `as_of`.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar

from . import money

AUTHORISED: Final = "autorizada"
RETURN: Final = "devolucao"
_Group = TypeVar("_Group", str, date)


@dataclass(frozen=True, slots=True)
class Nota:
    """An invoice of the client; `kind` is "venda" or "devolucao", `seller` a vendedor's codigo."""

    key: str
    issued_on: date
    status: str
    kind: str
    total: Decimal
    seller: str | None = None


@dataclass(frozen=True, slots=True)
class Receivable:
    """A fatura of the client and what is still owed on it."""

    due_on: date
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Purchases:
    """A client's metrics.

    revenue_by_month  "YYYY-MM" → the month's part of `revenue`
    open_by_due       due date → sum of the positive balances
    valid_until       first day on which the passing of time alone changes any of this (exclusive end);
                      None: never
    """

    revenue: Decimal = money.ZERO
    revenue_by_month: Mapping[str, Decimal] = field(default_factory=dict)
    purchases: int = 0
    first_purchase: date | None = None
    last_purchase: date | None = None
    last_seller: str | None = None
    open_by_due: Mapping[date, Decimal] = field(default_factory=dict)
    valid_until: date | None = None


def measure(
    notas: Iterable[Nota], receivables: Iterable[Receivable], *, as_of: date, window_months: int
) -> Purchases:
    """Compute the metrics of one client from all of its documents."""
    authorised = [nota for nota in notas if nota.status == AUTHORISED]
    issued = [nota for nota in authorised if nota.issued_on <= as_of]
    window_start = months_before(as_of, window_months)
    inside = [nota for nota in issued if nota.issued_on >= window_start]
    sales = sorted((n for n in issued if n.kind != RETURN), key=lambda n: (n.issued_on, n.key))
    by_month = _grouped((nota.issued_on.isoformat()[:7], _signed(nota)) for nota in inside)
    return Purchases(
        revenue=money.total(by_month.values()),
        revenue_by_month=by_month,
        purchases=len(sales),
        first_purchase=sales[0].issued_on if sales else None,
        last_purchase=sales[-1].issued_on if sales else None,
        last_seller=sales[-1].seller if sales else None,
        open_by_due=_grouped((r.due_on, r.balance) for r in receivables if r.balance > 0),
        valid_until=_valid_until(authorised, inside, as_of, window_months),
    )


def overdue_balance(open_by_due: Mapping[date, Decimal], as_of: date) -> Decimal:
    """Sum what was due before `as_of`; a balance due on that very day is not overdue yet."""
    return money.total(balance for due_on, balance in open_by_due.items() if due_on < as_of)


def months_before(day: date, months: int) -> date:
    """Go back whole months; a day that the month lacks becomes its last (31 March → 28 February)."""
    return _day_in_month(_month_number(day) - months, day.day)


def leaves_window_on(day: date, months: int) -> date:
    """Tell the first day whose window, `months` long, no longer holds `day`."""
    target = _month_number(day) + months
    # The day after `day`, in the target month, unless clamping would bring it back onto `day`.
    wanted = day.day + 1
    if wanted <= min(_last_day(_month_number(day)), _last_day(target)):
        return _day_in_month(target, wanted)
    return _day_in_month(target + 1, 1)


def to_json(metrics: Purchases) -> dict[str, Any]:
    """Give the metrics as JSON values, leaving out what is empty; equal metrics give equal JSON."""
    dates = {name: getattr(metrics, name) for name in ("first_purchase", "last_purchase", "valid_until")}
    document: dict[str, Any] = {
        "revenue": money.text(metrics.revenue),
        "revenue_by_month": {month: money.text(sum_) for month, sum_ in metrics.revenue_by_month.items()},
        "purchases": metrics.purchases,
        "last_seller": metrics.last_seller,
        "open_by_due": {due.isoformat(): money.text(sum_) for due, sum_ in metrics.open_by_due.items()},
        **{name: day.isoformat() for name, day in dates.items() if day},
    }
    return {name: value for name, value in document.items() if value not in (None, {})}


def from_json(document: Mapping[str, Any]) -> Purchases:
    """Read what `to_json` wrote."""
    months = document.get("revenue_by_month", {})
    open_by_due = document.get("open_by_due", {})
    return Purchases(
        revenue=Decimal(document["revenue"]),
        revenue_by_month={month: Decimal(amount) for month, amount in months.items()},
        purchases=int(document["purchases"]),
        first_purchase=_date(document.get("first_purchase")),
        last_purchase=_date(document.get("last_purchase")),
        last_seller=document.get("last_seller"),
        open_by_due={date.fromisoformat(due): Decimal(amount) for due, amount in open_by_due.items()},
        valid_until=_date(document.get("valid_until")),
    )


def _signed(nota: Nota) -> Decimal:
    return nota.total.copy_negate() if nota.kind == RETURN else nota.total


def _grouped(amounts: Iterable[tuple[_Group, Decimal]]) -> dict[_Group, Decimal]:
    """Add up per group; groups come in ascending order."""
    sums: dict[_Group, Decimal] = {}
    with money.exact():
        for group, amount in amounts:
            sums[group] = sums.get(group, money.ZERO) + amount
    return dict(sorted(sums.items()))


def _valid_until(
    authorised: Iterable[Nota], inside: Iterable[Nota], as_of: date, window_months: int
) -> date | None:
    """The oldest nota inside leaves first; one dated ahead enters on its date."""
    entering = (nota.issued_on for nota in authorised if nota.issued_on > as_of)
    leaving = (leaves_window_on(nota.issued_on, window_months) for nota in inside)
    return min((*entering, *leaving), default=None)


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _last_day(month_number: int) -> int:
    return monthrange(month_number // 12, month_number % 12 + 1)[1]


def _day_in_month(month_number: int, day: int) -> date:
    return date(month_number // 12, month_number % 12 + 1, min(day, _last_day(month_number)))


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
