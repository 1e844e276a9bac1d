"""Hide CPFs, e-mail addresses and phone numbers from people who have no right to see them (LGPD).

What is hidden keeps its shape and two digits, or the first letter of an address: enough to recognise what
one knows already. Everything else stays as it is. Masking what is masked changes nothing.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, unquote

from .documents import cpf_ok
from .tables import TABLES

_EMAIL: Final = re.compile(r"(?<![\w.+\-!#$^~*])[\w.+\-!#$^~*]++(?:@|%40)[\w\-]++(?:\.[\w\-]++)*+")
_CPF: Final = re.compile(r"(?<!\d)\d{3}([. ]?)\d{3}\1\d{3}([-. /]?)\d{2}(?!\d)")
_PHONE: Final = re.compile(
    r"""(?<![\d*])
    (?:(?:\+|00)?\s?55[\s.-]?)?                           # country
    (?:\(0?[1-9]{2}\)[\s.-]*|0?[1-9]{2}(?:[\s-]{1,3}|\.(?=\d{4,5}[.-]))?)  # area
    (?:9[\s.-]?\d{4}|[2-9]\d{3})[\s.-]{0,3}\d{4}
    (?!\d|[.,]\d)""",
    re.VERBOSE,
)
_LOCAL_PHONE: Final = re.compile(r"(?<![\w*./-])(?:9\d{4}|[2-5]\d{3})-\d{4}(?![\w/-])")
_HINT: Final = re.compile(r"@|%40|\d[\d ().+/\-\t]{6,}\d")
_DIGITS: Final = re.compile(r"\d")
_FEW_DIGITS: Final = 8


def mask_text(text: str, *, landlines: bool = True) -> str:
    """Hide personal data in free text; `landlines` are ten bare digits that may as well be a number."""
    if "%" in text and (plain := unquote(text, errors="surrogateescape")) != text:
        hidden = mask_plain(plain, landlines)
        if hidden != plain:
            return quote(hidden, safe="/*@() ", errors="surrogateescape")
    return mask_plain(text, landlines)


def mask_plain(text: str, landlines: bool = True) -> str:
    """Hide personal data in text that is not percent-encoded."""
    if not _HINT.search(text):
        return text
    text = _EMAIL.sub(_hidden_email, text)
    text = _CPF.sub(_hidden_cpf, text)
    text = _PHONE.sub(_hidden_phone(landlines), text)
    return _LOCAL_PHONE.sub(lambda match: hide(match[0]), text)


def _hidden_email(match: re.Match[str]) -> str:
    return f"{match[0][0]}***@***"


def _hidden_cpf(match: re.Match[str]) -> str:
    usual = match[1] == "." and match[2] == "-"
    return hide(match[0]) if usual or cpf_ok("".join(_DIGITS.findall(match[0]))) else match[0]


def _hidden_phone(landlines: bool) -> Callable[[re.Match[str]], str]:
    def hidden(match: re.Match[str]) -> str:
        bare = match[0].isdecimal()
        return match[0] if bare and len(match[0]) == 10 and not landlines else hide(match[0])

    return hidden


def hide(value: str) -> str:
    """Hide a whole value: letters, and digits but for the last two of a long number."""
    if "@" in value:
        return value if value.endswith("***@***") else f"{value[0]}***@***"
    digits = len(_DIGITS.findall(value))
    hidden_before = "*" in value and digits <= 2
    kept = 2 if digits >= _FEW_DIGITS or hidden_before else 0
    seen = 0

    def hidden(match: re.Match[str]) -> str:
        nonlocal seen
        seen += match[0].isdecimal()
        return match[0] if match[0].isdecimal() and seen > digits - kept else "*"

    return re.sub(r"\d|[^\W\d_]", hidden, value)


_PERSONAL_PART: Final = re.compile(r"e_?mail|telefone|celular|whats|cpf|phone|fone")
_PERSONAL_WORDS: Final = frozenset({"mail", "tel", "cel", "fax", "mobile", "zap", "ddd"})
_REFERENCE_ENDS: Final = ("codigo", "numero", "serie", "parcela", "_id", "key", "chave_acesso", "cnpj", "cep")
_REFERENCES: Final = frozenset(
    field.name
    for table in TABLES.values()
    for field in table.fields
    if field.kind not in {"text", "number_or_text"} or field.name.endswith(_REFERENCE_ENDS)
) | {"inscricao_estadual", "index", "request_id"}


@lru_cache(maxsize=4_096)
def is_personal(name: str) -> bool:
    """Tell whether a field of this name holds a CPF, an e-mail address or a phone number."""
    plain = unicodedata.normalize("NFKD", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name))
    words = re.sub(r"[^a-z0-9_]+", "_", "".join(c for c in plain if not unicodedata.combining(c)).lower())
    return bool(_PERSONAL_PART.search(words)) or not _PERSONAL_WORDS.isdisjoint(re.split(r"[_\d]+", words))


def is_reference(name: str) -> bool:
    """Tell whether a field holds keys, numbers of documents, or amounts: ten digits are no phone there."""
    return name in _REFERENCES or name.endswith(_REFERENCE_ENDS)


def mask_value(value: Any, name: str = "") -> Any:
    """Hide personal data in a JSON-like value; `name` is the field that holds it."""
    personal = is_personal(name) if name else False
    if isinstance(value, str):
        return hide(value) if personal else mask_text(value, landlines=not is_reference(name))
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, dict):
        inner = name if personal else ""
        return {mask_text(str(key)): mask_value(item, inner or str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask_value(item, name) for item in value]
    shown = str(value)
    hidden = hide(shown) if personal else mask_number(shown)
    return value if hidden == shown else hidden


def mask_number(digits: str) -> str:
    """Hide a JSON number that is a CPF or a mobile number."""
    return mask_text(digits, landlines=False) if digits.isdecimal() and len(digits) >= 11 else digits
