"""Revenue and ABC classes, computed from the notas alone, as plainly as the contract says it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from infra.local.erp.tables import Record, client_of
from infra.local.erp.trading_days import months_before

Client = tuple[str, str]  # kind, codigo


@dataclass(frozen=True)
class Abc:
    """Revenue and class of every known client, and the total of all; classes are A, B, C and -."""

    total: Decimal
    revenue: dict[Client, Decimal]
    classes: dict[Client, str]


def rank_clients(notas: Iterable[Record], clients: Iterable[Client], as_of: date, window_months: int) -> Abc:
    """Rank the clients that are known or have notas; a client without revenue is "-".

    Shares are of the sum of the positive revenues, so that they add up to 100 %.
    """
    revenue = dict.fromkeys(clients, Decimal(0))
    first = months_before(as_of, window_months)
    for nota in notas:
        client = client_of(nota)
        if client is None:
            raise ValueError(f"nota {nota['numero']} has no client")
        revenue.setdefault(client, Decimal(0))
        if nota["situacao"] == "autorizada" and first <= date.fromisoformat(nota["emitida_em"]) <= as_of:
            value = Decimal(nota["valor_total"])
            revenue[client] += -value if nota.get("tipo", "venda") == "devolucao" else value
    return Abc(sum(revenue.values(), Decimal(0)), revenue, _classify(revenue))


def _classify(revenue: dict[Client, Decimal]) -> dict[Client, str]:
    whole = sum((value for value in revenue.values() if value > 0), Decimal(0))
    before = Decimal(0)
    classes = {}
    for client, value in sorted(revenue.items(), key=lambda item: (-item[1], item[0])):
        if value <= 0:
            classes[client] = "-"
            continue
        classes[client] = "A" if before < whole * 80 / 100 else "B" if before < whole * 95 / 100 else "C"
        before += value
    return classes
