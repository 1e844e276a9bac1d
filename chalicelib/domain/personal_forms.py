"""The forms in which CPFs, e-mail addresses and phone numbers are written, and how they look when hidden.

What is hidden keeps its shape and two digits, or the first letter of an address: enough to recognise what
one knows already. Masking what is masked changes nothing. Every pattern is linear in the length of the text.
"""

import re
from collections.abc import Callable
from typing import Final

from .documents import cnpj_ok, cpf_ok

_DIGITS: Final = re.compile(r"\d")
_CHARACTERS: Final = re.compile(r"\d|[^\W\d_]")
_FEW_DIGITS: Final = 8
_MOST_PASSES: Final = 4
_TELLING_DIGITS: Final = 5

_HINT: Final = re.compile(r"@|%40|\d[\d\s().+/,_–—\-]{6,}\d")
_LOCAL: Final = r"[\w.+\-!\#$^~*]"
_EMAIL: Final = re.compile(
    rf"""(?<!{_LOCAL})(?<!{_LOCAL}['’]){_LOCAL}++(?:['’]{_LOCAL}++)*+
    (?:(?:(?:@|%40)(?:[\w\-]++(?:\.[\w\-]++)*+|\[[\w.:]{{1,40}}\]|\Z)
         |[ ]?@[ ]?(?=[\w.\-]*[a-z])[\w\-]++(?:\.[\w\-]++)++)       # typed with spaces
       (?:{_LOCAL}++(?=@|%40))?+)++                                 # and another one right behind""",
    re.VERBOSE | re.IGNORECASE,
)
_HIDDEN_EMAIL: Final = re.compile(r".\*\*\*@\*\*\*", re.DOTALL)

# A mask ends in two digits, which must not be read together with the digits behind it.
_NO_MASK: Final = "".join(
    [rf"(?<![^@]\*{{3}}[\s.–/_\-]{{{n}}})" for n in range(4)]
    + [rf"(?<!\*[\s.–/_\-]{{{n}}}\*\*)" for n in range(1, 4)]
)
_IN_CPF: Final = r"(?:[ \t\xa0]?[.\-–—_/,][ \t\xa0]?|[ \t\xa0])?"
_CPF: Final = re.compile(
    rf"(?<!\d)0{{0,3}}\d{{3}}({_IN_CPF})\d{{3}}({_IN_CPF})\d{{3}}({_IN_CPF})\d{{2}}(?!\d)",
)
_IN_PHONE: Final = r"[\s.–—\-]{0,3}"
_PHONE: Final = re.compile(
    rf"""(?<!\d)(?:(?=\d{{3}}|\D)|{_NO_MASK})
    (?:(?:\+|00)?\s?55[\s.–\-]?)?                                                              # country
    (?:\(0?[1-9]{{2}}\){_IN_PHONE}                                                             # area
       |0?(?P<area>[1-9]{{2}})(?:[\s–+\-]{{1,3}}|\s?/\s?(?=\d[\d.\s]{{3,6}}-)|\.(?=\d{{4,5}}[.-]))?)
    (?:9{_IN_PHONE}\d{{4}}|[2-9]\d{{3}}){_IN_PHONE}\d{{4}}
    (?:/\d{{4,5}}-\d{{4}})*+
    (?!\d)""",
    re.VERBOSE,
)
_LOCAL_PHONE: Final = re.compile(
    r"(?<![\w*./-])(?!(?:19|20)\d\d-(?:19|20)\d\d(?!\d))"
    r"(?:9[ .]?\d{4}|[2-5]\d{3})-\d{4}(?:/\d{4,5}-\d{4})*+(?![\w/-])"
)
_LABELLED: Final = re.compile(
    r"""(?<![^\W_])
    (?:(?:tel|cel|fax|zap|wpp|whats(?:app)?|(?:tele)?fones?|celular(?:es)?)(?:_\w{1,20}|\d)?[^\w*\n]{1,6}
       (?!\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4})
       (?P<phone>\d(?:[\s().–/\-]{0,2}\d){7,12})
     |cpf(?:_\w{1,20}|\d)?[^\w*\n]{1,6}(?P<cpf>\d(?:[\s.–/\-]{0,2}\d){10}))
    (?!\d)""",
    re.VERBOSE | re.IGNORECASE,
)
_DECIMALS: Final = re.compile(r"[.,]\d{1,7}(?!\d)")
_AREAS: Final = frozenset(
    f"{first}{second}"
    for first, seconds in enumerate(
        "123456789 12478 1345678 123456789 1345 123456789 134579 123456789 123456789".split(),  # noqa: SIM905
        start=1,
    )
    for second in seconds
)
_IDENTIFIER: Final = re.compile(
    r"(?<![0-9a-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32}"
    r"|\d{4}(?: \d{4}){10})(?![0-9a-z])",
    re.IGNORECASE,
)
_LONGEST_IDENTIFIER: Final = 64
_CUT_ESCAPE: Final = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?\Z")
_CUT_DATE: Final = re.compile(r"(?:19|20)\d\d-\d{0,2}-?\d{0,2}")


def until_stable(mask: Callable[[str], str], text: str) -> str:
    """Mask until nothing more is hidden: in odd texts a mask may uncover what its neighbour looks like."""
    for _ in range(_MOST_PASSES):
        hidden = mask(text)
        if hidden == text:
            break
        text = hidden
    return text


def mask_plain(text: str, landlines: bool = True) -> str:
    """Hide personal data in text that is not percent-encoded."""
    if not _HINT.search(text):
        return text

    def phone(match: re.Match[str]) -> str:
        return match[0] if _no_phone(match, landlines) else hide(match[0])

    text = _EMAIL.sub(lambda match: f"{match[0][0]}***@***", text)
    text = _LABELLED.sub(_hidden_labelled, text)
    text = _CPF.sub(_hidden_cpf, text)
    text = _PHONE.sub(phone, text)
    return _LOCAL_PHONE.sub(lambda match: hide(match[0]), text) if landlines else text


def _hidden_labelled(match: re.Match[str]) -> str:
    number = match["phone"] or match["cpf"]
    return match[0][: -len(number)] + hide(number)


def _hidden_cpf(match: re.Match[str]) -> str:
    third = match[3].strip()
    if third == ",":  # 123.456.789,01 is an amount
        return match[0]
    usual = match[1] and match[2] and third in {"-", "–", "—"}
    digits = "".join(_DIGITS.findall(match[0]))
    if not usual and (not cpf_ok(digits[-11:]) or cnpj_ok(digits)):
        return match[0]
    return match[0] if digits == match[0] and _in_identifier(match) else hide(match[0])


def _no_phone(match: re.Match[str], landlines: bool) -> bool:
    """Tell whether what looks like a phone number is another number: only bare digits may be."""
    digits = match[0]
    if digits.isdecimal():
        if match["area"] not in _AREAS:
            return True
        if len(digits) == 10 and (not landlines or _DECIMALS.match(match.string, match.end())):
            return True
        if len(digits) == 14 and is_company(digits):
            return True
    return _in_identifier(match)


def is_company(digits: str) -> bool:
    """Tell whether these digits are a CNPJ, perhaps without its leading zeros."""
    whole = digits.zfill(14)
    return whole[8:11] == "000" and cnpj_ok(whole)


def _in_identifier(match: re.Match[str]) -> bool:
    """Tell whether these digits are part of a UUID, a hash, or an access key in groups of four."""
    start, end = match.span()
    around = max(start - _LONGEST_IDENTIFIER, 0), end + _LONGEST_IDENTIFIER
    return any(one.start() <= start < one.end() for one in _IDENTIFIER.finditer(match.string, *around))


def hide(value: str) -> str:
    """Hide a whole value: letters, and digits but for the last two of a long number."""
    if "@" in value:
        return value if _HIDDEN_EMAIL.fullmatch(value) else f"{value[0]}***@***"
    digits = len(_DIGITS.findall(value))
    hidden_before = "*" in value and digits <= 2
    kept = 2 if digits >= _FEW_DIGITS or hidden_before else 0
    seen = 0

    def hidden(match: re.Match[str]) -> str:
        nonlocal seen
        seen += match[0].isdecimal()
        return match[0] if match[0].isdecimal() and seen > digits - kept else "*"

    return _CHARACTERS.sub(hidden, value)


def hide_end(value: str) -> str:
    """Hide what a text that was cut off ends in, where that may be half of a number."""
    escape = _CUT_ESCAPE.search(value)
    whole = value[: escape.start()] if escape else value
    rest = whole.rstrip("0123456789 ().–+/-")
    end = whole[len(rest) :]
    if len(_DIGITS.findall(end)) < _TELLING_DIGITS or _CUT_DATE.fullmatch(end.strip()):
        return value
    return rest + hide(end) + value[len(whole) :]
