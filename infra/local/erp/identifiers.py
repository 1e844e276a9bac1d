"""Brazilian identifiers with right check digits: CNPJ, CPF and the access key of a nota."""

from collections.abc import Sequence
from datetime import date
from random import Random

_DIGITS = "0123456789"
_ALPHANUMERIC = _DIGITS + "ABCDEGHJKLMNPRSTVWXYZ"
_CNPJ_WEIGHTS = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_CPF_WEIGHTS = (11, 10, 9, 8, 7, 6, 5, 4, 3, 2)
_ACCESS_KEY_WEIGHTS = tuple(2 + place % 8 for place in reversed(range(43)))


def check_digit(text: str, weights: Sequence[int]) -> str:
    """Return the modulo-11 check digit; a character is worth ord - 48, so letters count too."""
    rest = sum((ord(char) - 48) * weight for char, weight in zip(text, weights, strict=True)) % 11
    return "0" if rest < 2 else str(11 - rest)


def draw_cnpj(rng: Random, *, alphanumeric: bool = False) -> str:
    """Draw the 14 characters of a head office's CNPJ; alphanumeric ones exist since July 2026."""
    if alphanumeric:
        root = rng.choice(_ALPHANUMERIC[10:]) + "".join(rng.choices(_ALPHANUMERIC, k=7))
    else:
        root = "".join(rng.choices(_DIGITS, k=8))
    base = f"{root}0001"
    base += check_digit(base, _CNPJ_WEIGHTS[1:])
    return base + check_digit(base, _CNPJ_WEIGHTS)


def draw_cpf(rng: Random) -> str:
    """Draw the 11 digits of a CPF."""
    base = "".join(rng.choices(_DIGITS, k=9))
    base += check_digit(base, _CPF_WEIGHTS[1:])
    return base + check_digit(base, _CPF_WEIGHTS)


def spoil_check_digit(document: str) -> str:
    """Return the document with a wrong last digit, as a typist would leave it."""
    return document[:-1] + str((int(document[-1]) + 1) % 10)


def format_cnpj(cnpj: str) -> str:
    """Write a CNPJ with its usual punctuation."""
    return f"{cnpj[:2]}.{cnpj[2:5]}.{cnpj[5:8]}/{cnpj[8:12]}-{cnpj[12:]}"


def draw_access_key(rng: Random, *, issuer_cnpj: str, day: date, serie: str, numero: str) -> str:
    """Draw the 44-character access key of an NF-e (model 55) issued in São Paulo (35)."""
    code = rng.randrange(10**8)
    base = f"35{day:%y%m}{issuer_cnpj}55{int(serie):03d}{int(numero):09d}1{code:08d}"
    return base + check_digit(base, _ACCESS_KEY_WEIGHTS)
