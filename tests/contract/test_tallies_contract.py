"""Tallies by month, on every engine: exact whatever is folded when, for any spread of dates."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.errors import Busy
from chalicelib.domain.staging import APPLY, Change, Staged, Write
from chalicelib.domain.tallies import UNDATED, Tally, joined
from chalicelib.storage import bulk
from chalicelib.storage.records import Records

AT, LATER = "2026-07-01T12:00:00.000000Z", "2026-07-02T12:00:00.000000Z"


@pytest.fixture
def records(engine: Any) -> Records:
    return Records(engine.tables["RECORDS_TABLE"])


def write(number: int, date: str, amount: str = "1.5", table: str = "nota") -> Write:
    key = f"{number}|1"
    data = json.dumps({"emitida_em": date, "valor_total": amount})
    return Write(None, Staged(table, key, 1, data, None, AT, "request"), (Change(key, APPLY),))


def commit(records: Records, here: str, writes: list[Write], label: str, *, fold: bool) -> None:
    table = writes[0].staged.table
    delta, name = records.commit(here, table, writes, label, AT)
    if fold:
        records.fold(here, table, {name: delta}, AT)


def settle(records: Records, here: str, table: str) -> None:
    while batches := records.pending(here, table, 99):
        records.settle(here, table, [one.sort_key for one in batches], joined(one.gain for one in batches))


@pytest.mark.parametrize("fold", [False, True])
def test_tallies_are_the_same_before_and_after_deltas_are_folded(
    records: Records, here: str, fold: bool
) -> None:
    commit(records, here, [write(1, "2026-01-31"), write(2, "2026-02-01", "-7")], "one", fold=True)
    commit(records, here, [write(3, "2026-01-01"), write(4, "2025-12-31")], "two", fold=fold)
    commit(records, here, [write(5, "", "2", "itens_nota")], "three", fold=fold)
    assert records.tallies(here) == {
        "nota": {
            "2025-12": Tally(1, Decimal("1.5"), 1),
            "2026-01": Tally(2, Decimal(3), 2),
            "2026-02": Tally(1, Decimal(-7), 1),
        },
        "itens_nota": {UNDATED: Tally(1, Decimal(2), 1)},
    }
    assert records.tallies(f"{here}x") == {}


def test_what_is_settled_is_the_crms_and_settled_once(records: Records, here: str) -> None:
    commit(records, here, [write(1, "2026-01-31"), write(2, "2026-02-01", "-7")], "one", fold=True)
    [batch] = records.pending(here, "nota", 99)
    for _ in range(2):  # the second time as a step that is repeated
        records.settle(here, "nota", [batch.sort_key], batch.gain)
        assert records.tallies(here)["nota"] == {
            "2026-01": Tally(1, Decimal("1.5"), applied=1, applied_amount=Decimal("1.5")),
            "2026-02": Tally(1, Decimal(-7), applied=1, applied_amount=Decimal(-7)),
        }


def test_settling_is_tried_again_while_others_are_in_the_way(
    records: Records, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(records, here, [write(1, "2026-01-31")], "one", fold=True)
    [batch] = records.pending(here, "nota", 99)
    rivals, really = [1, 2], bulk.transact

    def transact(actions: Any) -> None:
        if rivals:
            rivals.pop()
            raise bulk.Contended()
        really(actions)

    monkeypatch.setattr(bulk, "transact", transact)
    monkeypatch.setattr(bulk, "pause", lambda attempt: None)
    records.settle(here, "nota", [batch.sort_key], batch.gain)
    assert records.pending(here, "nota", 99) == []
    assert records.counters(here)["nota"].pending == 0


def test_a_delivery_with_a_date_of_every_year_there_can_be_is_counted_and_settled(
    records: Records, here: str
) -> None:
    for number, first in enumerate(range(1900, 2201, 98)):
        years = range(first, min(first + 98, 2201))
        writes = [write(year, f"{year}-06-15") for year in years]
        commit(records, here, writes, f"batch-{number}", fold=number % 2 == 0)
    records.fold_leftovers(here)
    expected = {f"{year}-06": Tally(1, Decimal("1.5"), 1) for year in range(1900, 2201)}
    assert records.tallies(here) == {"nota": expected}
    settle(records, here, "nota")
    found = records.tallies(here)["nota"]
    assert set(found.values()) == {Tally(1, Decimal("1.5"), applied=1, applied_amount=Decimal("1.5"))}
    assert len(found) == 301
    assert records.counters(here)["nota"].pending == 0


def test_tallies_are_not_read_while_they_are_folded(
    records: Records, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [write(number, "2026-01-31") for number in range(3)]
    names = {}
    for number, one in enumerate(left):
        delta, name = records.commit(here, "nota", [one], f"{number}", AT)
        names[name] = delta
    waiting, really = list(names.items()), bulk.query

    def query(table: str, pk: str, **options: Any) -> Iterator[Any]:
        yield from list(really(table, pk, **options))
        if pk.startswith("M#") and waiting:
            name, delta = waiting.pop()
            records.fold(here, "nota", {name: delta}, LATER)

    monkeypatch.setattr(bulk, "query", query)
    monkeypatch.setattr(bulk, "pause", lambda attempt: None)
    assert records.tallies(here) == {"nota": {"2026-01": Tally(3, Decimal("4.5"), 3)}}
    assert not waiting


def test_whoever_never_sees_a_quiet_moment_is_told_to_come_back(
    records: Records, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter(range(100))
    really = records._deltas

    def restless(integration_id: str) -> Any:
        records.commit(here, "nota", [write(number := next(numbers), "2026-01-31")], f"{number}", AT)
        return really(integration_id)

    monkeypatch.setattr(records, "_deltas", restless)
    monkeypatch.setattr(bulk, "pause", lambda attempt: None)
    with pytest.raises(Busy):
        records.tallies(here)
