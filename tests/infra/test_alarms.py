"""Operations hear of what goes wrong, and of a watchdog that has gone silent."""

import json
from typing import Any

import pytest

from chalicelib import alert_wiring
from chalicelib.jobs.watchdog import watchdog
from tests.support import template
from tests.support.permissions import place
from tests.support.world import World

QUEUES = template.of_type("AWS::SQS::Queue")
FUNCTIONS = template.functions()
ALARMS = template.of_type("AWS::CloudWatch::Alarm")


@pytest.mark.parametrize("name", [name for name in QUEUES if name.endswith("DeadLetters")])
def test_operations_hear_of_dead_letters(name: str) -> None:
    watching = [one for one in ALARMS.values() if _dimension(one, "QueueName") == name]
    assert watching
    assert all(_tells_operations(one) for one in watching)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_operations_hear_of_a_functions_errors(name: str) -> None:
    [alarm] = [one for one in ALARMS.values() if _dimension(one, "FunctionName") == name]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("AWS/Lambda", "Errors", "Sum")
    assert _tells_operations(alarm)


def test_operations_hear_of_answers_5xx() -> None:
    [alarm] = [one for one in ALARMS.values() if one["MetricName"] == "5XXError"]
    stage = next(one["Value"] for one in alarm["Dimensions"] if one["Name"] == "Stage")
    assert stage == template.properties("RestAPI")["StageName"]
    assert _dimension(alarm, "ApiName") == "AWS::StackName"
    assert template.properties("RestAPI")["DefinitionBody"]["info"]["title"] == {"Ref": "AWS::StackName"}
    assert _tells_operations(alarm)


def _dimension(alarm: dict[str, Any], name: str) -> str | None:
    found = [place(one["Value"]) for one in alarm["Dimensions"] if one["Name"] == name]
    return found[0] if found else None


def _tells_operations(alarm: dict[str, Any]) -> bool:
    """Whether a single event raises the alarm, quiet does not, and somebody is told."""
    return (
        alarm["AlarmActions"] == [{"Ref": "OperationsTopic"}]
        and (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
        and alarm["EvaluationPeriods"] == 1
        and alarm["Period"] <= 300
        and alarm["TreatMissingData"] == "notBreaching"
    )


def test_cloudwatch_may_use_the_key_of_the_operations_topic() -> None:
    key = template.properties(place(template.properties("OperationsTopic")["KmsMasterKeyId"]))
    [statement] = [
        one
        for one in key["KeyPolicy"]["Statement"]
        if one["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    ]
    assert {"kms:Decrypt", "kms:GenerateDataKey"} <= set(statement["Action"])


def test_the_watchdogs_silence_is_an_alarm_on_the_metric_that_it_writes(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    alarm = ALARMS["WatchdogSilent"]
    assert (alarm["TreatMissingData"], alarm["ComparisonOperator"]) == ("breaching", "LessThanThreshold")
    assert alarm["AlarmActions"] == [{"Ref": "OperationsTopic"}]
    capsys.readouterr()
    watchdog({}, None)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    [beat] = [line for line in lines if alarm["MetricName"] in line]
    [metric] = beat["_aws"]["CloudWatchMetrics"]
    assert metric["Namespace"] == alarm["Namespace"]
    names = {one["Name"] for one in alarm["Dimensions"]}
    assert {frozenset(one) for one in metric["Dimensions"]} == {frozenset(names)}
    given = template.environment("Watchdog")
    [service] = [one["Value"] for one in alarm["Dimensions"] if one["Name"] == "service"]
    assert service == given["POWERTOOLS_SERVICE_NAME"]
    assert given["STAGE"] == {"Ref": "Stage"} == _dimension_value(alarm, "stage")


def _dimension_value(alarm: dict[str, Any], name: str) -> Any:
    return next(one["Value"] for one in alarm["Dimensions"] if one["Name"] == name)


def test_a_watchdog_that_cannot_look_does_not_say_that_it_is_alive(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise ConnectionError("no DynamoDB")

    monkeypatch.setattr(alert_wiring, "watchdog", broken)
    capsys.readouterr()
    with pytest.raises(ConnectionError):
        watchdog({}, None)
    assert "WatchdogHeartbeat" not in capsys.readouterr().out
