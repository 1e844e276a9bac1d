"""Write reasons as sentences, with money, dates and percentages as the reader's language has them."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from chalicelib.domain.reasons import DATES, MONEY, PERCENTAGES, Reason

DEFAULT_LANGUAGE: Final = "pt-BR"
_PT_MARKS: Final = str.maketrans(",.", ".,")


def reason_text(reason: Reason, language: str = DEFAULT_LANGUAGE) -> str:
    """Write one reason in "pt-BR" or "en"; a code that exists no more is shown itself."""
    texts = catalogue().get(reason.code)
    if texts is None:
        return reason.code
    shown = {name: shown_value(name, value, language) for name, value in reason.params.items()}
    return texts.get(language, texts[DEFAULT_LANGUAGE]).format_map(_Shown(shown))


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Read the texts: code → language → sentence."""
    texts: dict[str, dict[str, str]] = json.loads(
        Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
    )
    return texts


def shown_value(name: str, value: str, language: str) -> str:
    """Show a parameter as its name tells; what is not of that shape is shown as it is."""
    portuguese = language != "en"
    if name in MONEY:
        return f"R$ {_grouped(value, portuguese)}"
    if name in PERCENTAGES:
        return f"{_grouped(value, portuguese)}%"
    if name in DATES and portuguese:
        return "/".join(reversed(value.split("-")))
    return value


def _grouped(number: str, portuguese: bool) -> str:
    """Group the thousands of plain decimal text: "-1234.5" → "-1.234,5" or "-1,234.5"."""
    sign, digits = ("-", number[1:]) if number.startswith("-") else ("", number)
    whole, point, places = digits.partition(".")
    grouped = f"{int(whole):,}" if whole.isdecimal() else whole
    text = f"{sign}{grouped}{point}{places}"
    return text.translate(_PT_MARKS) if portuguese else text


class _Shown(dict[str, str]):
    """Parameters by name; one that an older reason lacks is shown by its name."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"
