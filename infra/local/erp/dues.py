"""What follows from the notas: the open faturas, and how each company stands with each brand."""

from datetime import date, timedelta
from random import Random

from infra.local.erp.catalogue import BRANDS, Brand
from infra.local.erp.paperwork import write_client, write_money
from infra.local.erp.sales import Buyer, Document
from infra.local.erp.tables import Record
from infra.local.erp.trading_days import TradingDays, draw_instant

_TERMS = ((28,), (28, 56), (28, 56, 84))  # days after the nota
_STILL_OWED = 0.15  # of the instalments already due


def write_receivables(rng: Random, days: TradingDays, sales: list[Document]) -> list[Record]:
    """Split the authorised sales into instalments and write those that are not paid yet."""
    records = []
    for sale in sales:
        if sale.situacao != "autorizada":
            continue
        terms = rng.choice(_TERMS)
        amounts = [sale.total // len(terms)] * len(terms)
        amounts[-1] += sale.total - sum(amounts)
        for number, (term, amount) in enumerate(zip(terms, amounts, strict=True), start=1):
            due = sale.day + timedelta(days=term)
            if due >= days.today or rng.random() < _STILL_OWED * _recency(days, due):
                records.append(_receivable(rng, sale, number, due, amount))
    return records


def write_brand_standings(
    rng: Random, days: TradingDays, buyers: list[Buyer], sales: list[Document]
) -> list[Record]:
    """Write a standing for each brand a company bought, and for one it does not buy yet."""
    bought: dict[tuple[str, Brand], date] = {}
    for sale in sales:  # oldest first
        if sale.situacao == "autorizada" and sale.buyer.kind == "empresa":
            bought.update(((sale.buyer.codigo, line.product.brand), sale.day) for line in sale.lines)
    records = []
    for buyer in buyers:
        if buyer.kind == "empresa":
            prospect = rng.choice([brand for brand in BRANDS if brand not in buyer.brands])
            records += [
                _standing(rng, days, buyer, brand, bought.get((buyer.codigo, brand)))
                for brand in (*buyer.brands, prospect)
            ]
    return records


def _recency(days: TradingDays, due: date) -> float:
    """Weigh old debts less: they were paid or written off."""
    return max(0.05, 1 - (days.today - due).days / 120)


def _receivable(rng: Random, sale: Document, number: int, due: date, amount: int) -> Record:
    balance = amount if rng.random() < 0.9 else max(1, round(amount * rng.uniform(0.2, 0.8)))
    return {
        "numero": f"{int(sale.numero):09d}",
        "parcela": str(number),
        "nota_numero": sale.numero,
        "nota_serie": sale.serie,
        **write_client(sale),
        "emitida_em": sale.day.isoformat(),
        "vence_em": due.isoformat(),
        "valor": write_money(amount),
        "saldo": write_money(balance),
        "atualizado_em": draw_instant(rng, sale.day),
    }


def _standing(rng: Random, days: TradingDays, buyer: Buyer, brand: Brand, last: date | None) -> Record:
    if last is None:
        situacao = rng.choice(("prospect", "em negociação"))
    else:
        situacao = "ativo" if (days.today - last).days <= 180 else "inativo"
    return {
        "empresa_codigo": buyer.codigo,
        "marca_codigo": brand.code,
        "marca": brand.name,
        "situacao_comercial": situacao,
        "vendedor_codigo": buyer.vendedor,
        "ultima_compra_em": last.isoformat() if last else None,
        "atualizado_em": draw_instant(rng, last or buyer.first),
    }
