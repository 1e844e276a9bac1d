"""Revenue and ABC classes as the contract words them, worked out anew from the records that the ERP sent.

Shares no code with the product, and computes in fractions, so that no rounding can agree by chance.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

Record = Mapping[str, Any]
Client = tuple[str, str]
"""(kind, codigo)."""


@dataclass(frozen=True)
class Verdict:
    """What an analysis must find: revenue and class of every client, and the sum of all revenues."""

    total: Decimal
    revenue: dict[Client, Decimal]
    classes: dict[Client, str]


@dataclass
class Erp:
    """The ERP's own books: what it would say that it holds after everything it sent."""

    tables: dict[str, dict[tuple[Any, ...], Record]] = field(default_factory=dict)

    def send(self, table: str, records: Iterable[Record]) -> None:
        """Note records in the order in which they are sent; the last word on a key counts."""
        held = self.tables.setdefault(table, {})
        for record in records:
            key = tuple(record[name] for name in _KEYS[table])
            if record.get("excluido"):
                held.pop(key, None)
            else:
                held[key] = record

    def verdict(self, as_of: date, months: int = 24, a: str = "80", b: str = "95") -> Verdict:
        """Say what an analysis of what is held now must find."""
        known = [(kind, key[0]) for kind in ("empresa", "contato") for key in self.tables.get(kind, {})]
        notas = list(self.tables.get("nota", {}).values())
        owing = [client_of(one) for one in self.tables.get("fatura", {}).values()]
        clients = [*known, *owing, *map(client_of, notas)]
        revenue = {client: revenue_of(client, notas, as_of, months) for client in clients}
        whole = sum(revenue.values(), Fraction(0))
        return Verdict(
            total=_decimal(whole),
            revenue={client: _decimal(value) for client, value in revenue.items()},
            classes=classes_of(revenue, a, b),
        )


_KEYS = {
    "vendedor": ("codigo",),
    "empresa": ("codigo",),
    "contato": ("codigo",),
    "nota": ("numero", "serie"),
    "fatura": ("numero", "parcela"),
}


def client_of(record: Record) -> Client:
    """Name the client of a document; one with both codes is the company's."""
    if record.get("empresa_codigo"):
        return "empresa", record["empresa_codigo"]
    return "contato", record["contato_codigo"]


def revenue_of(client: Client, notas: Iterable[Record], as_of: date, months: int) -> Fraction:
    """Add up the client's authorised notas of the window: sales minus returns."""
    first = back(as_of, months)
    revenue = Fraction(0)
    for nota in notas:
        issued = date.fromisoformat(nota["emitida_em"])
        if client_of(nota) == client and nota["situacao"] == "autorizada" and first <= issued <= as_of:
            value = Fraction(str(nota["valor_total"]))
            revenue += -value if nota.get("tipo") == "devolucao" else value
    return revenue


def classes_of(revenue: Mapping[Client, Fraction], a: str = "80", b: str = "95") -> dict[Client, str]:
    """Give each client its class by the share accumulated before it."""
    whole = sum((value for value in revenue.values() if value > 0), Fraction(0))
    classes, before = {}, Fraction(0)
    for client in sorted(revenue, key=lambda one: (-revenue[one], f"{one[0]}|{one[1]}")):
        if revenue[client] <= 0:
            classes[client] = "-"
            continue
        percent = before / whole * 100
        classes[client] = "A" if percent < Fraction(a) else "B" if percent < Fraction(b) else "C"
        before += revenue[client]
    return classes


def back(day: date, months: int) -> date:
    """Go back that many months, to the same day or the month's last."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _decimal(value: Fraction) -> Decimal:
    """Write exactly: the sums of decimals have a finite decimal expansion of at most six places."""
    millionths = value * 1_000_000
    assert millionths.denominator == 1
    return Decimal(f"{millionths.numerator}e-6")
