"""Doubled rows: records that are one and the same under different keys.

Two kinds are told: what law or business gives only once (an access key, a CNPJ, a CPF) is there twice; or two
records differ in nothing but their number, down to the moment of their last change.
"""

import json
import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

from .tables import UPDATED_AT

_NUMBER: Final = {
    **dict.fromkeys(("vendedor", "fornecedor", "empresa", "contato"), "codigo"),
    **dict.fromkeys(("cotacao", "pedido", "nota", "fatura"), "numero"),
    **dict.fromkeys(("itens_cotacao", "itens_pedido", "itens_nota"), "item"),
}
"""The field that a doubled row may differ in; empresa_marca is nothing but a relation."""
UNIQUE: Final = {"nota": "chave_acesso", "empresa": "cnpj", "fornecedor": "cnpj", "contato": "cpf"}
MARK_DIGITS: Final = 16
_SIGNS: Final = re.compile(r"[^0-9A-Z]")


def marks(table: str, record: Mapping[str, Any]) -> list[str]:
    """Give what a record has in common with its doubles, as marks of MARK_DIGITS hexadecimal digits."""
    found = []
    name = UNIQUE.get(table)
    value = _SIGNS.sub("", str(record[name]).upper()) if name and record.get(name) else ""
    if value.strip("0"):
        found.append(_mark(f"{name}:{value}"))
    own = _NUMBER.get(table)
    if own and record.get(UPDATED_AT):
        rest = {field: one for field, one in record.items() if field != own}
        found.append(_mark(json.dumps(rest, ensure_ascii=False, sort_keys=True)))
    return found


def _mark(text: str) -> str:
    return blake2b(text.encode(), digest_size=MARK_DIGITS // 2).hexdigest()
