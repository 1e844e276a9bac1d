"""Journalled writes: hardly more units than records, and a dead worker loses and doubles nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import view_wiring, wiring
from chalicelib.domain.staging import Outcome, Staged, Write
from chalicelib.domain.tables import TABLES
from chalicelib.services.ingestion import Receipt, ingest
from chalicelib.storage import journal as journals
from tests.support.calls import counted
from tests.support.digest import counters, pending_changes, recounted, staged_records
from tests.support.faults import living
from tests.support.world import World

NOW = datetime(2026, 7, 1, 15, tzinfo=UTC)
TABLE = TABLES["vendedor"]


@pytest.fixture
def own(lasting_world: World) -> World:
    world = replace(lasting_world)
    world.integration_id, _ = world.new_integration(integration_type="view")
    return world


def records(*numbers: int, name: str = "Ana") -> list[dict[str, Any]]:
    return [{"codigo": str(one), "nome": name} for one in numbers]


def write(world: World, rows: list[Any], label: str = "page", *, fresh: bool = False) -> Receipt:
    journal = view_wiring.view_parts().journal(fresh)
    return ingest(journal, world.integration_id, TABLE, rows, request_id=label, now=NOW, one_a_key=True)


def recover(world: World) -> bool:
    return view_wiring.view_parts().journal(False).recover(world.integration_id, "vendedor")


def consistent(world: World) -> bool:
    return counters(world.integration_id, "vendedor") == recounted(world.integration_id, "vendedor")


def test_writes_are_counted_and_pending(own: World) -> None:
    receipt = write(own, [*records(1, 2, 3), {"codigo": "4"}])
    assert (receipt.counts[Outcome.CREATED], receipt.counts[Outcome.REJECTED]) == (3, 1)
    assert pending_changes(own.integration_id, "vendedor") == [
        ("1", "apply"), ("2", "apply"), ("3", "apply"), ("4", "reject"),
    ]  # fmt: skip
    assert consistent(own)
    assert not recover(own)


def test_what_is_known_is_not_written_again(own: World) -> None:
    write(own, records(1, 2))
    before = staged_records(own.integration_id, "vendedor")
    receipt = write(own, [*records(1), *records(2, name="Bia")], "second")
    assert (receipt.counts[Outcome.UNCHANGED], receipt.counts[Outcome.UPDATED]) == (1, 1)
    after = staged_records(own.integration_id, "vendedor")
    assert (after[0], after[1].revision, after[1].request_id) == (before[0], 2, "second")
    assert consistent(own)


def test_a_table_that_holds_nothing_is_not_read(own: World) -> None:
    assert wiring.records().holds_nothing(own.integration_id, "vendedor")
    with counted() as calls:
        write(own, records(*range(500)), fresh=True)
    assert calls.by_operation.get("BatchGetItem", 0) == 0
    assert consistent(own)
    assert not wiring.records().holds_nothing(own.integration_id, "vendedor")


def test_a_deleted_or_refused_key_is_something(own: World) -> None:
    write(own, [{"codigo": "1"}])
    assert not wiring.records().holds_nothing(own.integration_id, "vendedor")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_may_die_at_any_call(own: World, moment: Any) -> None:
    rows = [*records(*range(30)), {"codigo": "x"}]
    number, alive = 0, False
    while not alive:
        number += 1
        own.integration_id, _ = own.new_integration(integration_type="view")
        write(own, [*records(0, 1, name="Old"), *records(900)], "before")
        with living(own, moment, number) as life:
            write(own, rows, "dies")
        alive = not life.dead
        recover(own)
        assert consistent(own), (moment, number)
        write(own, rows, "again")
        assert consistent(own), (moment, number)
        found = staged_records(own.integration_id, "vendedor")
        assert [one.key for one in found if one.live] == sorted([*map(str, range(30)), "900"])
        applied = {key for key, kind in pending_changes(own.integration_id, "vendedor") if kind == "apply"}
        assert applied >= {*map(str, range(30)), "900"}
    assert number > 5


def test_keys_too_long_for_one_journal_item_take_several(own: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "MAX_NAMED_BYTES", 2_000)
    long = [{"codigo": f"{one:03}" + "k" * 800, "nome": "Ana"} for one in range(10)]
    write(own, long)
    assert len(staged_records(own.integration_id, "vendedor")) == 10
    assert consistent(own)


def test_the_longest_page_there_can_be_fits(own: World) -> None:
    write(own, [{"codigo": f"{one:04}" + "é" * 448, "nome": "Ana"} for one in range(1_000)], fresh=True)
    assert counters(own.integration_id, "vendedor").records == 1_000
    assert consistent(own)


def test_a_journal_that_was_already_settled_changes_nothing(own: World) -> None:
    write(own, records(1))
    staged = Staged("vendedor", "2", 1, '{"codigo":"2","nome":"B"}', None, "2026", "lost")
    journal = view_wiring.view_parts().journal(False)
    lost = Write(None, staged)
    journal._name(own.integration_id, "vendedor", [lost], [lost.delta], "lost#0", "2026")
    assert recover(own)
    assert not recover(own)
    assert consistent(own)


def test_a_page_costs_little_more_than_its_records(own: World) -> None:
    with counted() as calls:
        write(own, records(*range(1_000)), fresh=True)
    per_record = calls.write_units / 1_000
    assert per_record < 1.2, "half of what a delivery costs, which is written in transactions"
    with counted() as calls:
        write(own, records(*range(1_000)), "again")
    assert calls.write_units / 1_000 < 0.02
