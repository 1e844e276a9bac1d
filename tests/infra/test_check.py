"""`make check` runs every gate, says which failed and why, and its gates see what they are for."""

import copy
import io
import shutil
import sys
from pathlib import Path

import pytest

from infra import check, page_lint
from infra.check import Gate
from infra.local.aws import PYTHON
from infra.package import ROOT, build
from infra.stack import located
from tests.support import template


def _broken() -> str:
    raise RuntimeError("the tool is gone")


def test_all_gates_run_and_the_failing_ones_say_why() -> None:
    out = io.StringIO()
    gates = [Gate("first", lambda: "a.py:1: wrong"), Gate("second", lambda: ""), Gate("third", _broken)]
    assert check.run(gates, out) == 1
    lines = out.getvalue().splitlines()
    assert [line.split()[:2] for line in lines[:3]] == [["✗", "first"], ["✓", "second"], ["✗", "third"]]
    assert lines[3:] == [
        "",
        "── first ──",
        "a.py:1: wrong",
        "",
        "── third ──",
        "RuntimeError: the tool is gone",
    ]


def test_clean_gates_make_a_clean_check() -> None:
    out = io.StringIO()
    assert check.run([Gate("only", lambda: "")], out) == 0
    assert len(out.getvalue().splitlines()) == 1


def test_a_tool_that_fails_is_heard_even_if_it_says_nothing() -> None:
    python = sys.executable.rpartition("/")[2]
    assert check.command(python, "-c", "print('fine')") == ""
    assert check.command(python, "-c", "import sys; sys.exit('wrong')") == "wrong"
    assert check.command(python, "-c", "import sys; sys.exit(3)") == f"{python} ended with code 3"


def test_the_page_is_linted(tmp_path: Path) -> None:
    if lack := page_lint.missing():
        pytest.skip(lack)
    assert page_lint.problems() == ""
    spoilt = tmp_path / "chalicelib" / "web"
    spoilt.mkdir(parents=True)
    shutil.copy(ROOT / "biome.json", tmp_path)
    (spoilt / "wrong.js").write_text("var unused = undeclared == 1\n")
    found = page_lint.problems(tmp_path)
    assert "noDoubleEquals" in found
    assert "format" in found


def test_without_the_page_s_linter_a_laptop_is_told_and_ci_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(page_lint, "missing", lambda: "npm is missing")
    monkeypatch.delenv("CI", raising=False)
    assert check._page() == ""
    assert "the page was not linted: npm is missing" in capsys.readouterr().err
    monkeypatch.setenv("CI", "true")
    assert check._page() == "npm is missing"


def test_the_packaged_template_is_linted() -> None:
    # That it is clean is `make check`'s to say: to lint it takes long.
    spoilt = copy.deepcopy(template.packaged())
    spoilt["Resources"]["RunsQueue"]["Properties"]["VisibilityTimeOut"] = 1
    assert "VisibilityTimeOut" in check.template_problems(spoilt)


def test_the_template_is_linted_as_cloudformation_expands_it() -> None:
    if not PYTHON.exists():
        pytest.skip("the local AWS is not installed: make environments")
    expanded = check.translated(located(build(), "packages"))
    assert expanded["Resources"]["AdvanceRun"]["Type"] == "AWS::Lambda::Function"
    # A value that is wrong, but inside a property that only the expanded resource describes.
    expanded["Resources"]["AdvanceRun"]["Properties"]["RecursiveLoop"] = "Maybe"
    assert "Maybe" in check.template_problems(expanded)
