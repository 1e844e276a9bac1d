"""Act as the watchdog's minute, let runs succeed or fail, and read what people were told."""

from datetime import datetime
from typing import Any

import pytest

from chalicelib import alert_wiring, wiring
from chalicelib.domain.incidents import Mail
from chalicelib.services.stages import STEPS
from chalicelib.services.sync_runs import StageFailed
from tests.support.world import World


def tick(world: World, **later: float) -> list[Mail]:
    """Let time pass and the watchdog look; answers what it sent for this world's integration."""
    world.clock.advance(**later)
    before = len(world.topics.mails_of(world.integration_id))
    done = alert_wiring.watchdog().tick(60)
    assert not done.broken, done.broken
    return world.topics.mails_of(world.integration_id)[before:]


def minutes(world: World, count: int, step: int = 1) -> list[Mail]:
    """Let so many minutes pass, with a look of the watchdog at every `step`-th."""
    return [mail for _ in range(0, count, step) for mail in tick(world, minutes=step)]


def events(mails: list[Mail]) -> list[tuple[str, str]]:
    """Name messages by kind and event."""
    return [(one.attributes["kind"], one.attributes["event"]) for one in mails]


def freshness(world: World) -> str:
    """Read the freshness as the page shows it."""
    state: str = world.as_user("viewer", "GET", "").body["freshness"]["state"]
    return state


def alerts(world: World, query: str = "") -> list[dict[str, Any]]:
    """Read the list of alerts."""
    found: list[dict[str, Any]] = world.as_user("viewer", "GET", f"/alerts{query}").body["items"]
    return found


def armed(world: World, at: datetime, **settings: Any) -> None:
    """Freeze the time, and arm the integration with a limit of 24 hours unless told otherwise."""
    world.clock.frozen, world.clock.offset = at, world.clock.offset * 0
    schedule = {"time": "00:00", "timezone": "America/Sao_Paulo"}
    wanted = {"active": True, "scheduled": True, "schedule": schedule, "max_hours_without_success": 24}
    answer = world.as_user("admin", "PATCH", "", {**wanted, **settings})
    assert answer.status == 200, answer.body


def failing_run(world: World, stage: str | None = "load") -> None:
    """Let a run end in error, by a stage that fails whenever it is tried (None: one fails by itself)."""

    def fail(*_: Any) -> Any:
        raise ZeroDivisionError("for the test")

    with pytest.MonkeyPatch.context() as patch:
        if stage:
            patch.setitem(STEPS, stage, fail)
        run_id = world.start_run()
        for number in range(20):
            message = world.queue.messages[0]
            try:
                wiring.sync_runs().advance(message, f"worker-{number}")
            except StageFailed as error:
                wiring.sync_runs().note_failure(message, f"worker-{number}", error)
            if wiring.runs().state(world.integration_id).run is None:
                world.queue.messages.clear()
                assert world.as_user("viewer", "GET", f"/runs/{run_id}").body["status"] == "error"
                return
    raise AssertionError("the run has not ended")
