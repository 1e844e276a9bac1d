"""A worker may die before or after any call: the file is whole, no request is missing or in it twice."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import export_wiring
from chalicelib.services import export_job
from tests.support import dying
from tests.support.dying import Deaths
from tests.support.exports import asked, book_of, stood
from tests.support.faults import NEVER, Moment
from tests.support.slices import slices_of
from tests.support.world import World

CALLS = 14

NOON = datetime(2026, 7, 8, 15, 30, tzinfo=UTC)
TABLES = ["empresa", "nota", "vendedor"]


@pytest.fixture
def world(own_world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Requests of three days and tables, large and small, with rejected records; slices of one step."""
    own_world.clock.frozen = NOON
    own_world.exports_queue.messages.clear()
    noise = random.Random(1)
    for number in range(36):
        own_world.clock.advance(hours=-2)
        record = {"codigo": str(number), "nome": noise.randbytes(10 ** (number % 4 + 1)).hex()[:3_900]}
        other = {"codigo": "", "x": noise.randbytes(10 ** (number % 5)).hex()}
        own_world.push(TABLES[number % 3], [record, other])
    own_world.clock.offset = NOON - NOON
    slices_of(monkeypatch, seconds=0)
    monkeypatch.setattr(export_job, "PART_BYTES", 5 * 1024 * 1024)
    monkeypatch.setattr("chalicelib.services.export_reading.CHUNK_ITEMS", 3)
    yield own_world
    monkeypatch.undo()
    slices_of(monkeypatch, seconds=45)


def undisturbed(world: World) -> dict[str, list[dict[str, Any]]]:
    export = asked(world, tables=TABLES).body
    world.work_off_exports()
    return sheets(world, export["export_id"])


def sheets(world: World, export_id: str) -> dict[str, list[dict[str, Any]]]:
    found = stood(world, export_id)
    assert found["status"] == "done", found
    book = book_of(world, found)
    for facts in book.sheets["Resumo"]:
        facts.pop("Gerado em")
        facts.pop("Pedido em")
    return book.sheets


def work_off(world: World, deaths: Deaths) -> int:
    """Work the export off; answers how many workers died of it."""
    messages = world.exports_queue.messages
    return dying.work_off(world, messages, export_wiring.export_chain().advance, deaths, attempts=500)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_dies_at_any_call_leaves_the_same_workbook(world: World, when: Moment) -> None:
    wanted = undisturbed(world)
    export = asked(world, tables=TABLES).body
    died = work_off(world, dying.every_call(when, CALLS))
    assert died > 20
    assert sheets(world, export["export_id"]) == wanted


@pytest.mark.parametrize("seed", range(4))
def test_three_kills_at_random_moments_leave_the_same_workbook(world: World, seed: int) -> None:
    wanted = undisturbed(world)
    chance = random.Random(seed)
    export = asked(world, tables=TABLES).body
    moments: list[tuple[Moment, int]] = [("after", chance.randint(1, 12)) for _ in range(3)]
    plan: list[tuple[Moment, int]] = [*[("after", NEVER)] * 12, *moments]  # type: ignore[list-item]
    chance.shuffle(plan)
    died = work_off(world, plan)
    assert died >= 1
    assert sheets(world, export["export_id"]) == wanted


def test_every_message_delivered_twice_leaves_the_same_workbook(world: World) -> None:
    wanted = undisturbed(world)
    export = asked(world, tables=TABLES).body
    seen: list[dict[str, Any]] = []
    while world.exports_queue.messages:
        message = world.exports_queue.messages.popleft()
        seen.append(message)
        for _ in range(2):
            export_wiring.export_chain().advance(message, f"worker-{len(seen)}")
    for message in seen:
        assert export_wiring.export_chain().advance(message, "late") == "dropped"
    assert sheets(world, export["export_id"]) == wanted


def test_the_rows_are_all_requests_in_their_order(world: World) -> None:
    found = undisturbed(world)
    assert [len(found[table]) for table in TABLES] == [12, 12, 12]
    for table in TABLES:
        ids = [row["Id da requisição"] for row in found[table]]
        assert ids == sorted(set(ids))
    assert len(found["Rejeitados"]) > 36


def test_an_upload_that_the_bucket_forgot_is_begun_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = undisturbed(world)
    export = asked(world, tables=TABLES).body
    upload_part, forgotten = world.files.upload_part, [True, True]

    def forget(*part: Any) -> str:
        if forgotten:
            forgotten.pop()
            world.files.uploads.clear()
        return upload_part(*part)

    monkeypatch.setattr(world.files, "upload_part", forget)
    world.work_off_exports()
    assert forgotten == []
    assert sheets(world, export["export_id"]) == wanted
