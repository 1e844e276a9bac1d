"""Other versions of a record: an earlier state, a later state, a deletion."""

from decimal import Decimal
from random import Random

from infra.local.erp.tables import KEYS, Record
from infra.local.erp.trading_days import shift_instant

_FIELDS = {"vendedor": "telefone", "fornecedor": "telefone", "empresa": "telefone", "contato": "celular"}
_STATES = {
    "empresa_marca": ("situacao_comercial", ("ativo", "inativo", "em negociação", "bloqueado")),
    "cotacao": ("situacao", ("aberta", "aprovada", "perdida", "em revisão")),
    "pedido": ("situacao", ("aberto", "faturado", "em separação", "em revisão")),
}


def earlier(rng: Random, table: str, record: Record) -> Record:
    """Return the record as it was one to 72 hours before; a nota was worth more, a fatura due sooner."""
    if table == "nota":
        was: Record = {"situacao": "autorizada", "valor_total": str(Decimal(record["valor_total"]) + 100)}
    elif table == "fatura":
        was = {"saldo": record["valor"], "vence_em": record["emitida_em"]}
    else:
        was = _revise(rng, table, record)
    return {
        **record,
        **was,
        "atualizado_em": shift_instant(record["atualizado_em"], minutes=-rng.randint(60, 4320)),
    }


def later(rng: Random, table: str, record: Record, *, instant: str, cancel: bool) -> Record:
    """Return the record as changed at `instant`; `cancel` lets a nota become cancelada."""
    if table == "nota" and cancel and record["situacao"] == "autorizada":
        now: Record = {"situacao": "cancelada"}
    elif table == "nota":
        now = {"vendedor_codigo": "000002" if record["vendedor_codigo"] == "000001" else "000001"}
    elif table == "fatura":
        now = {"saldo": str((Decimal(record["saldo"]) / 2).quantize(Decimal("0.01")))}
    else:
        now = _revise(rng, table, record)
    return {**record, **now, "atualizado_em": instant}


def deletion(table: str, record: Record, *, minutes: int, bare: bool) -> Record:
    """Return the record's deletion, `minutes` after it; a bare one carries nothing but the key."""
    kept = {field: record[field] for field in KEYS[table]} if bare else record
    return {
        **kept,
        "excluido": True,
        "atualizado_em": shift_instant(record["atualizado_em"], minutes=minutes),
    }


def _revise(rng: Random, table: str, record: Record) -> Record:
    """Change the one field that a person would most likely have changed."""
    if table in _STATES:
        field, states = _STATES[table]
        return {field: rng.choice([state for state in states if state != record[field]])}
    if table in _FIELDS:
        field = _FIELDS[table]
        number = (record[field] or "(11) 3000-0000").split(" r. ")[0]
        return {field: f"{number} r. {rng.randint(100, 999)}"}
    description = record["descricao"].split(" (ref. ")[0]
    return {"descricao": f"{description} (ref. {rng.randint(1000, 9999)})"}
