"""Which run a scheduled event means: one for each minute, whatever the clocks do."""

from datetime import UTC, datetime

import pytest

from tests.support.slices import schedule_event
from tests.support.world import World

MINUTE = "2026-11-24T03:00:00Z"
RUN_ID = "20261124T030000Z-s"
ANA = {"codigo": "1", "nome": "Ana"}


@pytest.fixture
def nightly(world: World) -> World:
    """A world whose integration is scheduled for midnight in São Paulo; it is that time."""
    world.integration_id, world.erp_key = world.new_integration(
        schedule={"time": "00:00", "timezone": "America/Sao_Paulo"}
    )
    world.clock.frozen = datetime(2026, 11, 24, 3, 0, 5, tzinfo=UTC)
    return world


def run_ids(world: World) -> list[str]:
    return [run["run_id"] for run in world.listed("/runs")]


def test_a_night_s_analysis_is_of_the_local_day(nightly: World) -> None:
    nightly.clock.frozen = datetime(2026, 11, 24, 2, 59, 59, tzinfo=UTC)
    evening = schedule_event(nightly, "2026-11-24T02:59:00Z")
    nightly.work_off()
    assert nightly.as_user("viewer", "GET", f"/runs/{evening}").body["as_of"] == "2026-11-23"


@pytest.mark.parametrize("text", ["<aws.scheduler.scheduled-time>", None, "", "yesterday"])
def test_an_event_without_its_time_means_the_current_minute(nightly: World, text: str | None) -> None:
    assert schedule_event(nightly, text) == RUN_ID
    nightly.clock.advance(seconds=50)
    assert schedule_event(nightly, text) is None
    nightly.work_off()
    assert run_ids(nightly) == [RUN_ID]


@pytest.mark.parametrize(
    "text",
    ["2026-11-24T03:00:00Z", "2026-11-24T03:00:00.123Z", "2026-11-24T03:00:31Z", "2026-11-24T00:00:00-03:00",
     "2026-11-24T03:00:00"],
)  # fmt: skip
def test_a_minute_has_one_name_however_it_is_written(nightly: World, text: str) -> None:
    assert schedule_event(nightly, text) == RUN_ID


@pytest.mark.parametrize(
    ("zone", "time", "eve", "nights"),
    [
        # the clocks of New York are put forward at 02:00 on 8 March, and back at 02:00 on 1 November 2026
        ("America/New_York", "01:30", "2026-03-06T12:00", ["0307T0630", "0308T0630", "0309T0530"]),
        ("America/New_York", "02:30", "2026-03-06T12:00", ["0307T0730", "0309T0630", "0310T0630"]),
        ("America/New_York", "01:30", "2026-10-30T12:00", ["1031T0530", "1101T0530", "1102T0630"]),
        ("America/Sao_Paulo", "00:00", "2026-12-30T12:00", ["1231T0300", "0101T0300", "0102T0300"]),
    ],
)
def test_each_night_has_its_own_run_across_changes_of_the_clocks(
    world: World, zone: str, time: str, eve: str, nights: list[str]
) -> None:
    world.clock.frozen = datetime.fromisoformat(eve).replace(tzinfo=UTC)
    world.integration_id, world.erp_key = world.new_integration(schedule={"time": time, "timezone": zone})
    begun = []
    for _ in nights:
        announced = world.as_user("viewer", "GET", "").body["next_run_at"]
        world.clock.frozen = datetime.fromisoformat(announced)
        begun.append(schedule_event(world, announced))
        schedule_event(world, announced)
        world.work_off()

    assert [name and name[4:13] for name in begun] == nights
    assert run_ids(world) == begun[::-1]
