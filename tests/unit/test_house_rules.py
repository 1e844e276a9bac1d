"""The project keeps its own rules, and each rule sees what breaks it."""

from textwrap import dedent

import pytest

from infra import rules
from infra.package import ROOT
from infra.rules import Source

SERVICE = "chalicelib/services/thing.py"


def test_the_project_keeps_its_rules() -> None:
    assert "\n".join(rules.broken(ROOT)) == ""


def test_the_rules_look_at_every_part_of_the_project() -> None:
    seen = {source.path for source in rules.sources(ROOT)}
    assert {"app.py", "chalicelib/wiring.py", "infra/check.py", "tests/unit/test_house_rules.py"} <= seen


@pytest.mark.parametrize(
    ("rule", "path", "text", "line"),
    [
        (rules.file_size, SERVICE, "\n" * 251, 251),
        (rules.function_size, SERVICE, "\n\ndef f():\n" + "    pass\n" * 45, 3),
        (
            rules.function_size,
            "tests/unit/a.py",
            "class A:\n    async def f(self):\n" + "        pass\n" * 45,
            2,
        ),
        (rules.telling_name, "chalicelib/services/run_utils.py", "", 1),
        (rules.telling_name, "infra/helpers/thing.py", "", 1),
        (rules.cold_start, "app.py", "import boto3", 1),
        (rules.cold_start, SERVICE, "import json\nfrom openpyxl.styles import Font", 2),
        (rules.cold_start, SERVICE, "import os\nTABLE = os.environ['TABLE']", 2),
        (rules.cold_start, SERVICE, "import os\nclass A:\n    table = os.getenv('TABLE')", 3),
        (rules.given_time, SERVICE, "def f():\n    return datetime.now(UTC)", 2),
        (rules.given_time, "chalicelib/domain/a.py", "x = datetime.datetime.now()", 1),
        (rules.given_time, "chalicelib/domain/a.py", "x = time.time()", 1),
        (rules.no_scan, "chalicelib/storage/a.py", "for item in Item.scan(): pass", 1),
        (rules.no_scan, "chalicelib/storage/a.py", "client().scan(TableName='a')", 1),
        (rules.named_silence, SERVICE, "x = 1  # noqa", 1),
        (rules.named_silence, SERVICE, "x = 1  # nosec", 1),
        (rules.named_silence, SERVICE, "x = 1  # type: ignore", 1),
    ],
)
def test_a_rule_finds_what_breaks_it(rule: rules.Rule, path: str, text: str, line: int) -> None:
    assert [where for where, _ in rule(Source(path, text))] == [line]


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (rules.file_size, SERVICE, "\n" * 250),
        (rules.function_size, SERVICE, "def f():\n" + "    pass\n" * 44),
        (rules.telling_name, "chalicelib/services/utility_bills.py", ""),
        (rules.cold_start, "infra/stack.py", "import boto3"),
        (rules.cold_start, SERVICE, "def f():\n    import boto3\n    return os.environ['A']"),
        (rules.cold_start, SERVICE, "if TYPE_CHECKING:\n    import boto3"),
        (rules.given_time, "chalicelib/wiring.py", "def now(): return datetime.now(UTC)"),
        (rules.given_time, SERVICE, "deadline = time.monotonic()"),
        (rules.no_scan, "tests/unit/a.py", "client.scan(TableName='a')"),
        (
            rules.named_silence,
            SERVICE,
            "x = 1  # noqa: E501\ny = 2  # why  # nosec B101\nz = 3  # type: ignore[arg-type]",
        ),
    ],
)
def test_a_rule_lets_pass_what_keeps_it(rule: rules.Rule, path: str, text: str) -> None:
    assert list(rule(Source(path, text))) == []


def test_a_permission_to_be_long_ends_with_the_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rules.LONG_FILES, SERVICE, "a reason")
    assert list(rules.file_size(Source(SERVICE, "\n" * 251))) == []
    assert len(list(rules.file_size(Source(SERVICE, "\n" * 250)))) == 1


def test_requirements_are_pinned_and_leave_chalice_to_the_packager() -> None:
    text = dedent("""\
        # a comment

        -r requirements.txt
        boto3==1.0.0           # why
        PyJWT[crypto]==2.15.1
        chalice==1.34.0
        pydantic>=2
        six
    """)
    found = dict(rules.pins("requirements.txt", text))
    assert found.keys() == {6, 7, 8}
    assert "chalice" in found[6]
    assert list(rules.pins("requirements-dev.txt", "chalice==1.34.0")) == []
