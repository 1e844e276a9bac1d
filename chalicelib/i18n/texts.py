"""Texts by code: errors, field messages, log lines and labels, in pt-BR (default) and en."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from .reasons import DEFAULT_LANGUAGE, shown_value

LANGUAGES: Final = ("pt-BR", "en")


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Read every text of the catalogue: code → language → sentence with `{parameters}`."""
    merged: dict[str, dict[str, str]] = {}
    for file in sorted(Path(__file__).parent.glob("*.json")):
        texts = json.loads(file.read_text(encoding="utf-8"))
        for code, languages in texts.items():
            if code in merged and merged[code] != languages:
                raise ValueError(f"{code} has two texts")
            merged[code] = languages
    return merged


def text(code: str, params: Mapping[str, str], language: str = DEFAULT_LANGUAGE) -> str:
    """Write a code's sentence; a code without a text is shown itself, so nothing is ever hidden."""
    languages = catalogue().get(code)
    if languages is None:
        return code
    shown = {name: shown_value(name, value, language) for name, value in params.items()}
    if stage := catalogue().get(f"stage_{params.get('stage')}"):
        shown["stage"] = stage[language]
    return languages.get(language, languages[DEFAULT_LANGUAGE]).format_map(_Known(shown))


class _Known(dict[str, str]):
    """Parameters by name; a missing one is left out."""

    def __missing__(self, name: str) -> str:
        return ""


def negotiate(header: str | None) -> str:
    """Choose the language of an `Accept-Language` header: the best quality wins, pt-BR by default."""
    best, quality = DEFAULT_LANGUAGE, 0.0
    for choice in (header or "").split(","):
        name, _, weight = choice.replace(" ", "").lower().partition(";q=")
        try:
            wish = float(weight) if weight else 1.0
        except ValueError:
            continue
        offered = {"pt": "pt-BR", "en": "en"}.get(name.partition("-")[0])
        if offered and wish > quality:
            best, quality = offered, wish
    return best
