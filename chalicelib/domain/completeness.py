"""Completeness: what the ERP says it has, beside what the intermediate database and the CRM have."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from . import money
from .control_totals import ControlTotal
from .tallies import UNDATED, Tally

Status = Literal["equal", "pending", "undeclared", "rejected", "different", "extra", "missing"]
STATUSES: Final[tuple[Status, ...]] = (
    "equal", "pending", "undeclared", "rejected", "different", "extra", "missing",
)  # fmt: skip
"""From the best to the worst: a table is as its worst month."""
Verdict = Literal["complete", "unproven", "incomplete"]
VERDICTS: Final[tuple[Verdict, ...]] = ("complete", "unproven", "incomplete")
"""complete: everything declared and equal. unproven: nothing is wrong, but not everything is declared."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One table's period: declared, stored, applied; `absent`: declared keys that we do not have."""

    period: str
    total: ControlTotal | None
    tally: Tally
    absent: tuple[str, ...] = ()

    @property
    def difference(self) -> int:
        """Count the records that we have more than the ERP says (less: negative)."""
        return self.tally.records - self.total.count if self.total else 0

    @property
    def amount_difference(self) -> Decimal | None:
        """Tell by how much our sum is more than the ERP's; None when it has not said."""
        if self.total is None or self.total.amount is None:
            return None
        with money.exact():
            return self.tally.amount - self.total.amount

    @property
    def status(self) -> Status:
        """Judge the period by the worst that is wrong with it."""
        if self.total is None:
            return "undeclared"
        tally, short = self.tally, -self.difference
        if short > tally.rejected:
            return "missing"
        if short < 0:
            return "extra"
        if tally.rejected:
            return "rejected"
        if short or self.absent or self.amount_difference:
            return "different"
        applied = (tally.applied, tally.applied_amount) == (tally.records, tally.amount)
        return "equal" if applied and not tally.pending else "pending"


@dataclass(frozen=True, slots=True)
class TableState:
    """A table's periods, oldest first; those without anything declared or stored are not among them."""

    table: str
    cells: tuple[Cell, ...]

    @property
    def status(self) -> Status | None:
        """Judge the table by its worst period; None when there is nothing of it, and nothing was declared."""
        return max((cell.status for cell in self.cells), key=STATUSES.index, default=None)


def compare(
    table: str,
    totals: Mapping[str, ControlTotal],
    tallies: Mapping[str, Tally],
    absent: Collection[str] = (),
) -> TableState:
    """Put what was declared of a table beside what there is; `absent`: keys of totals that we lack."""
    cells = []
    for period in sorted({*totals, *tallies}, key=lambda one: (one == UNDATED, one)):
        total = totals.get(period)
        lacking = tuple(key for key in total.keys if key in absent) if total else ()
        cells.append(Cell(period, total, tallies.get(period, _NOTHING), lacking))
    return TableState(table, tuple(cells))


_NOTHING: Final = Tally()


def verdict(statuses: Iterable[Status | None]) -> Verdict:
    """Judge an integration by its tables; one of which there is nothing, declared or stored, says nothing."""
    told = {status for status in statuses if status}
    if told - {"equal", "undeclared"}:
        return "incomplete"
    return "complete" if told == {"equal"} else "unproven"


def whole(cells: Iterable[Cell]) -> Tally:
    """Add up what there is."""
    total = Tally()
    for cell in cells:
        total += cell.tally
    return total


def declared(cells: Iterable[Cell]) -> tuple[int | None, Decimal | None]:
    """Add up what was declared: count and sum; None where nothing was."""
    totals = [cell.total for cell in cells if cell.total]
    amounts = [total.amount for total in totals if total.amount is not None]
    count = sum(total.count for total in totals) if totals else None
    return count, money.total(amounts) if amounts else None
