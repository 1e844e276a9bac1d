"""Messages that ended among the dead letters are told to the people of the integration they are about."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.uploads import asked, event_of
from tests.support.watching import alerts, armed, events, tick
from tests.support.world import World

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SCHEDULE, EXPORTS = "dead-letters", "arn:aws:sqs:x:y:ExportsDeadLetters"
ONBOARDING = "onboarding-dead-letters"


@pytest.fixture
def world(own_world: World) -> World:
    armed(own_world, NOON, alert_settings={"erp_silent": False, "language": "en"})
    tick(own_world)
    return own_world


def deliver(world: World, source: str, message: Any, function: str = "note_dead_letter") -> Any:
    body = message if isinstance(message, str) else json.dumps(message)
    event = {"Records": [{"messageId": "m", "body": body, "eventSourceARN": source}]}
    return world.client.lambda_.invoke(function, event).payload


def about(world: World, **more: Any) -> dict[str, Any]:
    return {"tenant_id": world.tenant_id, "integration_id": world.integration_id, **more}


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_run_that_could_not_be_started_is_told_until_one_succeeds(world: World, wrapped: bool) -> None:
    message = about(world, scheduled_time="2026-07-01T03:00:00Z")
    if wrapped:  # Lambda gave the event up, after its own retries
        message = {"requestContext": {"condition": "RetriesExhausted"}, "requestPayload": message}
    assert deliver(world, SCHEDULE, message) == {"batchItemFailures": []}
    [mail] = tick(world, minutes=1)
    assert mail.subject == "[ALERT] Distribuidora Teste: a message could not be processed (schedule)"
    deliver(world, SCHEDULE, message)
    assert tick(world, minutes=1) == [], "the same queue again is the same incident"
    world.run()
    assert events(tick(world, minutes=1)) == [("dead_letters", "recovered")]


def test_an_export_that_could_not_be_built_is_told_and_forgotten_after_a_day(world: World) -> None:
    deliver(world, EXPORTS, about(world, export_id="x", hop=0))
    assert events(tick(world, minutes=1)) == [("dead_letters", "opened")]
    world.clock.frozen, world.clock.offset = NOON + timedelta(hours=23), timedelta()
    world.run()
    assert tick(world) == [], "a run tells nothing about exports"
    assert events(tick(world, hours=1)) == [("dead_letters", "recovered")]
    assert alerts(world)[0]["details"]["queue"] == "exports"


@pytest.mark.parametrize("by_event", [False, True])
def test_an_upload_that_could_not_be_worked_on_is_told_and_forgotten_after_a_day(
    world: World, by_event: bool
) -> None:
    upload_id = asked(world, "vendedor", b"{}").body["upload_id"]
    message = event_of(world, upload_id) if by_event else about(world, kind="upload", job_id=upload_id, hop=0)
    deliver(world, ONBOARDING, message)
    [mail] = tick(world, minutes=1)
    assert mail.subject == "[ALERT] Distribuidora Teste: a message could not be processed (onboarding)"
    world.run()
    assert tick(world, minutes=1) == [], "a run tells nothing about uploads"
    world.clock.advance(hours=24)
    world.run()
    assert ("dead_letters", "recovered") in events(tick(world))


@pytest.mark.parametrize(
    "message",
    [
        {"Event": "s3:TestEvent"},
        {"Records": []},
        {"Records": [{}]},
        {"Records": [{"s3": {"object": {"key": "uploads/x/y"}}}]},
        {"kind": "upload"},
        *("", "[]", "null", "7", '"x"', "{"),
    ],
)
def test_a_message_of_the_onboarding_about_nobody_is_logged_and_taken(world: World, message: Any) -> None:
    assert deliver(world, ONBOARDING, message) == {"batchItemFailures": []}
    assert tick(world, minutes=1) == []


def test_a_slice_that_ends_a_run_is_told_as_its_error_and_any_other_as_a_dead_letter(world: World) -> None:
    world.start_run()
    slice_message = world.queue.messages.popleft()
    deliver(world, "runs", slice_message, "fail_run")
    assert events(tick(world, minutes=1)) == [("run_failed", "opened")]
    deliver(world, "runs", slice_message, "fail_run")
    assert events(tick(world, minutes=1)) == [("dead_letters", "opened")]
    assert {one["details"].get("queue") for one in alerts(world)} == {"runs", None}


ABOUT_NOBODY: tuple[Any, ...] = (
    *("", "{", "[]", "null", '"x"', {}, {"tenant_id": "t"}, {"tenant_id": 1, "integration_id": 2}),
    {"tenant_id": "t" * 3_000, "integration_id": "abcdefghijkl"},
    {"tenant_id": "t", "integration_id": "x" * 3_000},
    {"tenant_id": "nobody", "integration_id": "abcdefghijkl"},
)


@pytest.mark.parametrize("message", ABOUT_NOBODY)
def test_a_message_about_nobody_is_logged_and_taken(
    world: World, message: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert deliver(world, SCHEDULE, message) == {"batchItemFailures": []}
    [line] = [one for one in caplog.records if one.getMessage() == "dead letter"]
    assert vars(line)["noted"] is False
    assert tick(world, minutes=1) == []


def test_the_wrong_tenant_in_a_message_names_nobody(world: World) -> None:
    deliver(world, SCHEDULE, {**about(world), "tenant_id": "tenant-b"})
    assert tick(world, minutes=1) == []


def test_dead_letters_can_be_left_out(world: World) -> None:
    world.as_user("admin", "PATCH", "", {"alert_settings": {"dead_letters": False, "erp_silent": False}})
    deliver(world, SCHEDULE, about(world))
    assert tick(world, minutes=1) == []
