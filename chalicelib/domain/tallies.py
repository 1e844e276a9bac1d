"""How many records, and of what amount, a table has in each month: what completeness is proved with.

A document counts in the month of its own date. Tables without a date of their own, and refused records whose
date cannot be read, count as a whole, in the period UNDATED.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from . import money

if TYPE_CHECKING:
    from .staging import Staged

UNDATED: Final = "-"
"""The period of everything that has no month; months are "YYYY-MM"."""


@dataclass(frozen=True, slots=True)
class Measure:
    """The date field whose month a table's records count in, and the field that is added up, if any."""

    date: str | None = None
    amount: str | None = None


MEASURES: Final[Mapping[str, Measure]] = {
    "cotacao": Measure("emitida_em", "valor_total"),
    "pedido": Measure("emitido_em", "valor_total"),
    "nota": Measure("emitida_em", "valor_total"),
    "fatura": Measure("vence_em", "valor"),
    "itens_cotacao": Measure(amount="valor_total"),
    "itens_pedido": Measure(amount="valor_total"),
    "itens_nota": Measure(amount="valor_total"),
}
_NOTHING: Final = Measure()
NONE: Final = Decimal(0)


def measure_of(table: str) -> Measure:
    """Tell what a table is measured by."""
    return MEASURES.get(table, _NOTHING)


@dataclass(frozen=True, slots=True)
class Tally:
    """A table's account of one period, or how something moves it.

    records, amount          live records of the intermediate database, and the sum of their amount field
    pending                  changes that no run has applied yet
    rejected                 records in quarantine
    applied, applied_amount  records that the CRM has, and their sum, as runs have applied them
    """

    records: int = 0
    amount: Decimal = NONE
    pending: int = 0
    rejected: int = 0
    applied: int = 0
    applied_amount: Decimal = NONE

    def __add__(self, other: "Tally") -> "Tally":
        with money.exact():
            return Tally(
                self.records + other.records,
                self.amount + other.amount,
                self.pending + other.pending,
                self.rejected + other.rejected,
                self.applied + other.applied,
                self.applied_amount + other.applied_amount,
            )

    def settled(self) -> "Tally":
        """Give what changes when a run has applied this: the CRM has it, and it waits no longer."""
        return Tally(pending=-self.pending, applied=self.records, applied_amount=self.amount)


Tallies = Mapping[str, Tally]
"""Tallies by period."""


def joined(many: Iterable[Tallies]) -> dict[str, Tally]:
    """Add tallies up, period by period; what comes to nothing is left out."""
    sums: dict[str, list[Any]] = {}
    with money.exact():
        for tallies in many:
            for period, tally in tallies.items():
                parts = [getattr(tally, name) for name in _FIELDS]
                so_far = sums.get(period)
                sums[period] = (
                    [one + other for one, other in zip(so_far, parts, strict=True)] if so_far else parts
                )
    return {period: Tally(*parts) for period, parts in sums.items() if any(parts)}


_FIELDS: Final = ("records", "amount", "pending", "rejected", "applied", "applied_amount")
_AMOUNTS: Final = frozenset({"amount", "applied_amount"})


def to_json(tallies: Tallies) -> dict[str, list[str]]:
    """Write tallies so that they can be kept as JSON."""
    return {period: [str(getattr(one, name)) for name in _FIELDS] for period, one in tallies.items()}


def from_json(written: Mapping[str, Iterable[str]]) -> dict[str, Tally]:
    """Read what `to_json` wrote."""
    return {period: _tally(dict(zip(_FIELDS, values, strict=True))) for period, values in written.items()}


def _tally(told: Mapping[str, str]) -> Tally:
    parsed = {name: Decimal(one) if name in _AMOUNTS else int(one) for name, one in told.items()}
    return Tally(**parsed)  # type: ignore[arg-type]


def moved(stored: "Staged | None", written: "Staged", changes: int) -> dict[str, Tally]:
    """Work out how replacing `stored` by `written` moves the table's tallies; `changes`: left to apply."""
    if stored and stored.live and written.live and not stored.rejection and not written.rejection:
        before, old = measured(stored.table, stored.data)
        period, new = measured(written.table, written.data)
        if before == period:  # as almost always
            with money.exact():
                one = Tally(amount=new - old, pending=changes)
            return {period: one} if one.amount or changes else {}
    same = bool(stored and stored.live and written.live and stored.data == written.data)
    sides = [] if same else [_live(stored, -1), _live(written, 1)]
    sides += [_refused(stored, -1), _refused(written, 1)]
    if changes:
        shown = written if written.live or stored is None or not stored.live else stored
        sides.append({measured(shown.table, shown.data)[0]: Tally(pending=changes)})
    return joined(sides)


def _live(staged: "Staged | None", sign: int) -> dict[str, Tally]:
    if staged is None or not staged.live:
        return {}
    period, amount = measured(staged.table, staged.data)
    return {period: Tally(records=sign, amount=sign * amount)}


def _refused(staged: "Staged | None", sign: int) -> dict[str, Tally]:
    if staged is None or not staged.rejection:
        return {}
    return {refused_in(staged): Tally(rejected=sign)}


def refused_in(staged: "Staged") -> str:
    """Tell the period in which a refused record counts: its valid version's, else what it says of itself."""
    told = staged.data if staged.live else staged.rejection.raw if staged.rejection else ""
    return measured(staged.table, told)[0]


def measured(table: str, data: str) -> tuple[str, Decimal]:
    """Read a record's period and amount from its JSON, whatever that is."""
    measure = measure_of(table)
    if measure is _NOTHING or not data:
        return UNDATED, NONE
    try:
        record = json.loads(data)
    except ValueError:
        return UNDATED, NONE
    if not isinstance(record, dict):
        return UNDATED, NONE
    return period_of(measure, record), amount_of(measure, record)


def period_of(measure: Measure, record: Mapping[str, Any]) -> str:
    """Tell in which month a record counts."""
    date = record.get(measure.date) if measure.date else None
    return date[:7] if isinstance(date, str) and _is_date(date) else UNDATED


def _is_date(value: str) -> bool:
    """Tell whether a value has the shape of a date from the years that dates may have."""
    if len(value) != 10 or value[4] != "-" or value[7] != "-":
        return False
    year, month, day = value[:4], value[5:7], value[8:]
    if not all(part.isascii() and part.isdigit() for part in (year, month, day)):
        return False
    return "1900" <= year <= "2200" and "01" <= month <= "12" and "01" <= day <= "31"


def amount_of(measure: Measure, record: Mapping[str, Any]) -> Decimal:
    """Read a record's amount; 0 when it has none."""
    if not measure.amount:
        return NONE
    try:
        amount = Decimal(str(record.get(measure.amount)))
    except InvalidOperation:
        return NONE
    return amount if amount.is_finite() else NONE
