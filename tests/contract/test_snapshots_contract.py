"""Snapshots and the index of refused records, on every engine; keys met, on the local AWS's S3."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.errors import FieldIssue
from chalicelib.domain.runs import LeaseLost
from chalicelib.domain.snapshots import Snapshot
from chalicelib.domain.staging import Rejection, Staged, Write
from chalicelib.storage import keys
from chalicelib.storage.bodies import Bodies
from chalicelib.storage.files import Files
from chalicelib.storage.records import Records
from chalicelib.storage.refused import Refused
from chalicelib.storage.snapshots import Noted, Overtaken, Snapshots

NOON = datetime(2026, 7, 8, 15, 30, tzinfo=UTC)
GRACE = "2026-07-08T15:35:00.000000Z"


@pytest.fixture
def snapshots(engine: Any, bucket: str) -> Snapshots:
    return Snapshots(engine.tables["ONBOARDING_TABLE"], Files(bucket))


def snapshot(here: str, number: int = 1, **fields: Any) -> Snapshot:
    made = Snapshot(
        job_id=f"snapshot-{number}",
        tenant_id="tenant-a",
        integration_id=here,
        requested_by="ERP",
        requested_at=NOON,
        table="fatura",
    )
    return replace(made, **fields)


def test_a_snapshot_becomes_its_tables_present_one_and_ends_the_one_before(
    snapshots: Snapshots, here: str
) -> None:
    first, second = snapshot(here), snapshot(here, 2)
    assert snapshots.present(here, "fatura") is None
    snapshots.begin(first, None, None)
    assert snapshots.present(here, "fatura") == snapshots.find(here, "snapshot-1") == first
    assert snapshots.present(here, "nota") is None
    with pytest.raises(Overtaken):
        snapshots.begin(second, None, None)
    snapshots.begin(second, first, replace(first, state="abandoned", hop=1))
    assert snapshots.present(here, "fatura") == second
    found = snapshots.find(here, "snapshot-1")
    assert found is not None
    assert (found.state, found.hop) == ("abandoned", 1)
    with pytest.raises(Overtaken):
        snapshots.begin(snapshot(here, 3), first, None)
    assert snapshots.latest(here, limit=5, before=None) == [second, found]


def test_nothing_is_replaced_when_the_one_before_has_changed_meanwhile(
    snapshots: Snapshots, here: str
) -> None:
    first = snapshot(here)
    snapshots.begin(first, None, None)
    snapshots.turn(replace(first, state="committing", hop=1), first, GRACE)
    with pytest.raises(Overtaken):
        snapshots.begin(snapshot(here, 2), first, replace(first, state="abandoned", hop=1))
    assert snapshots.find(here, "snapshot-2") is None


def test_only_what_nobody_works_on_can_be_turned_and_only_work_can_be_claimed(
    snapshots: Snapshots, here: str
) -> None:
    first = snapshot(here)
    snapshots.begin(first, None, None)
    with pytest.raises(LeaseLost):
        snapshots.claim(here, "snapshot-1", "worker", 0, NOON, 150)
    asked = replace(first, state="committing", hop=1)
    snapshots.turn(asked, first, GRACE)
    for before in (first, asked):
        with pytest.raises(Overtaken):
            snapshots.turn(replace(first, state="abandoned", hop=2), before, None)
    claimed = snapshots.claim(here, "snapshot-1", "worker", 1, NOON, 150)
    assert replace(claimed, attempts=0) == asked
    held = replace(claimed, state="held", held="snapshot_held_many", finished_at=NOON)
    snapshots.finish(held, "worker")
    found = snapshots.find(here, "snapshot-1")
    assert found is not None
    snapshots.turn(replace(found, state="committing", forced=True, hop=2), found, GRACE)
    assert snapshots.claim(here, "snapshot-1", "other", 2, NOON, 150).forced


def test_keys_met_are_counted_by_name_and_found_again(snapshots: Snapshots, here: str) -> None:
    first = snapshot(here)
    snapshots.note(first, "a", ["1|1", "1|2"], 0)
    for _ in range(2):
        snapshots.note(first, "b", ["1|2", "1|3"], 3)
    snapshots.note(snapshot(here, 2), "c", ["9|9"], 1)
    assert snapshots.noted(first) == Noted(4, 3, 0)
    met = snapshots.met(first)
    assert met.count() == 3
    assert [met.has(keys.bucket(key), key) for key in ("1|1", "1|2", "1|3", "9|9")] == [True] * 3 + [False]
    snapshots.forget(first)
    snapshots.forget(first)
    assert (snapshots.noted(first), snapshots.met(first).count()) == (Noted(0, 0, 0), 0)
    assert snapshots.noted(snapshot(here, 2)) == Noted(1, 1, 0)


def test_what_is_awaited_is_told_until_it_has_come(snapshots: Snapshots, here: str) -> None:
    first = snapshot(here)
    for name in ("upload-1", "upload-2", "upload-1"):
        snapshots.expect(first, name)
    snapshots.note(first, "upload-1/0", ["1|1"], 0)
    assert (snapshots.noted(first), snapshots.met(first).count()) == (Noted(1, 0, 2), 1)
    for _ in range(2):
        snapshots.arrived(first, "upload-1")
    assert snapshots.noted(first) == Noted(1, 0, 1)


def test_an_object_that_is_not_there_is_told_apart_from_trouble(engine: Any, bucket: str, here: str) -> None:
    with pytest.raises(KeyError):
        Bodies(bucket).get(f"requests/{here}/absent")


def refusal(here: str, table: str, number: int, at: str) -> Staged:
    rejection = Rejection((FieldIssue("nome", "missing"),), "{}", f"digest-{number}", at, "request")
    return Staged(table, f"key-{number:02}", 1, "", None, at, "request", rejection=rejection)


def test_refused_records_are_listed_newest_first_until_they_are_no_longer(
    engine: Any, records: Records, here: str
) -> None:
    refused = Refused(engine.tables["RECORDS_TABLE"], records)
    stored = [
        refusal(here, table, number, f"2026-07-08T15:{number:02}:00.000000Z")
        for table in ("nota", "fatura")
        for number in range(20)
    ]
    for table in ("nota", "fatura"):
        records.commit(here, table, [Write(None, one) for one in stored if one.table == table], "a", "")
    expected = sorted(stored, key=lambda one: (one.received_at, one.table), reverse=True)
    found, place = [], None
    while True:
        page, place = refused.latest(here, ["nota", "fatura"], place, 7)
        found += page
        if place is None:
            break
    assert found == expected
    assert len(refused.latest(here, ["nota"], None, 50)[0]) == 20
    settled = replace(stored[0], revision=2, rejection=None, deleted=True)
    records.commit(here, "nota", [Write(stored[0], settled)], "b", "")
    assert len(refused.latest(here, ["nota"], None, 50)[0]) == 19
