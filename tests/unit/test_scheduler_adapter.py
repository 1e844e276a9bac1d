"""The schedule at EventBridge Scheduler is what the integration's settings say."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from chalicelib.adapters.scheduler import Scheduler
from chalicelib.domain.integrations import Integration
from chalicelib.domain.schedule import Schedule

WINTER = datetime(2026, 1, 15, 12, tzinfo=UTC)
SUMMER = datetime(2026, 7, 15, 12, tzinfo=UTC)
ANSWER = {"ScheduleArn": "arn:aws:scheduler:sa-east-1:123456789012:schedule/group/abcdefghijkl"}
TARGET = "arn:aws:lambda:sa-east-1:123456789012:function:start_run"
ROLE = "arn:aws:iam::123456789012:role/scheduler"
DEAD_LETTERS = "arn:aws:sqs:sa-east-1:123456789012:dead-letters"


def integration(time: str = "02:30", timezone: str = "America/Sao_Paulo", **changes: Any) -> Integration:
    settings = {"name": "Distribuidora", "active": True, "scheduled": True, **changes}
    return Integration("abcdefghijkl", "tenant-a", schedule=Schedule(time, timezone), **settings)


class Stubbed:
    """A scheduler whose client answers as told and keeps what it was asked, checked against AWS's model."""

    def __init__(self, timezones: str = "native") -> None:
        self.scheduler = Scheduler("group", TARGET, ROLE, DEAD_LETTERS, timezones)
        client = boto3.client(
            "scheduler", region_name="sa-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        vars(self.scheduler)["_client"] = client
        self.stub = Stubber(client)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        client.meta.events.register("provide-client-params.scheduler", self._keep)

    def _keep(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        asked = {name: value for name, value in params.items() if name != "ClientToken"}
        self.asked.append((model.name, asked))

    def put(self, one: Integration, now: datetime = WINTER) -> dict[str, Any]:
        """Put the schedule; answers what the last call asked for."""
        with self.stub:
            self.scheduler.put(one, now)
        self.stub.assert_no_pending_responses()
        return self.asked[-1][1]


@pytest.fixture
def aws() -> Stubbed:
    return Stubbed()


def updated(aws: Stubbed, one: Integration, now: datetime = WINTER) -> dict[str, Any]:
    aws.stub.add_response("update_schedule", ANSWER)
    return aws.put(one, now)


def test_the_schedule_is_daily_at_the_local_time_in_the_local_zone(aws: Stubbed) -> None:
    asked = updated(aws, integration("02:30", "America/Sao_Paulo"))
    assert (asked["Name"], asked["GroupName"]) == ("abcdefghijkl", "group")
    assert asked["ScheduleExpression"] == "cron(30 2 * * ? *)"
    assert asked["ScheduleExpressionTimezone"] == "America/Sao_Paulo"
    assert asked["FlexibleTimeWindow"] == {"Mode": "OFF"}


@pytest.mark.parametrize(
    ("active", "scheduled", "state"),
    [
        (True, True, "ENABLED"),
        (True, False, "DISABLED"),
        (False, True, "DISABLED"),
        (False, False, "DISABLED"),
    ],
)
def test_only_an_active_and_scheduled_integration_is_enabled(
    aws: Stubbed, active: bool, scheduled: bool, state: str
) -> None:
    assert updated(aws, integration(active=active, scheduled=scheduled))["State"] == state


def test_the_target_gets_who_and_when(aws: Stubbed) -> None:
    target = updated(aws, integration())["Target"]
    assert (target["Arn"], target["RoleArn"]) == (TARGET, ROLE)
    assert json.loads(target["Input"]) == {
        "tenant_id": "tenant-a",
        "integration_id": "abcdefghijkl",
        "scheduled_time": "<aws.scheduler.scheduled-time>",
    }


def test_what_cannot_be_delivered_is_tried_again_within_the_hour_and_then_kept(aws: Stubbed) -> None:
    target = updated(aws, integration())["Target"]
    assert target["DeadLetterConfig"] == {"Arn": DEAD_LETTERS}
    retries = target["RetryPolicy"]
    assert 1 <= retries["MaximumRetryAttempts"] <= 185
    assert 60 <= retries["MaximumEventAgeInSeconds"] <= 3_600


@pytest.mark.parametrize(
    ("zone", "now", "expression"),
    [
        ("America/Sao_Paulo", WINTER, "cron(30 5 * * ? *)"),
        ("America/New_York", WINTER, "cron(30 7 * * ? *)"),
        ("America/New_York", SUMMER, "cron(30 6 * * ? *)"),
        ("Asia/Kathmandu", WINTER, "cron(45 20 * * ? *)"),
    ],
)
def test_a_scheduler_that_knows_no_zones_gets_the_time_in_utc(
    zone: str, now: datetime, expression: str
) -> None:
    asked = updated(Stubbed("utc"), integration("02:30", zone), now)
    assert (asked["ScheduleExpression"], asked["ScheduleExpressionTimezone"]) == (expression, "UTC")


def test_the_native_time_does_not_depend_on_the_season(aws: Stubbed) -> None:
    asked = [updated(aws, integration("02:30", "America/New_York"), now) for now in (WINTER, SUMMER)]
    assert asked[0] == asked[1]


def test_a_schedule_that_is_not_there_is_created(aws: Stubbed) -> None:
    aws.stub.add_client_error("update_schedule", "ResourceNotFoundException")
    aws.stub.add_response("create_schedule", ANSWER)
    aws.put(integration())
    assert [name for name, _ in aws.asked] == ["UpdateSchedule", "CreateSchedule"]
    assert aws.asked[0][1] == aws.asked[1][1]


def test_one_that_somebody_else_creates_meanwhile_is_updated(aws: Stubbed) -> None:
    aws.stub.add_client_error("update_schedule", "ResourceNotFoundException")
    aws.stub.add_client_error("create_schedule", "ConflictException")
    aws.stub.add_response("update_schedule", ANSWER)
    aws.put(integration())
    assert [name for name, _ in aws.asked] == ["UpdateSchedule", "CreateSchedule", "UpdateSchedule"]


@pytest.mark.parametrize("code", ["ThrottlingException", "ValidationException", "ConflictException"])
def test_any_other_failure_is_not_hidden(aws: Stubbed, code: str) -> None:
    for _ in range(10):  # the client itself may try again
        aws.stub.add_client_error("update_schedule", code)
    with aws.stub, pytest.raises(ClientError, match=code):
        aws.scheduler.put(integration(), WINTER)
