"""What the ERP says of itself: by table and month, how many records, their sum, and every key."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from infra.local.erp.tables import TABLES, Record
from infra.local.erp.truth import Ledger

_DATES = {"cotacao": "emitida_em", "pedido": "emitido_em", "nota": "emitida_em", "fatura": "vence_em"}
_ITEMS = ("itens_cotacao", "itens_pedido", "itens_nota")
_AMOUNTS = {**dict.fromkeys(("cotacao", "pedido", "nota", *_ITEMS), "valor_total"), "fatura": "valor"}


class Declaration(NamedTuple):
    """One table's totals, and its keys by month (None: as a whole), each with its version."""

    table: str
    totals: list[dict[str, Any]]
    keys: dict[str | None, list[dict[str, Any]]]


def declarations(ledger: Ledger) -> Iterator[Declaration]:
    """Declare what the ERP holds."""
    for table in TABLES:
        months: dict[str | None, dict[str, Record]] = {}
        for key, record in ledger.live[table].items():
            months.setdefault(_month(table, record), {})[key] = record
        yield Declaration(
            table,
            [_total(table, month, own) for month, own in months.items()],
            {month: [_version(*one) for one in own.items()] for month, own in months.items()},
        )


def _month(table: str, record: Record) -> str | None:
    return str(record[_DATES[table]])[:7] if table in _DATES else None


def _total(table: str, month: str | None, own: dict[str, Record]) -> dict[str, Any]:
    total = {"month": month, "count": len(own), "min_key": min(own), "max_key": max(own)}
    if table in _AMOUNTS:
        total["sum"] = str(sum((Decimal(str(one[_AMOUNTS[table]])) for one in own.values()), Decimal(0)))
    return total


def _version(key: str, record: Record) -> dict[str, Any]:
    changed = record.get("atualizado_em")
    return {"key": key, "atualizado_em": changed} if changed else {"key": key}
