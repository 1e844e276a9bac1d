"""EventBridge Scheduler: one schedule an integration, in our own group."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from ..domain.integrations import Integration
from ..domain.schedule import cron_expression, cron_expression_utc

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
_RETRIES, _MAX_AGE_SECONDS = 10, 3_600


@dataclass(frozen=True)
class Scheduler:
    """Keeps an integration's schedule as its settings say; `timezones` "utc" converts local times."""

    group: str
    target_arn: str
    role_arn: str
    dead_letters_arn: str
    timezones: str

    @cached_property
    def _client(self) -> Any:
        import boto3

        return boto3.client("scheduler")

    def put(self, integration: Integration, now: datetime) -> None:
        """Create or replace the integration's schedule; disabled unless it is active and scheduled."""
        wanted = self._schedule(integration, now)
        try:
            self._client.update_schedule(**wanted)
        except self._client.exceptions.ResourceNotFoundException:
            self._create(wanted)

    def _create(self, wanted: dict[str, Any]) -> None:
        try:
            self._client.create_schedule(**wanted)
        except self._client.exceptions.ConflictException:
            self._client.update_schedule(**wanted)  # somebody created it in between

    def _schedule(self, integration: Integration, now: datetime) -> dict[str, Any]:
        native = self.timezones == "native"
        schedule = integration.schedule
        return {
            "Name": integration.integration_id,
            "GroupName": self.group,
            "Description": f"Nightly sync, {schedule.time} {schedule.timezone}",
            "ScheduleExpression": cron_expression(schedule) if native else cron_expression_utc(schedule, now),
            "ScheduleExpressionTimezone": schedule.timezone if native else "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "State": "ENABLED" if integration.armed else "DISABLED",
            "Target": {
                "Arn": self.target_arn,
                "RoleArn": self.role_arn,
                "Input": json.dumps(
                    {
                        "tenant_id": integration.tenant_id,
                        "integration_id": integration.integration_id,
                        "scheduled_time": SCHEDULED_TIME,
                    }
                ),
                "RetryPolicy": {
                    "MaximumRetryAttempts": _RETRIES,
                    "MaximumEventAgeInSeconds": _MAX_AGE_SECONDS,
                },
                "DeadLetterConfig": {"Arn": self.dead_letters_arn},
            },
        }
