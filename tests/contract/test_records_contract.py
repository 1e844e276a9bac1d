from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.counters import Counters
from chalicelib.domain.deltas import Delta
from chalicelib.domain.errors import FieldIssue
from chalicelib.domain.staging import APPLY, REJECT, Change, PendingBatch, Rejection, Staged, Write
from chalicelib.domain.tallies import UNDATED, Tally, joined
from chalicelib.domain.versions import Past
from chalicelib.storage import bulk, keys, record_items
from chalicelib.storage.bulk import Contended
from chalicelib.storage.records import Records
from tests.support.staged import AT, DATA, LATER, TABLE, commit, staged, write

REJECTION = Rejection(
    issues=(FieldIssue("valor_total", "not_decimal"), FieldIssue("", "too_large", {"limit": "9"})),
    raw='{"numero": "\\u0000"}',
    digest="f" * 32,
    at=AT,
    request_id="request-2",
)


def waiting(records: Records, here: str) -> list[str]:
    return [change.key for batch in records.pending(here, TABLE, 99) for change in batch.changes]


@pytest.mark.parametrize(
    "one",
    [
        staged("plain"),
        staged("São João | 1/2 # 漢字 🧾 \\ % ' \""),
        staged("x" * 900),
        staged("unicode", data='{"nome":"José  \\n 🧾"}'),
        staged("dated", updated_at=LATER, place="empresa|a|b"),
        staged("deleted", deleted=True, place="contato|1"),
        staged("\x01" + "f" * 32, data="", rejection=REJECTION),
        staged("both", rejection=REJECTION),
        staged("large", data='{"x":"' + "é" * 120_000 + '"}'),
    ],
    ids=lambda one: one.key[:10].encode("ascii", "replace").decode().strip("\x01"),
)
def test_a_record_is_read_as_it_was_written(records: Records, here: str, one: Staged) -> None:
    commit(records, here, Write(None, one))
    assert records.read(here, TABLE, [one.key, "absent"]) == {one.key: one}
    assert list(records.all_of(here, TABLE)) == [one]


def test_recent_lines_of_before_they_lay_in_the_document_are_read_too() -> None:
    known = staged("1")
    item = {**record_items.encode("here", known), "past": bulk.text("[2]\n[1]")}
    assert record_items.decode(TABLE, item).history == Past("[2]\n[1]")


def test_integrations_and_tables_do_not_see_each_other_s_records(records: Records, here: str) -> None:
    commit(records, here, write("1"))
    assert records.read(f"{here}x", TABLE, ["1"]) == {}
    assert records.read(here, "nota2", ["1"]) == {}
    assert records.counters(f"{here}x") == {}


@pytest.mark.parametrize(
    "lost",
    [Write(None, staged("1", 1)), Write(staged("1", 2), staged("1", 3)), Write(staged("2"), staged("2", 2))],
    ids=["it has been created", "it has another revision", "it is not there"],
)
def test_a_write_that_lost_its_race_leaves_nothing_behind(records: Records, here: str, lost: Write) -> None:
    commit(records, here, write("1"))
    with pytest.raises(Contended):
        commit(records, here, write("new"), lost, label="request-2")
    assert records.read(here, TABLE, ["1", "2", "new"]) == {"1": staged("1")}
    assert waiting(records, here) == ["1"]
    assert records.counters(here)[TABLE].pending == 1


def test_a_bucket_of_more_than_a_megabyte_is_read_to_its_end(records: Records, here: str) -> None:
    in_one_bucket = [key for key in map(str, range(200)) if keys.bucket(key) == 3][:8]
    large = '{"x":"' + "x" * 200_000 + '"}'
    commit(records, here, *(write(key, data=large) for key in in_one_bucket))
    assert sorted(one.key for one in records.all_of(here, TABLE)) == sorted(in_one_bucket)


def test_counters_are_exact_before_and_after_deltas_are_folded(records: Records, here: str) -> None:
    first, first_name = records.commit(here, TABLE, [write("1"), write("2")], "request-1", AT)
    gone = Write(staged("2"), staged("2", 2, deleted=True), (Change("2", APPLY), Change("2", REJECT)))
    second, second_name = records.commit(here, TABLE, [gone], "request-2", LATER)
    expected = Counters(records=1, bytes=len(DATA) + 1, pending=3, rejected=0)
    assert replace(records.counters(here)[TABLE], last_received_at=None) == expected
    records.fold(here, TABLE, {first_name: first, second_name: second}, LATER)
    assert records.counters(here) == {TABLE: replace(expected, last_received_at=LATER)}


def test_a_delta_is_folded_once_however_often_that_is_tried(records: Records, here: str) -> None:
    delta, name = records.commit(here, TABLE, [write("1")], "request-1", AT)
    for _ in range(3):
        records.fold(here, TABLE, {name: delta}, AT)
        records.fold_leftovers(here)
    assert records.counters(here)[TABLE].records == 1


def test_any_number_of_leftover_deltas_is_folded(engine: Any, records: Records, here: str) -> None:
    deltas = [record_items.delta_item(here, f"{TABLE}#{number}", Delta(1, 10, 1, 0)) for number in range(150)]
    bulk.write_many(engine.tables["RECORDS_TABLE"], deltas)
    records.fold_leftovers(here)
    assert records.counters(here) == {TABLE: Counters(150, 1_500, 150, 0)}
    left = bulk.query(engine.tables["RECORDS_TABLE"], keys.counters(here))
    assert [item["sk"]["S"] for item in left] == [TABLE]


def test_the_last_delivery_is_remembered_even_if_its_fold_lost_a_race(records: Records, here: str) -> None:
    records.commit(here, TABLE, [write("1")], "request-1", LATER)
    assert records.counters(here)[TABLE].last_received_at == LATER
    records.fold_leftovers(here)
    assert records.counters(here)[TABLE].last_received_at == LATER


def test_an_earlier_delivery_that_ends_later_does_not_turn_the_clock_back(
    records: Records, here: str
) -> None:
    records.fold(here, TABLE, {}, LATER)
    records.fold(here, TABLE, {}, AT)
    assert records.counters(here)[TABLE].last_received_at == LATER


def test_pending_batches_come_oldest_first_and_only_as_many_as_asked(records: Records, here: str) -> None:
    for number in (3, 1, 2):
        at = f"2026-07-0{number}T12:00:00.000000Z"
        commit(records, here, write(str(number)), label=f"request-{number}", at=at)
    moved = Change("9", APPLY, ("empresa|1", "contato|ç"))
    records.commit(
        here, TABLE, [Write(None, staged("9"), (moved, Change("9", REJECT)))], "request-9", "2026-08"
    )
    assert waiting(records, here) == ["1", "2", "3", "9", "9"]
    assert [batch.changes[0].key for batch in records.pending(here, TABLE, 2)] == ["1", "2"]
    assert records.pending(here, TABLE, 99)[-1] == PendingBatch(
        "2026-08#request-9", (moved, Change("9", REJECT)), {UNDATED: Tally(records=1, pending=1)}
    )


def settle(records: Records, here: str, batches: list[PendingBatch]) -> None:
    gain = joined(batch.gain for batch in batches)
    records.settle(here, TABLE, [one.sort_key for one in batches], gain)


def test_settling_forgets_exactly_what_was_applied_and_counts_it_once(records: Records, here: str) -> None:
    for number in range(4):
        commit(records, here, write(str(number)), label=f"request-{number}")
    applied = records.pending(here, TABLE, 2)
    for _ in range(2):  # the second time as a step that is repeated
        settle(records, here, applied)
        assert waiting(records, here) == ["2", "3"]
        assert records.counters(here)[TABLE].pending == 2
    settle(records, here, records.pending(here, TABLE, 99))
    assert records.counters(here)[TABLE].pending == 0
    records.fold_leftovers(here)
    assert records.counters(here)[TABLE].pending == 0


def test_as_many_batches_as_a_step_takes_are_settled_at_once(records: Records, here: str) -> None:
    for number in range(99):
        commit(records, here, write(str(number)), label=f"request-{number:03}")
    settle(records, here, records.pending(here, TABLE, 99))
    assert records.pending(here, TABLE, 99) == []
    assert records.counters(here)[TABLE].pending == 0


def test_only_live_records_exist(records: Records, here: str) -> None:
    never_valid = Write(None, staged("3", data="", rejection=REJECTION))
    commit(records, here, write("1"), write("2", deleted=True), never_valid, write("4", rejection=REJECTION))
    wanted = [(TABLE, key) for key in ("1", "2", "3", "4", "5")]
    assert records.existing(here, wanted) == {(TABLE, "1"), (TABLE, "4")}
