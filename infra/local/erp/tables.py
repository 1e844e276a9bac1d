"""The 12 tables as the ERP knows them: order, keys and references."""

from typing import Any, NamedTuple

Record = dict[str, Any]
Tables = dict[str, list[Record]]
Delivery = tuple[str, list[Record]]

KEYS: dict[str, tuple[str, ...]] = {
    "vendedor": ("codigo",),
    "fornecedor": ("codigo",),
    "empresa": ("codigo",),
    "contato": ("codigo",),
    "empresa_marca": ("empresa_codigo", "marca_codigo"),
    "cotacao": ("numero",),
    "itens_cotacao": ("cotacao_numero", "item"),
    "pedido": ("numero",),
    "itens_pedido": ("pedido_numero", "item"),
    "nota": ("numero", "serie"),
    "itens_nota": ("nota_numero", "nota_serie", "item"),
    "fatura": ("numero", "parcela"),
}
TABLES = tuple(KEYS)  # parents before children


class Reference(NamedTuple):
    """Fields of a child that hold the key of a record of `parent`."""

    fields: tuple[str, ...]
    parent: str


_VENDEDOR = Reference(("vendedor_codigo",), "vendedor")
_CLIENT = (Reference(("empresa_codigo",), "empresa"), Reference(("contato_codigo",), "contato"))
_NOTA = Reference(("nota_numero", "nota_serie"), "nota")

REFERENCES: dict[str, tuple[Reference, ...]] = {
    "vendedor": (Reference(("supervisor_codigo",), "vendedor"),),
    "fornecedor": (),
    "empresa": (_VENDEDOR,),
    "contato": (Reference(("empresa_codigo",), "empresa"), _VENDEDOR),
    "empresa_marca": (Reference(("empresa_codigo",), "empresa"), _VENDEDOR),
    "cotacao": (*_CLIENT, _VENDEDOR),
    "itens_cotacao": (Reference(("cotacao_numero",), "cotacao"),),
    "pedido": (*_CLIENT, _VENDEDOR, Reference(("cotacao_numero",), "cotacao")),
    "itens_pedido": (Reference(("pedido_numero",), "pedido"),),
    "nota": (*_CLIENT, Reference(("pedido_numero",), "pedido"), _VENDEDOR),
    "itens_nota": (_NOTA,),
    "fatura": (_NOTA, *_CLIENT),
}


def join_fields(record: Record, fields: tuple[str, ...]) -> str | None:
    """Join the values of `fields` with `|`; None when one of them is absent or null."""
    values = [record.get(field) for field in fields]
    return None if None in values else "|".join(map(str, values))


def key_of(table: str, record: Record) -> str | None:
    """Return the record's key as the API writes it, or None when a part of it is missing."""
    return join_fields(record, KEYS[table])


def client_of(record: Record) -> tuple[str, str] | None:
    """Return (kind, codigo) of the client of a document; the empresa wins when both are named."""
    for kind in ("empresa", "contato"):
        codigo = record.get(f"{kind}_codigo")
        if codigo is not None:
            return kind, str(codigo)
    return None
