"""Hide CPFs, e-mail addresses and phone numbers from people who have no right to see them (LGPD).

Values of fields that hold such data are hidden whole, all other texts by the forms in `personal_forms`.
"""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, unquote

from .personal_forms import hide, is_company, mask_plain, until_stable
from .tables import TABLES

_PIECE: Final = re.compile(r'[^/?&=;,"<>\n]+')
# What must not stand in the open in a percent-encoded text, or would not be what it was.
_ENCODED: Final = re.compile(r'[%/?&=#|"\\<>\x00-\x1f\x7f-\x9f\udc80-\udcff]')


def mask_text(text: str, *, landlines: bool = True) -> str:
    """Hide personal data in free text; `landlines` are ten bare digits that may as well be a number."""
    if _POINT.fullmatch(text):
        return mask_number(text, landlines=landlines)
    return until_stable(lambda one: _mask_once(one, landlines), text)


def _mask_once(text: str, landlines: bool) -> str:
    if "%" not in text:
        return mask_plain(text, landlines)
    # Piece by piece first: the pieces that hide nothing stay as they were encoded.
    text = _PIECE.sub(lambda match: _decoded_masked(match[0], landlines), text)
    return _decoded_masked(mask_plain(text, landlines), landlines)


def _decoded_masked(text: str, landlines: bool) -> str:
    """Hide what percent-encoding conceals; a text that conceals nothing stays as it is."""
    if "%" not in text or (plain := unquote(text, errors="surrogateescape")) == text:
        return text
    hidden = mask_plain(plain, landlines)
    if hidden == plain:
        return text
    return _ENCODED.sub(lambda match: quote(match[0], safe="", errors="surrogateescape"), hidden)


_PERSONAL_PART: Final = re.compile(r"e_?mail|correio_eletronico|telefone|celular|whats|cpf|phone|fone")
_PERSONAL_WORDS: Final = frozenset({"mail", "tel", "cel", "fax", "mobile", "zap", "wpp", "ddd"})
_DOCUMENT: Final = re.compile(
    r"documentos?_?\d*|doc(?:umento)?_(?:(?:do|da)_)?(?:titular|cliente|conjuge|responsavel|contato|socio)"
)
_REFERENCE_ENDS: Final = ("codigo", "numero", "serie", "parcela", "_id", "key", "chave_acesso", "cnpj", "cep")
_REFERENCES: Final = frozenset(
    field.name
    for table in TABLES.values()
    for field in table.fields
    if field.kind not in {"text", "number_or_text"} or field.name.endswith(_REFERENCE_ENDS)
) | {"inscricao_estadual", "index", "request_id", "revenue", "overdue_balance"}


@lru_cache(maxsize=4_096)
def is_personal(name: str) -> bool:
    """Tell whether a field of this name holds a CPF, an e-mail address or a phone number."""
    plain = unicodedata.normalize("NFKD", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name))
    words = re.sub(r"[^a-z0-9_]+", "_", "".join(c for c in plain if not unicodedata.combining(c)).lower())
    return bool(_PERSONAL_PART.search(words) or _DOCUMENT.fullmatch(words)) or not _PERSONAL_WORDS.isdisjoint(
        re.split(r"[_\d]+", words)
    )


@lru_cache(maxsize=4_096)
def is_reference(name: str) -> bool:
    """Tell whether a field holds keys, numbers of documents, or amounts: ten digits are no phone there."""
    return name in _REFERENCES or name.endswith(_REFERENCE_ENDS)


def is_size(name: str) -> bool:
    """Tell whether a field of our own answers holds a number of bytes, as long as a phone number."""
    return name == "bytes" or name.endswith("_bytes")


def mask_value(value: Any, name: str = "") -> Any:
    """Hide personal data in a JSON-like value; `name` is the field that holds it."""
    personal = is_personal(name) if name else False
    if isinstance(value, str):
        return hide(value) if personal else mask_text(value, landlines=not is_reference(name))
    if isinstance(value, bool) or value is None or is_size(name):
        return value
    if isinstance(value, dict):
        return _mask_fields(value, name if personal else "")
    if isinstance(value, list | tuple):
        return [mask_value(item, name) for item in value]
    shown = str(value)
    hidden = hide(shown) if personal else mask_number(shown, name=name)
    return value if hidden == shown else hidden


def _mask_fields(value: dict[Any, Any], personal: str) -> dict[str, Any]:
    """Hide names and values; names that look alike when hidden are told apart by their number."""
    found: dict[str, Any] = {}
    for key, item in value.items():
        name = shown = mask_text(str(key))
        number = 1
        while shown in found:
            number += 1
            shown = f"{name} ({number})"
        found[shown] = mask_value(item, personal or str(key))
    return found


_POINT: Final = re.compile(r"-?\d+\.\d+", re.ASCII)
_NUMBER: Final = re.compile(
    r"-?(?P<whole>\d+)(?:\.(?P<places>\d+))?(?:[eE]\+?(?P<exponent>\d{1,3}))?", re.ASCII
)


def mask_number(number: str, *, landlines: bool = True, name: str = "") -> str:
    """Hide a JSON number whose whole value is a CPF or a phone number; one with decimals is neither."""
    match = _NUMBER.fullmatch(number)
    if not match or len(number) > 40:
        return number
    digits = match["whole"]
    if match["places"] or match["exponent"]:
        exact = Decimal(number).copy_abs()
        if exact != exact.to_integral_value():
            return number
        digits = f"{exact:f}".partition(".")[0]
    if len(digits) < 10 or (name.endswith("cnpj") and is_company(digits)):
        return number
    hidden = mask_plain(digits, landlines and not is_reference(name))
    return number if hidden == digits else hidden
