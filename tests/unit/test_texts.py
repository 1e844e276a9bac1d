"""The catalogue of texts: both languages say the same, the source asks for nothing else, and shows it all."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from string import Formatter
from typing import Final

import pytest

from chalicelib.domain.errors import ProductError
from chalicelib.domain.runs import STAGES
from chalicelib.domain.tables import NAMES
from chalicelib.i18n import texts
from chalicelib.i18n.texts import LANGUAGES, catalogue, text
from chalicelib.services.access import RevokedKey

ROOT: Final = Path(__file__).parents[2] / "chalicelib"
FILES: Final = sorted((ROOT / "i18n").glob("*.json"))
CODES_OF_REASONS: Final = ROOT / "domain" / "reasons.py"


def errors(kind: type[ProductError] = ProductError) -> Iterator[type[ProductError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from errors(one)


ERRORS: Final = {one.__name__: one for one in errors() if one is not RevokedKey}
TAKES_CODE_AT: Final = {
    **dict.fromkeys((*ERRORS, "__init__"), 0),
    **dict.fromkeys(("Line", "Failure", "PydanticCustomError", "reason", "refusal"), 0),
    **dict.fromkeys(("FileRefused", "JobFailed"), 0),
    "FieldIssue": 1,
}
TAKES_PARAMS_AT: Final = {"FieldIssue": 2, "PydanticCustomError": 2, "Line": 1, "Failure": 1}
ADDED_WHEN_SHOWN: Final = frozenset({"issues"})
"""What the API writes into a log line for each reader, in their language."""
BY_FAMILY: Final = {
    *(f"title_{one.status}" for one in ERRORS.values()),
    *(f"table_{one}" for one in NAMES),
    *(f"stage_{one}" for one in STAGES),
    *(one.default_code for one in ERRORS.values()),
}


SAME: Final = frozenset({"column_endpoint", "sheet_log", "summary_total"})
"""Words that both languages share."""


@dataclass(frozen=True)
class Use:
    """A place of the source that names codes; `params` is None when only running it tells them."""

    where: str
    codes: frozenset[str]
    params: frozenset[str] | None


@cache
def source() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(ROOT.rglob("*.py"))}


@cache
def uses() -> list[Use]:
    return [use for path, module in source().items() for use in uses_in(path.name, module)]


def uses_in(name: str, module: ast.Module) -> Iterator[Use]:
    """List the calls that take a code, with the codes written there or assigned to the name written there."""
    for function in (one for one in ast.walk(module) if isinstance(one, ast.FunctionDef | ast.Module)):
        for call in calls_of(function):
            called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            place = TAKES_CODE_AT.get(called)
            if place is None or len(call.args) <= place:
                continue
            codes = frozenset(literals(call.args[place], function))
            yield Use(f"{name}:{call.lineno}", codes, params_of(called, call))


def calls_of(function: ast.FunctionDef | ast.Module) -> Iterator[ast.Call]:
    """List the calls of a function, those of functions within it included, or a module's outside of any."""
    if isinstance(function, ast.FunctionDef):
        yield from (one for one in ast.walk(function) if isinstance(one, ast.Call))
        return
    for statement in function.body:
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield from (one for one in ast.walk(statement) if isinstance(one, ast.Call))


def literals(node: ast.expr, function: ast.AST) -> Iterator[str]:
    """List what an expression of a code can be, as far as it is written out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    if isinstance(node, ast.IfExp):
        yield from chain(literals(node.body, function), literals(node.orelse, function))
    if isinstance(node, ast.Name):
        for one in ast.walk(function):
            if isinstance(one, ast.Assign) and ast.dump(one.targets[0]) == ast.dump(
                ast.Name(node.id, ast.Store())
            ):
                yield from literals(one.value, function)


def params_of(called: str, call: ast.Call) -> frozenset[str] | None:
    if called in ("reason", "refusal", "__init__"):
        return None  # `reason` checks them itself when it runs
    if called in ERRORS or called in ("FileRefused", "JobFailed"):
        names = [keyword.arg for keyword in call.keywords]
        return None if None in names else frozenset(filter(None, names)) - {"fields"} | {"request_id"}
    place = TAKES_PARAMS_AT[called]
    given = call.args[place] if len(call.args) > place else ast.Dict([], [])
    if not isinstance(given, ast.Dict) or None in given.keys:
        return None
    return frozenset(str(key.value) for key in given.keys if isinstance(key, ast.Constant))


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_has_a_code_twice(path: Path) -> None:
    codes = json.loads(
        path.read_text(encoding="utf-8"), object_pairs_hook=lambda pairs: [k for k, _ in pairs]
    )
    raw = re.findall(r'^  "(\w+)":', path.read_text(encoding="utf-8"), re.MULTILINE)
    assert raw == codes
    assert len(set(raw)) == len(raw)


def test_no_code_is_in_two_files() -> None:
    codes = [code for path in FILES for code in json.loads(path.read_text(encoding="utf-8"))]
    assert len(codes) == len(set(codes)) > 150


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_a_text_says_the_same_in_both_languages(code: str) -> None:
    sentences = catalogue()[code]
    assert tuple(sentences) == LANGUAGES
    portuguese, english = sentences.values()
    assert placeholders(portuguese) == placeholders(english)
    assert portuguese != english or code in SAME
    for sentence in sentences.values():
        assert sentence == sentence.strip() != ""
        assert all(name.isidentifier() for name in placeholders(sentence)), (
            "plain names, nothing reached into"
        )
        assert "{" not in text(code, dict.fromkeys(placeholders(sentence), "1"), "en").replace(
            '{"records"', ""
        )


def test_every_code_that_the_source_names_has_a_text() -> None:
    named = {code: use.where for use in uses() for code in use.codes}
    assert len(named) > 100, "the source was read"
    assert {code: where for code, where in named.items() if code not in catalogue()} == {}
    assert catalogue().keys() >= BY_FAMILY


def test_every_text_is_given_what_it_shows() -> None:
    told = [(use, use.params) for use in uses() if use.codes and use.params is not None]
    assert len(told) > 80, "the source was read"
    lacking = {
        use.where: (code, sorted(lack))
        for use, params in told
        for code in use.codes & catalogue().keys()
        if (lack := placeholders(catalogue()[code]["en"]) - ADDED_WHEN_SHOWN - params)
    }
    assert lacking == {}


def strings() -> set[str]:
    """List every string of the source, but for the list of reasons, which would name each of them."""
    modules = (module for path, module in source().items() if path != CODES_OF_REASONS)
    nodes = chain.from_iterable(ast.walk(module) for module in modules)
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def composed(words: set[str]) -> Iterator[re.Pattern[str]]:
    """Give a pattern for each f-string of the source, its gaps filled with any word of the source."""
    gap = "(" + "|".join(sorted(re.escape(one) for one in words if re.fullmatch(r"[A-Za-z_]+", one))) + ")"
    for node in chain.from_iterable(ast.walk(module) for module in source().values()):
        if isinstance(node, ast.JoinedStr):
            parts = (str(one.value) if isinstance(one, ast.Constant) else None for one in node.values)
            pattern = "".join(gap if part is None else re.escape(part) for part in parts)
            if re.search(r"_|\w_", pattern.replace(gap, "")):
                yield re.compile(pattern, re.IGNORECASE)


def test_no_text_is_left_that_nothing_asks_for() -> None:
    words = strings()
    open_codes = catalogue().keys() - BY_FAMILY - words
    patterns = list(composed(words))
    unused = {code for code in open_codes if not any(one.fullmatch(code) for one in patterns)}
    assert unused == set()


def test_a_text_is_written_in_the_language_asked_for_and_else_in_portuguese() -> None:
    params = {"run_id": "r-1"}
    assert text("run_not_found", params, "en") == "Run r-1 does not exist."
    assert (
        text("run_not_found", params) == text("run_not_found", params, "fr") == "A execução r-1 não existe."
    )


def test_what_a_parameter_holds_is_shown_and_never_read() -> None:
    assert (
        text("run_not_found", {"run_id": "{x} {0.__class__}"}, "en")
        == "Run {x} {0.__class__} does not exist."
    )


def test_a_stage_is_shown_by_its_name_and_money_as_readers_write_it() -> None:
    assert text("run_worker_lost", {"stage": "load"}).startswith(
        "A execução parou de responder na etapa Carga"
    )
    shown = {"new_revenue": "1234.50", "A": "1", "B": "2", "C": "3", "none": "4"}
    assert "R$ 1.234,50; classe A com 1 clientes" in text("analyse_curve", shown)
    assert "R$ 1,234.50; class A with 1 customers" in text("analyse_curve", shown, "en")


def test_a_code_without_a_text_is_shown_itself() -> None:
    assert text("of_another_version", {"x": "1"}) == "of_another_version"


def test_two_texts_for_one_code_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, word in (("a", "one"), ("b", "two")):
        (tmp_path / f"{name}.json").write_text(json.dumps({"code": {"pt-BR": word, "en": word}}))
    monkeypatch.setattr(texts, "__file__", str(tmp_path / "texts.py"))
    with pytest.raises(ValueError, match="code has two texts"):
        catalogue.__wrapped__()
