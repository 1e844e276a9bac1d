"""The 12 tables that ERPs deliver: fields, keys and parents. Source: the integration contract."""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Kind = Literal["text", "number_or_text", "decimal", "integer", "date", "instant", "boolean", "choice"]

UPDATED_AT = "atualizado_em"
DELETED = "excluido"
KEY_SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a table; `choices` only for kind "choice"."""

    name: str
    kind: Kind = "text"
    required: bool = False
    key: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parent:
    """A reference: the record's `fields` hold the key of a record in `table`."""

    table: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the contract; `has_client` means empresa_codigo or contato_codigo is required."""

    name: str
    fields: tuple[Field, ...]
    parents: tuple[Parent, ...] = ()
    has_client: bool = False
    key_fields: tuple[str, ...] = field(init=False, compare=False)
    """Names of the key fields, in the order in which composite keys are joined."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key_fields", tuple(one.name for one in self.fields if one.key))


def _fields(spec: str) -> tuple[Field, ...]:
    """Read the compact notation `name[:kind][*|!]`: `*` required, `!` part of the key."""
    return tuple(_field(word) for word in spec.split())


def _field(word: str) -> Field:
    key, required = word.endswith("!"), word.endswith(("!", "*"))
    name, _, kind = word.rstrip("!*").partition(":")
    if "/" in kind:
        return Field(name, "choice", required, key, tuple(kind.split("/")))
    return Field(name, _kind(kind), required, key)


def _kind(word: str) -> Kind:
    kinds: dict[str, Kind] = {
        "": "text",
        "number_or_text": "number_or_text",
        "decimal": "decimal",
        "integer": "integer",
        "date": "date",
        "boolean": "boolean",
    }
    return kinds[word]


_CLIENT = (Parent("empresa", ("empresa_codigo",)), Parent("contato", ("contato_codigo",)))
_SELLER = Parent("vendedor", ("vendedor_codigo",))
_ITEM = (
    "item:integer! produto_codigo* descricao marca "
    "quantidade:decimal* valor_unitario:decimal* valor_total:decimal*"
)

_ALL = (
    Table(
        "vendedor",
        _fields("codigo! nome* email telefone supervisor_codigo ativo:boolean"),
        (Parent("vendedor", ("supervisor_codigo",)),),
    ),
    Table(
        "fornecedor",
        _fields("codigo! razao_social* nome_fantasia cnpj email telefone cidade uf ativo:boolean"),
    ),
    Table(
        "empresa",
        _fields(
            "codigo! razao_social* nome_fantasia cnpj inscricao_estadual segmento email telefone "
            "logradouro numero bairro cidade uf cep vendedor_codigo limite_credito:decimal "
            "data_cadastro:date ativo:boolean"
        ),
        (_SELLER,),
    ),
    Table(
        "contato",
        _fields(
            "codigo! nome* cpf empresa_codigo email telefone celular cargo data_nascimento:date "
            "cidade uf vendedor_codigo ativo:boolean"
        ),
        (Parent("empresa", ("empresa_codigo",)), _SELLER),
    ),
    Table(
        "empresa_marca",
        _fields(
            "empresa_codigo! marca_codigo! marca* situacao_comercial* vendedor_codigo ultima_compra_em:date"
        ),
        (Parent("empresa", ("empresa_codigo",)), _SELLER),
    ),
    Table(
        "cotacao",
        _fields(
            "numero! empresa_codigo contato_codigo vendedor_codigo emitida_em:date* valida_ate:date "
            "situacao* valor_total:decimal*"
        ),
        (*_CLIENT, _SELLER),
        has_client=True,
    ),
    Table(
        "itens_cotacao",
        _fields(f"cotacao_numero! {_ITEM}"),
        (Parent("cotacao", ("cotacao_numero",)),),
    ),
    Table(
        "pedido",
        _fields(
            "numero! empresa_codigo contato_codigo vendedor_codigo cotacao_numero emitido_em:date* "
            "entrega_prevista_em:date situacao* valor_total:decimal*"
        ),
        (*_CLIENT, _SELLER, Parent("cotacao", ("cotacao_numero",))),
        has_client=True,
    ),
    Table("itens_pedido", _fields(f"pedido_numero! {_ITEM}"), (Parent("pedido", ("pedido_numero",)),)),
    Table(
        "nota",
        _fields(
            "numero! serie! chave_acesso empresa_codigo contato_codigo pedido_numero vendedor_codigo "
            "emitida_em:date* situacao:autorizada/cancelada/denegada* tipo:venda/devolucao "
            "valor_total:decimal*"
        ),
        (*_CLIENT, Parent("pedido", ("pedido_numero",)), _SELLER),
        has_client=True,
    ),
    Table(
        "itens_nota",
        _fields(f"nota_numero! nota_serie! {_ITEM}"),
        (Parent("nota", ("nota_numero", "nota_serie")),),
    ),
    Table(
        "fatura",
        _fields(
            "numero! parcela:number_or_text! nota_numero nota_serie empresa_codigo contato_codigo "
            "emitida_em:date vence_em:date* valor:decimal* saldo:decimal*"
        ),
        (Parent("nota", ("nota_numero", "nota_serie")), *_CLIENT),
        has_client=True,
    ),
)

TABLES: MappingProxyType[str, Table] = MappingProxyType({table.name: table for table in _ALL})
"""Every table by name, in load order: parents before children."""

NAMES: tuple[str, ...] = tuple(sorted(TABLES))
"""The 12 names in the order in which people see them."""


def join_key(table: Table, record: dict[str, object]) -> str:
    """Join the key fields of a valid record with `|`, in contract order."""
    return KEY_SEPARATOR.join(str(record[name]) for name in table.key_fields)


def client_of(record: dict[str, object]) -> str | None:
    """Name the client as "kind|codigo"; a document with both codes belongs to the empresa."""
    for kind in ("empresa", "contato"):
        code = record.get(f"{kind}_codigo")
        if code:
            return f"{kind}{KEY_SEPARATOR}{code}"
    return None


def parent_keys(table: Table, record: dict[str, object]) -> list[tuple[str, str]]:
    """List the (table, key) pairs that the record refers to; incomplete references are left out."""
    found = []
    for parent in table.parents:
        parts = [record.get(name) for name in parent.fields]
        if all(part not in (None, "") for part in parts):
            found.append((parent.table, KEY_SEPARATOR.join(str(part) for part in parts)))
    return found
