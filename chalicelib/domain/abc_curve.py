"""The ABC curve: which clients make the first 80 % of the revenue, the next 15 %, the last 5 %.

Clients with revenue above zero stand in order of revenue, highest first, then key. A client is A while
the share accumulated before it is below the first cut, B while below the second, else C; clients whose
revenue is zero or less are "-" and take no part in the curve. All comparisons are exact.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from operator import itemgetter
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel, ValidationError

from . import money
from .setting_fields import SHAPE, Amount, invalid_setting, refused

AbcClass = Literal["A", "B", "C", "-"]
CLASSES: Final[tuple[AbcClass, ...]] = get_args(AbcClass)
NO_CLASS: Final = "-"
MAX_POINTS: Final = 200
Client = tuple[str, Decimal]


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where A and B end, in percent of the revenue: 0 < a < b ≤ 100; InvalidSetting otherwise."""

    a: Decimal = Decimal(80)
    b: Decimal = Decimal(95)

    def __post_init__(self) -> None:
        finite = self.a.is_finite() and self.b.is_finite()
        if not finite or not 0 < self.a < self.b <= 100:
            raise refused("abc_cuts", "abc_cuts_invalid", cut_a=str(self.a)[:30], cut_b=str(self.b)[:30])


class CutsBody(BaseModel):
    """The cuts as sent: percents as decimals; what is left out keeps the usual 80 and 95."""

    model_config = SHAPE

    a: Amount = Decimal(80)
    b: Amount = Decimal(95)


def parse_cuts(raw: object) -> Cuts:
    """Validate cuts as sent; InvalidSetting says what is wrong."""
    try:
        body = CutsBody.model_validate(raw)
    except ValidationError as error:
        raise invalid_setting(error, under="abc_cuts") from None
    return Cuts(body.a, body.b)


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Where the classes end: the last A client and the last B client, None where a class is empty."""

    cuts: Cuts
    last_a: Client | None = None
    last_b: Client | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the boundaries as JSON values."""
        lasts = {"last_a": self.last_a, "last_b": self.last_b}
        return {
            "cut_a": format(self.cuts.a, "f"),
            "cut_b": format(self.cuts.b, "f"),
            **{name: [last[0], money.text(last[1])] for name, last in lasts.items() if last},
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Boundaries":
        """Read what `to_json` wrote."""
        cuts = Cuts(Decimal(document["cut_a"]), Decimal(document["cut_b"]))
        return cls(cuts, *(_client(document.get(name)) for name in ("last_a", "last_b")))


@dataclass(frozen=True, slots=True)
class ClassShare:
    """One class: its part of all clients, and of the revenue classified (shares are 0 to 1)."""

    abc_class: AbcClass
    customers: int
    customers_share: Decimal
    revenue: Decimal
    revenue_share: Decimal


@dataclass(frozen=True, slots=True)
class Point:
    """The best `customers_share` of the classified clients make `revenue_share` of their revenue."""

    customers_share: Decimal
    revenue_share: Decimal


@dataclass(frozen=True, slots=True)
class AbcCurve:
    """The curve of all clients.

    revenue             exact sum over all clients, negative ones included
    classified_revenue  exact sum over the clients with revenue above zero
    classes             A, B, C and "-", in this order, also when empty
    curve               from (0, 0) to (1, 1), at most 200 points; empty when nobody is classified
    """

    customers: int
    revenue: Decimal
    classified_customers: int
    classified_revenue: Decimal
    classes: tuple[ClassShare, ...]
    curve: tuple[Point, ...]
    boundaries: Boundaries

    def to_json(self) -> dict[str, Any]:
        """Give totals, classes and curve as the API shows them."""
        return {
            "totals": {
                "customers": self.customers,
                "revenue": money.text(self.revenue),
                "classified_customers": self.classified_customers,
                "classified_revenue": money.text(self.classified_revenue),
            },
            "classes": [_class_json(line) for line in self.classes],
            "curve": [
                {"customers_share": str(point.customers_share), "revenue_share": str(point.revenue_share)}
                for point in self.curve
            ],
        }


def classify(clients: Iterable[Client], cuts: Cuts | None = None) -> AbcCurve:
    """Draw the curve of (key, revenue) pairs with unique keys; holds one reference a client."""
    cuts = cuts or Cuts()
    buyers: list[Client] = []
    others: list[Decimal] = []
    for client in clients:
        if client[1] > 0:
            buyers.append(client)
        else:
            others.append(client[1])
    # Two stable sorts on plain fields cost less than one on built keys.
    buyers.sort(key=itemgetter(0))
    buyers.sort(key=itemgetter(1), reverse=True)
    with money.exact():
        return _draw(buyers, others, cuts)


def class_of(revenue: Decimal, key: str, boundaries: Boundaries) -> AbcClass:
    """Tell the class of one client by its place among the boundaries."""
    if revenue <= 0:
        return "-"
    if _not_after(boundaries.last_a, revenue, key):
        return "A"
    return "B" if _not_after(boundaries.last_b, revenue, key) else "C"


def _draw(buyers: Sequence[Client], others: Sequence[Decimal], cuts: Cuts) -> AbcCurve:
    revenues = [revenue for _, revenue in buyers]
    classified = sum(revenues, money.ZERO)
    a_end = _leading(revenues, (cuts.a * classified).scaleb(-2))
    b_end = _leading(revenues, (cuts.b * classified).scaleb(-2))
    customers, buying = len(buyers) + len(others), len(buyers)
    reached = _accumulated(revenues, _sampled(buying) | {0, a_end, b_end, buying})
    ends: list[tuple[AbcClass, int, int]] = [("A", 0, a_end), ("B", a_end, b_end), ("C", b_end, buying)]
    lines = [(name, end - start, reached[end] - reached[start]) for name, start, end in ends]
    left_out = sum(others, money.ZERO)
    return AbcCurve(
        customers=customers,
        revenue=classified + left_out,
        classified_customers=buying,
        classified_revenue=classified,
        classes=(
            *(
                ClassShare(n, count, money.share(count, customers), sum_, money.share(sum_, classified))
                for n, count, sum_ in lines
            ),
            ClassShare("-", len(others), money.share(len(others), customers), left_out, money.share(0, 1)),
        ),
        curve=tuple(
            Point(money.share(rank, buying), money.share(sum_, classified))
            for rank, sum_ in reached.items()
            if buying
        ),
        boundaries=Boundaries(
            cuts,
            last_a=buyers[a_end - 1] if a_end else None,
            last_b=buyers[b_end - 1] if b_end > a_end else None,
        ),
    )


def _leading(revenues: Iterable[Decimal], limit: Decimal) -> int:
    """Count the clients before which less than `limit` has been accumulated."""
    before, count = money.ZERO, 0
    for revenue in revenues:
        if before >= limit:
            break
        before += revenue
        count += 1
    return count


def _sampled(customers: int) -> set[int]:
    """Choose evenly spaced ranks; two fewer than fit, for the ends of A and B are points as well."""
    steps = min(customers, MAX_POINTS - 3)
    return {customers * step // steps for step in range(steps + 1)} if steps else set()


def _accumulated(revenues: Sequence[Decimal], ranks: set[int]) -> dict[int, Decimal]:
    """Tell the revenue of the first `rank` clients for each rank (0 must be among them), ascending."""
    reached = {0: money.ZERO}
    for start, end in pairwise(sorted(ranks)):
        reached[end] = sum(revenues[start:end], reached[start])
    return reached


def _not_after(last: Client | None, revenue: Decimal, key: str) -> bool:
    return last is not None and (revenue > last[1] or (revenue == last[1] and key <= last[0]))


def _client(stored: Sequence[str] | None) -> Client | None:
    return (stored[0], Decimal(stored[1])) if stored else None


def _class_json(line: ClassShare) -> dict[str, Any]:
    return {
        "class": line.abc_class,
        "customers": line.customers,
        "customers_share": str(line.customers_share),
        "revenue": money.text(line.revenue),
        "revenue_share": str(line.revenue_share),
    }
