"""Invalid records: copies of good ones, under a key of their own, each with one clear defect."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from infra.local.erp.tables import KEYS, TABLES, Record

_TEXT = {
    "vendedor": "nome", "fornecedor": "razao_social", "empresa": "razao_social", "contato": "nome",
    "empresa_marca": "situacao_comercial", "cotacao": "situacao", "itens_cotacao": "produto_codigo",
    "pedido": "situacao", "itens_pedido": "produto_codigo", "nota": "pedido_numero",
    "itens_nota": "produto_codigo", "fatura": "nota_numero",
}  # fmt: skip
_REQUIRED = {**_TEXT, "nota": "situacao", "fatura": "vence_em"}
_DATE = {
    "empresa": "data_cadastro", "contato": "data_nascimento", "empresa_marca": "ultima_compra_em",
    "cotacao": "emitida_em", "pedido": "emitido_em", "nota": "emitida_em", "fatura": "vence_em",
}  # fmt: skip
_DECIMAL = {
    "empresa": "limite_credito", "cotacao": "valor_total", "itens_cotacao": "quantidade",
    "pedido": "valor_total", "itens_pedido": "valor_unitario", "nota": "valor_total",
    "itens_nota": "valor_total", "fatura": "saldo",
}  # fmt: skip
_BAD_DATES = ("31/02/2026", "2026-02-30", "2025-13-01", "0000-00-00", "ontem")
_BAD_DECIMALS = ("1.234,56", "NaN", "R$ 10,00", "1.2.3")
_HAVE_CLIENT = ("cotacao", "pedido", "nota", "fatura")
_ABSENT = object()


class Flaw(NamedTuple):
    """What is wrong with a record: the kind of defect and the field that has it."""

    kind: str
    field: str


def spoil(rng: Random, table: str, record: Record, number: int) -> tuple[Record, Flaw]:
    """Return a copy of the record under the `number`-th spare key with one defect, in turns."""
    options = list(_options(rng, table))
    flaw, value = options[(number + TABLES.index(table)) % len(options)]
    own = "numero" if table in ("nota", "fatura") else KEYS[table][-1]
    spoilt = {**record, own: _spare_key(own, number)}
    if flaw.kind == "no_client":
        spoilt.pop("contato_codigo", None)
    if value is _ABSENT:
        spoilt.pop(flaw.field, None)
    else:
        spoilt[flaw.field] = value
    return spoilt, flaw


def _spare_key(field: str, number: int) -> object:
    """Name a value of the key field that no good record has."""
    return 900 + number if field == "item" else f"9{number:06d}"


def _options(rng: Random, table: str) -> Iterator[tuple[Flaw, object]]:
    """List the defects that a record of the table can have, with the value that makes each."""
    yield Flaw("missing_required", _REQUIRED[table]), _ABSENT
    if table in _DECIMAL:
        yield Flaw("bad_decimal", _DECIMAL[table]), rng.choice(_BAD_DECIMALS)
    if table in _DATE:
        yield Flaw("bad_date", _DATE[table]), rng.choice(_BAD_DATES)
    yield Flaw("missing_key", rng.choice(KEYS[table])), _ABSENT
    yield Flaw("wrong_type", _TEXT[table]), rng.choice(({"valor": "A"}, ["A", "B"]))
    if table in _HAVE_CLIENT:
        yield Flaw("no_client", "empresa_codigo"), _ABSENT  # the API names the first of the two
    if table == "nota":
        yield Flaw("bad_choice", rng.choice(("situacao", "tipo"))), "pendente"
        yield Flaw("bad_access_key", "chave_acesso"), "35" + "0" * 41
    yield Flaw("too_long", _TEXT[table]), "ç" * rng.randint(4001, 4100)
    yield Flaw("null_required", _REQUIRED[table]), None
    yield Flaw("bad_instant", "atualizado_em"), rng.choice(("ontem à noite", "2026-13-01T10:00:00Z"))
    yield Flaw("bad_flag", "excluido"), "talvez"
