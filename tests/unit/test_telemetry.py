"""Metrics as CloudWatch reads them from a function's log."""

import json

import pytest

from chalicelib import telemetry


def test_a_count_is_one_line_that_cloudwatch_takes_for_a_metric(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.count("RunsEnded", 2, status="partial")
    line = json.loads(capsys.readouterr().out)
    declared = line["_aws"]["CloudWatchMetrics"][0]
    assert declared["Namespace"] == "IntegrationHistory"
    assert declared["Metrics"] == [{"Name": "RunsEnded", "Unit": "Count"}]
    assert "status" in declared["Dimensions"][0]
    assert (line["RunsEnded"], line["status"]) == ([2.0], "partial")
