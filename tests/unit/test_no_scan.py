"""No code of the product reads a whole table, and the test session would notice if any did."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.no_scan import offence

ROOT = Path(__file__).parents[2]
SCANNING_TEST = """
import boto3

def test_swallows_the_error():
    client = boto3.client("dynamodb", "sa-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    try:
        {call}
    except AssertionError:
        pass
"""


def test_no_code_of_the_product_scans() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")]
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\bscan\(|[\"'](scan|Scan)[\"']|execute_statement|ExecuteStatement", line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("operation", "parameters", "refused"),
    [
        ("Scan", {"TableName": "records"}, True),
        ("Query", {"TableName": "records"}, False),
        ("ExecuteStatement", {"Statement": 'SELECT * FROM "records"'}, True),
        ("ExecuteStatement", {"Statement": "SELECT * FROM \"records\" WHERE sk = 'x'"}, True),
        ("ExecuteStatement", {"Statement": "SELECT * FROM \"records\" WHERE pk = 'x'"}, False),
        (
            "ExecuteStatement",
            {"Statement": "UPDATE \"records\" SET a = 1 WHERE pk = 'x' AND sk = 'y'"},
            False,
        ),
        ("BatchExecuteStatement", {"Statements": [{"Statement": "select pk from records"}]}, True),
        ("ExecuteTransaction", {"TransactStatements": [{"Statement": "select pk from records"}]}, True),
    ],
)
def test_reading_a_whole_table_is_told_from_reading_by_key(
    operation: str, parameters: dict[str, Any], refused: bool
) -> None:
    assert (offence(operation, parameters) is not None) == refused


def test_this_session_is_watched(request: pytest.FixtureRequest) -> None:
    assert request.config.pluginmanager.has_plugin("no_scan guard")


@pytest.mark.parametrize(
    ("call", "fails"),
    [
        ('client.scan(TableName="records")', True),
        ('client.get_paginator("scan").paginate(TableName="records").build_full_result()', True),
        ("pass", False),
    ],
    ids=["a scan", "a paginated scan", "no scan"],
)
@pytest.mark.parametrize("processes", [[], ["-n", "1"]], ids=["here", "in a worker"])
def test_a_session_with_a_scan_fails_even_if_the_error_is_swallowed(
    tmp_path: Path, call: str, fails: bool, processes: list[str]
) -> None:
    test = tmp_path / "test_scanning.py"
    test.write_text(SCANNING_TEST.format(call=call))
    plugins = ["-p", "tests.plugins.no_scan", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-q", *plugins, *processes, str(test)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == (pytest.ExitCode.TESTS_FAILED if fails else pytest.ExitCode.OK), done.stdout
    assert ("whole tables were read" in done.stdout) == fails
