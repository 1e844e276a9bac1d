"""`make check`: every gate, one line each, all of them even if one fails, then what the failing ones say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from infra import page_lint, rules
from infra.local.aws import PYTHON as AWS_PYTHON
from infra.local.aws import REGION
from infra.package import ROOT, build
from infra.stack import located

# What CloudFormation's Serverless transform does, run where its library is: beside the local AWS.
TRANSLATE = """\
import json, sys
from samtranslator.translator.transform import transform

class NoManagedPolicies:
    def load(self):
        return {}

json.dump(transform(json.load(sys.stdin), {}, NoManagedPolicies()), sys.stdout)
"""


@dataclass(frozen=True)
class Gate:
    """A check: `find` answers what is wrong, nothing when all is well."""

    name: str
    find: Callable[[], str]


@dataclass(frozen=True)
class Result:
    """What a gate found, after how many seconds."""

    gate: Gate
    found: str
    seconds: float


def command(*arguments: str, given: str | None = None, **environment: str) -> str:
    """Run a tool of this virtual environment in the project's root; answer what it printed if it failed."""
    tool = str(Path(sys.executable).with_name(arguments[0]))
    done = subprocess.run(
        [tool, *arguments[1:]],
        cwd=ROOT,
        env={**os.environ, **environment},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.returncode:
        return ""
    return (done.stdout + done.stderr).strip() or f"{arguments[0]} ended with code {done.returncode}"


def template_problems(template: dict[str, Any]) -> str:
    """Lint a template; answer what is wrong with it."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(template, file, indent=1)
        file.flush()
        return command("cfn-lint", "--regions", REGION, "--", file.name)


def translated(template: dict[str, Any]) -> dict[str, Any]:
    """Expand the serverless resources as CloudFormation does; raise RuntimeError if that fails."""
    if not AWS_PYTHON.exists():
        raise RuntimeError("The template is translated where the local AWS is installed: make environments")
    done = subprocess.run(
        [str(AWS_PYTHON), "-I", "-c", TRANSLATE],
        env={"AWS_DEFAULT_REGION": REGION},
        input=json.dumps(template),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _packaged_template() -> str:
    return template_problems(build().template)


def _translated_template() -> str:
    try:
        return template_problems(translated(located(build(), "packages")))
    except RuntimeError as error:
        return str(error)


def _page() -> str:
    """Lint the page; a machine that cannot is told so, and in CI that is a failure."""
    lack = page_lint.missing()
    if lack and not os.environ.get("CI"):
        print(f"! the page was not linted: {lack}", file=sys.stderr)
        return ""
    return lack or page_lint.problems()


GATES = (
    Gate("types (mypy)", lambda: command("mypy")),
    Gate("format (ruff)", lambda: command("ruff", "format", "--check", ".")),
    Gate("lint (ruff)", lambda: command("ruff", "check", ".")),
    Gate("page: format and lint (biome)", _page),
    Gate("imports (import-linter)", lambda: command("lint-imports")),
    Gate("template (cfn-lint)", _packaged_template),
    Gate("template as CloudFormation expands it (cfn-lint)", _translated_template),
    Gate(
        "security (bandit)",
        lambda: command("bandit", "-q", "-c", "pyproject.toml", "-r", "app.py", "chalicelib", "infra"),
    ),
    Gate("house rules", lambda: "\n".join(rules.broken(ROOT))),
)


def run(gates: Sequence[Gate], out: TextIO) -> int:
    """Run all gates side by side and report them in order; return 0 if all are clean, else 1."""
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        results = [_shown(result, out) for result in pool.map(_timed, gates)]
    failed = [result for result in results if result.found]
    for result in failed:
        print(f"\n── {result.gate.name} ──\n{result.found}", file=out)
    return 1 if failed else 0


def _timed(gate: Gate) -> Result:
    started = time.monotonic()
    try:
        found = gate.find()
    except Exception as error:
        found = f"{type(error).__name__}: {error}"
    return Result(gate, found, time.monotonic() - started)


def _shown(result: Result, out: TextIO) -> Result:
    print(
        f"{'✗' if result.found else '✓'} {result.gate.name:<50}{result.seconds:6.1f} s", file=out, flush=True
    )
    return result


def main() -> int:
    """Run `python -m infra.check`."""
    return run(GATES, sys.stdout)


if __name__ == "__main__":
    sys.exit(main())
