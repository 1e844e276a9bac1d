"""The documents around the sales: cotações and pedidos before them, and how each is written down."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from infra.local.erp.catalogue import Brand, Product
from infra.local.erp.identifiers import draw_access_key, draw_cnpj
from infra.local.erp.sales import Buyer, Document, fill_basket
from infra.local.erp.tables import Record, Tables
from infra.local.erp.trading_days import TradingDays, draw_instant


def take_orders(rng: Random, days: TradingDays, sales: list[Document]) -> list[Document]:
    """Let 55 % of the sales come from a pedido, and link them."""
    orders = []
    for sale in sales:
        if rng.random() < 0.55:
            day = days.clamp(sale.day - timedelta(days=rng.randint(0, 12)))
            situacao = "faturado" if sale.situacao == "autorizada" else "em revisão"
            sale.source = Document(sale.buyer, day, sale.lines, situacao, sale.contato)
            orders.append(sale.source)
    return orders


def make_quotes(rng: Random, days: TradingDays, orders: list[Document]) -> list[Document]:
    """Let 30 % of the pedidos come from an approved cotação, and link them."""
    quotes = []
    for order in orders:
        if rng.random() < 0.3:
            day = days.clamp(order.day - timedelta(days=rng.randint(0, 15)))
            order.source = Document(order.buyer, day, order.lines, "aprovada", order.contato)
            quotes.append(order.source)
    return quotes


def leave_open(
    rng: Random,
    days: TradingDays,
    buyers: list[Buyer],
    shelves: dict[Brand, list[Product]],
    *,
    situacoes: tuple[str, ...],
    count: int,
) -> list[Document]:
    """Make documents that led to nothing: the recent ones may still, so they get the first situação."""
    documents = []
    for buyer in rng.choices(buyers, k=count):
        day = days.draw(rng, buyer.first, buyer.last)
        recent = (days.last - day).days < 30
        situacao = situacoes[0] if recent else rng.choice(situacoes[1:])
        documents.append(Document(buyer, day, fill_basket(rng, buyer, shelves, 200_000), situacao))
    return documents


def write_quotes(rng: Random, quotes: list[Document]) -> Tables:
    """Number the cotações by date and write them with their items."""
    records: list[Record] = []
    items: list[Record] = []
    for number, quote in enumerate(sorted(quotes, key=lambda document: document.day), start=1):
        quote.numero = f"{number:06d}"
        dates = {
            "emitida_em": quote.day.isoformat(),
            "valida_ate": (quote.day + timedelta(days=15)).isoformat(),
        }
        records.append({"numero": quote.numero, **_client(quote), **dates, **_ending(rng, quote)})
        items.extend(_items(quote, {"cotacao_numero": quote.numero}, records[-1]["atualizado_em"]))
    return {"cotacao": records, "itens_cotacao": items}


def write_orders(rng: Random, orders: list[Document]) -> Tables:
    """Number the pedidos by date and write them with their items; cotações must have numbers."""
    records: list[Record] = []
    items: list[Record] = []
    for number, order in enumerate(sorted(orders, key=lambda document: document.day), start=1):
        order.numero = f"{number:07d}"
        promised = order.day + timedelta(days=rng.randint(2, 20))
        record = {
            "numero": order.numero,
            **_client(order),
            "cotacao_numero": order.source.numero if order.source else None,
            "emitido_em": order.day.isoformat(),
            "entrega_prevista_em": promised.isoformat(),
            **_ending(rng, order),
        }
        if rng.random() < 0.01:
            record["observacao_interna"] = 'Cliente pediu "urgência"; ligar antes\nEntregar no fundo'
        records.append(record)
        items.extend(_items(order, {"pedido_numero": order.numero}, record["atualizado_em"]))
    return {"pedido": records, "itens_pedido": items}


def write_invoices(rng: Random, sales: list[Document], returns: list[Document]) -> Tables:
    """Number sales (série 1) and returns (série 2, the same range) and write them with their items."""
    issuer = draw_cnpj(rng)
    records: list[Record] = []
    items: list[Record] = []
    for documents, tipo in ((sales, "venda"), (returns, "devolucao")):
        for number, document in enumerate(documents, start=10001):
            document.numero = str(number)
            record = _invoice(rng, document, tipo, issuer)
            if tipo == "venda" and rng.random() < 0.2:
                del record["tipo"]  # the contract's default
            parent = {"nota_numero": document.numero, "nota_serie": document.serie}
            records.append(record)
            items.extend(_items(document, parent, record["atualizado_em"]))
    return {"nota": records, "itens_nota": items}


def write_money(cents: int) -> str:
    """Write cents as a decimal with two places."""
    return f"{cents // 100}.{cents % 100:02d}"


def write_client(document: Document) -> Record:
    """Name the client; a company's document may name the person who bought as well."""
    if document.buyer.kind == "contato":
        return {"contato_codigo": document.buyer.codigo}
    named = {"contato_codigo": document.contato} if document.contato else {}
    return {"empresa_codigo": document.buyer.codigo, **named}


def _client(document: Document) -> Record:
    return {**write_client(document), "vendedor_codigo": document.buyer.vendedor}


def _ending(rng: Random, document: Document) -> Record:
    return {
        "situacao": document.situacao,
        "valor_total": write_money(document.total),
        "atualizado_em": draw_instant(rng, document.day),
    }


def _invoice(rng: Random, document: Document, tipo: str, issuer: str) -> Record:
    numero, serie, day = document.numero, document.serie, document.day
    return {
        "numero": numero,
        "serie": serie,
        "chave_acesso": draw_access_key(rng, issuer_cnpj=issuer, day=day, serie=serie, numero=numero),
        **_client(document),
        "pedido_numero": document.source.numero if document.source else None,
        "emitida_em": day.isoformat(),
        "tipo": tipo,
        **_ending(rng, document),
    }


def _items(document: Document, parent: Record, updated_at: str) -> Iterator[Record]:
    for number, line in enumerate(document.lines, start=1):
        yield {
            **parent,
            "item": number,
            "produto_codigo": line.product.code,
            "descricao": line.product.description,
            "marca": line.product.brand.name,
            "quantidade": f"{line.quantity // 1000}.{line.quantity % 1000:03d}",
            "valor_unitario": write_money(line.unit_price),
            "valor_total": write_money(line.total),
            "atualizado_em": updated_at,
        }
