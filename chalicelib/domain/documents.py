"""Check digits of the Brazilian taxpayer numbers: CPF, and CNPJ in both of its forms.

Both end in two digits, each the weighted sum modulo 11 of all characters before it. Since July 2026
the first twelve characters of a CNPJ may be letters; a character counts as its ASCII code minus 48,
which leaves purely numeric CNPJs as they were (Receita Federal, IN RFB 2.229/2024).
"""

import re
from functools import cache
from operator import mul

_PUNCTUATION = re.compile(r"[.\-/\s]")
_CPF = re.compile(r"[0-9]{11}")
_CNPJ = re.compile(r"[0-9A-Z]{12}[0-9]{2}")
_ASCII_ZERO = ord("0")


def cpf_ok(text: str) -> bool:
    """Tell whether the CPF's check digits are right; punctuation and spaces are tolerated."""
    return _ok(_PUNCTUATION.sub("", text), _CPF, highest_weight=11)


def cnpj_ok(text: str) -> bool:
    """Tell whether the check digits of a numeric or alphanumeric CNPJ are right; case does not matter."""
    return _ok(_PUNCTUATION.sub("", text).upper(), _CNPJ, highest_weight=9)


def _ok(plain: str, shape: re.Pattern[str], highest_weight: int) -> bool:
    # 111.111.111-11 and its like add up, yet were never issued: people type them to get past a form.
    if not shape.fullmatch(plain) or len(set(plain)) == 1:
        return False
    content = plain.encode()
    return all(content[end] == _check_digit(content[:end], highest_weight) for end in (-2, -1))


def _check_digit(body: bytes, highest_weight: int) -> int:
    """Compute the digit that follows, as its ASCII code."""
    weights, surplus = _weights(len(body), highest_weight)
    rest = (sum(map(mul, body, weights)) - surplus) % 11
    return _ASCII_ZERO if rest < 2 else _ASCII_ZERO + 11 - rest


@cache
def _weights(length: int, highest_weight: int) -> tuple[tuple[int, ...], int]:
    """List weights: from the right they run 2, 3, … and start again at the top; and what ASCII adds."""
    cycle = highest_weight - 1
    weights = tuple(2 + position % cycle for position in range(length))[::-1]
    return weights, _ASCII_ZERO * sum(weights)
