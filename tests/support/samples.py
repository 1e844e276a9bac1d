"""One record of each of the 12 tables, with every field of the contract; written down here by hand."""

from typing import Any

_INSTANT = "2026-06-30T12:00:00.000000Z"
_ITEM = {
    "item": 1,
    "produto_codigo": "P-7",
    "descricao": "Parafuso sextavado 1/4\" × 2\"",
    "marca": "Ciser",
    "quantidade": "12.5",
    "valor_unitario": "0.999999",
    "valor_total": "12.49",
}  # fmt: skip

FULL: dict[str, dict[str, Any]] = {
    "vendedor": {
        "codigo": "V1", "nome": "Ana", "email": "ana@example.com", "telefone": "11 5555-0100",
        "supervisor_codigo": "V0", "ativo": True,
    },
    "fornecedor": {
        "codigo": "F1", "razao_social": "Ferragens Ltda", "nome_fantasia": "Ferragens",
        "cnpj": "12.ABC.345/01DE-35", "email": "f@example.com", "telefone": "1", "cidade": "Curitiba",
        "uf": "PR", "ativo": False,
    },
    "empresa": {
        "codigo": "E1", "razao_social": "Loja São João", "nome_fantasia": "Loja", "cnpj": "11222333000181",
        "inscricao_estadual": "ISENTO", "segmento": "varejo", "email": "e@example.com", "telefone": "1",
        "logradouro": "Rua A", "numero": "S/N", "bairro": "Centro", "cidade": "São Paulo", "uf": "SP",
        "cep": "01000-000", "vendedor_codigo": "V1", "limite_credito": "15000", "data_cadastro": "2020-02-29",
        "ativo": True,
    },
    "contato": {
        "codigo": "C1", "nome": "Bia", "cpf": "529.982.247-25", "empresa_codigo": "E1",
        "email": "b@example.com", "telefone": "1", "celular": "2", "cargo": "Compras",
        "data_nascimento": "1980-12-31", "cidade": "Recife", "uf": "PE", "vendedor_codigo": "V1",
        "ativo": True,
    },
    "empresa_marca": {
        "empresa_codigo": "E1", "marca_codigo": "M1", "marca": "Ciser", "situacao_comercial": "ativa",
        "vendedor_codigo": "V1", "ultima_compra_em": "2026-01-02",
    },
    "cotacao": {
        "numero": "Q1", "empresa_codigo": "E1", "contato_codigo": "C1", "vendedor_codigo": "V1",
        "emitida_em": "2026-01-02", "valida_ate": "2026-02-01", "situacao": "aberta", "valor_total": "0.1",
    },
    "itens_cotacao": {"cotacao_numero": "Q1", **_ITEM},
    "pedido": {
        "numero": "P1", "empresa_codigo": "E1", "contato_codigo": "C1", "vendedor_codigo": "V1",
        "cotacao_numero": "Q1", "emitido_em": "2026-01-03", "entrega_prevista_em": "2026-01-10",
        "situacao": "faturado", "valor_total": "12.49",
    },
    "itens_pedido": {"pedido_numero": "P1", **_ITEM},
    "nota": {
        "numero": "N1", "serie": "1", "chave_acesso": "3" * 44, "empresa_codigo": "E1",
        "contato_codigo": "C1", "pedido_numero": "P1", "vendedor_codigo": "V1", "emitida_em": "2026-01-04",
        "situacao": "autorizada", "tipo": "venda", "valor_total": "12.49",
    },
    "itens_nota": {"nota_numero": "N1", "nota_serie": "1", **_ITEM},
    "fatura": {
        "numero": "D1", "parcela": "1/3", "nota_numero": "N1", "nota_serie": "1", "empresa_codigo": "E1",
        "contato_codigo": "C1", "emitida_em": "2026-01-04", "vence_em": "2026-02-04", "valor": "12.49",
        "saldo": "-0.01",
    },
}  # fmt: skip

REQUIRED = {
    "vendedor": "codigo nome",
    "fornecedor": "codigo razao_social",
    "empresa": "codigo razao_social",
    "contato": "codigo nome",
    "empresa_marca": "empresa_codigo marca_codigo marca situacao_comercial",
    "cotacao": "numero emitida_em situacao valor_total",
    "itens_cotacao": "cotacao_numero item produto_codigo quantidade valor_unitario valor_total",
    "pedido": "numero emitido_em situacao valor_total",
    "itens_pedido": "pedido_numero item produto_codigo quantidade valor_unitario valor_total",
    "nota": "numero serie emitida_em situacao valor_total",
    "itens_nota": "nota_numero nota_serie item produto_codigo quantidade valor_unitario valor_total",
    "fatura": "numero parcela vence_em valor saldo",
}

KEYS = {
    "vendedor": "V1",
    "fornecedor": "F1",
    "empresa": "E1",
    "contato": "C1",
    "empresa_marca": "E1|M1",
    "cotacao": "Q1",
    "itens_cotacao": "Q1|1",
    "pedido": "P1",
    "itens_pedido": "P1|1",
    "nota": "N1|1",
    "itens_nota": "N1|1|1",
    "fatura": "D1|1/3",
}

CLIENT_TABLES = ("cotacao", "pedido", "nota", "fatura")
"""Tables whose records belong to a client: empresa_codigo or contato_codigo."""


def full(table: str, **fields: Any) -> dict[str, Any]:
    """Build a record with every field, `atualizado_em` included."""
    return {**FULL[table], "atualizado_em": _INSTANT, **fields}


def minimal(table: str, **fields: Any) -> dict[str, Any]:
    """Build a record with nothing but what the contract requires."""
    client = ["contato_codigo"] if table in CLIENT_TABLES else []
    return {**{name: FULL[table][name] for name in [*REQUIRED[table].split(), *client]}, **fields}
