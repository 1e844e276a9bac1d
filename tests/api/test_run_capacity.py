"""The cost of a run follows what changed, not what is there."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zlib import crc32

import pytest

from infra.local.erp.changes import change
from infra.local.erp.data import Dataset, generate
from infra.local.erp.tables import REFERENCES, TABLES, Record, client_of, join_fields, key_of
from tests.support.books import measured
from tests.support.calls import Calls, counted
from tests.support.world import World

ENGINE = "dynamodb_local"  # costs are those of AWS's own engine

TODAY = date(2026, 11, 24)
NIGHT = datetime(2026, 11, 24, 3, tzinfo=UTC)
SHARE = 6  # one client in six, with all their documents: enough for fixed costs not to dominate
Rows = dict[str, list[Record]]


@dataclass
class Night:
    """What a night's run consumed and did."""

    calls: Calls
    run: dict[str, Any]

    @property
    def applied(self) -> int:
        return int(next(stage["processed"] for stage in self.run["stages"] if stage["name"] == "load"))


@pytest.fixture(scope="module")
def demo() -> Dataset:
    return generate("small", 1, today=TODAY)


def part_of(rows: Rows, held: Rows) -> Rows:
    """Keep one client in six, and the documents and items that hang on them in `held`."""
    kept: dict[str, set[str]] = {}
    for table in TABLES:
        kept[table] = {str(key_of(table, one)) for one in held[table] if _kept(table, one, kept)}
    return {table: [one for one in rows[table] if str(key_of(table, one)) in kept[table]] for table in TABLES}


def _kept(table: str, record: Record, kept: dict[str, set[str]]) -> bool:
    if table in ("vendedor", "fornecedor"):
        return True
    if table in ("empresa", "contato"):
        return crc32(record["codigo"].encode()) % SHARE == 0
    client = client_of(record)
    if client is not None and table != "empresa_marca":
        return client[1] in kept[client[0]]
    fields, parent = REFERENCES[table][0]
    return join_fields(record, fields) in kept[parent]


def push(world: World, rows: Rows) -> int:
    for table, records in rows.items():
        for at in range(0, len(records), 1_000):
            answer = world.push(table, records[at : at + 1_000])
            assert (answer.status, answer.body["rejected"]) == (200, 0), answer.body
    world.clock.advance(seconds=1)
    return sum(map(len, rows.values()))


def night(world: World) -> Night:
    with counted() as calls:
        run = world.run()
    assert run["status"] == "success"
    world.clock.advance(seconds=1)
    return Night(calls, run)


@pytest.fixture
def first(world: World, demo: Dataset) -> tuple[Night, int]:
    """The first night's run over a part of the demo distributor, and the number of records."""
    world.clock.frozen = NIGHT
    live = {table: list(records.values()) for table, records in demo.ledger.live.items()}
    total = push(world, part_of(live, live))
    return night(world), total


def test_a_night_costs_what_has_changed(world: World, demo: Dataset, first: tuple[Night, int]) -> None:
    full, total = first
    assert total > 3_000
    assert full.applied == total

    again = night(world)

    assert again.applied == 0
    assert measured(world, again.run).startswith("0 ")
    assert again.calls.write_units <= 0.03 * full.calls.write_units, _shares(again, full)

    following = change(demo, 0.01)
    live = {table: list(records.values()) for table, records in demo.ledger.live.items()}
    sent: Rows = {table: [] for table in TABLES}
    for table, records in following.deliveries:
        sent[table] += records
    changed = push(world, part_of(sent, live))
    world.clock.advance(days=1)

    little = night(world)

    assert 0.007 * total < changed < 0.013 * total
    assert little.applied == changed
    assert little.calls.write_units <= 0.05 * full.calls.write_units, _shares(little, full)


def _shares(night: Night, full: Night) -> str:
    share = night.calls.write_units / full.calls.write_units
    return f"{night.calls.write_units} of {full.calls.write_units} write units: {share:.2%}"
