"""Exact sums of money: decimals only, with room for every digit that a total can have."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Final

ZERO: Final = Decimal("0.00")
# Fields carry at most 21 digits; a hundred hold the sum and product of any number of them exactly.
_EXACT: Final = Context(prec=100)
_FOUR_PLACES: Final = Decimal("0.0001")


def exact() -> AbstractContextManager[Context]:
    """Compute in a context in which sums and products of money are never rounded."""
    return localcontext(_EXACT)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Add up exactly; the result has at least two decimal places and does not depend on the order."""
    with exact():
        return sum(amounts, ZERO)


def text(amount: Decimal) -> str:
    """Write without exponent and with at least two decimal places: "1500.00"."""
    with exact():
        padded = amount + ZERO
        return format(padded if padded else abs(padded), "f")


def share(part: Decimal | int, whole: Decimal | int) -> Decimal:
    """Divide, rounded half up to four places; 0 when there is nothing to share."""
    with exact():
        ratio = Decimal(part) / Decimal(whole) if whole else Decimal(0)
        return ratio.quantize(_FOUR_PLACES, ROUND_HALF_UP)
