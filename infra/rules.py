"""The project's own rules, those that no linter knows: sizes, names, clocks, cold start, pins.

Each rule takes a source file and yields what breaks it, as `(line, what)`.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FILE_LINES = 250
FUNCTION_LINES = 45
# Files that are longer, with the reason. Better to split a file than to add it here.
LONG_FILES: dict[str, str] = {}
SOURCES = ("app.py", "chalicelib", "infra", "tests")
EMPTY_NAMES = ("common", "helper", "manager", "misc", "util")
SLOW_IMPORTS = ("boto3", "openpyxl", "sqlalchemy")
# A package that is nothing without a slow library may import it, and is as slow to import itself.
SLOW_PACKAGE, ITS_LIBRARY = "adapters.views", "sqlalchemy"
CLOCKS = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time")
_PIN = re.compile(r"[A-Za-z0-9._-]+(\[[a-z0-9_,-]+\])?==[0-9][^ ]*( +#.*)?")
_BLIND_SILENCE = re.compile(r"#\s*(nosec(?! B\d)|noqa(?!: [A-Z]+\d)|type:\s*ignore(?!\[))")

Broken = Iterator[tuple[int, str]]


@dataclass(frozen=True)
class Source:
    """A Python file: its path below the project's root, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def product(self) -> bool:
        """Whether it runs inside Lambda."""
        return self.path == "app.py" or self.path.startswith("chalicelib/")


def broken(root: Path) -> list[str]:
    """Check every source and requirements file below `root`; say what breaks a rule, and where."""
    found = [
        f"{source.path}:{line}: {what}"
        for source in sources(root)
        for rule in RULES
        for line, what in rule(source)
    ]
    for path in sorted(root.glob("requirements*.txt")):
        found += [f"{path.name}:{line}: {what}" for line, what in pins(path.name, path.read_text())]
    return found


def sources(root: Path) -> Iterator[Source]:
    """Go through the project's Python files."""
    for name in SOURCES:
        top = root / name
        for path in [top] if top.is_file() else sorted(top.rglob("*.py")):
            yield Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))


def file_size(source: Source) -> Broken:
    """A file is read in one go; a permission for one that is short again is taken back."""
    lines = len(source.text.splitlines())
    if lines > FILE_LINES and source.path not in LONG_FILES:
        yield lines, f"{lines} lines, more than {FILE_LINES}: split the file"
    if lines <= FILE_LINES and source.path in LONG_FILES:
        yield lines, "is short again: take it out of LONG_FILES"


def function_size(source: Source) -> Broken:
    """About 30 lines, and never more than 45."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield node.lineno, f"{node.name} has {lines} lines, more than {FUNCTION_LINES}"


def telling_name(source: Source) -> Broken:
    """A module is named after a thing, not after the lack of a name."""
    for part in source.path.removesuffix(".py").split("/"):
        if any(re.fullmatch(rf"(.+_)?{name}s?", part) for name in EMPTY_NAMES):
            yield 1, f"a module called {part} is about nothing"


def cold_start(source: Source) -> Broken:
    """Slow libraries are imported, and the environment read, where they are used: never at import."""
    if not source.product:
        return
    for node in _at_import(source.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
            )
            inside = source.path.startswith(f"chalicelib/{SLOW_PACKAGE.replace('.', '/')}/")
            for name in names:
                slow = name.split(".")[0] in SLOW_IMPORTS or name.startswith(f"{SLOW_PACKAGE}.")
                if slow and not (inside and name.split(".")[0] == ITS_LIBRARY):
                    yield node.lineno, f"{name} is slow to import: import it where it is used"
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv"):
            yield node.lineno, "the environment is read at import: read it on first use"


def given_time(source: Source) -> Broken:
    """Domain and services are given the time."""
    if not source.path.startswith(("chalicelib/domain/", "chalicelib/services/")):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and ".".join(ast.unparse(node.func).split(".")[-2:]) in CLOCKS:
            yield node.lineno, f"{ast.unparse(node.func)}() looks at a clock: take the time as an argument"


def no_scan(source: Source) -> Broken:
    """Nothing reads a whole table: cost follows change, not volume."""
    for node in ast.walk(source.tree) if source.product else ():
        if isinstance(node, ast.Attribute) and node.attr in ("scan", "rate_limited_scan"):
            yield node.lineno, "a Scan reads, and pays for, the whole table"


def named_silence(source: Source) -> Broken:
    """A silenced warning says which one."""
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT and _BLIND_SILENCE.search(token.string):
            yield token.start[0], "silences every warning there may be: name the one that is meant"


def pins(name: str, text: str) -> Broken:
    """A build can be repeated, and the packager adds Chalice itself."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line.startswith(("#", "-r ")):
            continue
        if not _PIN.fullmatch(line):
            yield number, f"{line.split('#')[0].strip()} is not pinned with =="
        if name == "requirements.txt" and re.match(r"chalice\b", line, re.IGNORECASE):
            yield number, "chalice is added by the packager; listed, it would be packaged with its tools"


def _at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Go through what runs when the module is imported: not functions' bodies, not TYPE_CHECKING's."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            continue
        yield child
        yield from _at_import(child)


Rule = Callable[[Source], Broken]
RULES: tuple[Rule, ...] = (
    file_size,
    function_size,
    telling_name,
    cold_start,
    given_time,
    no_scan,
    named_silence,
)
