"""Exports and the audit list, on every engine."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.exports import Export, Part, Upload
from chalicelib.domain.history import Period
from chalicelib.domain.runs import Failure, LeaseHeld, LeaseLost
from chalicelib.storage import keys
from chalicelib.storage.audit import Audit, position
from chalicelib.storage.exports import Exports

NOON = datetime(2026, 7, 8, 15, 30, tzinfo=UTC)
GRACE = "2026-07-08T15:35:00.000000Z"


@pytest.fixture
def exports(engine: Any) -> Exports:
    return Exports(engine.tables["EXPORTS_TABLE"], engine.tables["AUDIT_TABLE"])


@pytest.fixture
def audit(engine: Any) -> Audit:
    return Audit(engine.tables["AUDIT_TABLE"])


def export(here: str, number: int = 1, **fields: Any) -> Export:
    made = Export(
        job_id=f"export-{number}",
        tenant_id="tenant-a",
        integration_id=here,
        period=Period(NOON - timedelta(days=7), NOON),
        tables=("nota", "-"),
        language="pt-BR",
        masked=False,
        requested_by="ana",
        requested_at=NOON,
    )
    return replace(made, **fields)


def entry(here: str, number: int = 1, at: str = "2026-07-08T15:30:00.000000Z") -> AuditEntry:
    return AuditEntry(f"e{number}", here, at, "ana", "admin", "export_requested", {"n": number})


def nobody(_: Export) -> None:
    """Give no one personal data."""


def test_an_export_is_begun_with_its_audit_entry(exports: Exports, audit: Audit, here: str) -> None:
    begun = exports.begin(export(here), GRACE, lambda one: entry(here))
    assert begun == export(here)
    assert exports.find(here, "export-1") == export(here)
    assert list(audit.latest(here, limit=10, before=None)) == [entry(here)]
    assert exports.find(f"{here}x", "export-1") is None


def test_an_export_of_the_same_joins_the_one_under_way(exports: Exports, audit: Audit, here: str) -> None:
    exports.begin(export(here), GRACE, nobody)
    joined = exports.begin(export(here, 2, requested_at=NOON + timedelta(1)), GRACE, lambda _: entry(here, 2))
    assert joined.export_id == "export-1"
    assert exports.find(here, "export-2") is None
    assert [one.entry_id for one in audit.latest(here, limit=10, before=None)] == ["e2"]
    others: list[dict[str, Any]] = [
        {"masked": True},
        {"language": "en"},
        {"tables": ("nota",)},
        {"period": Period(NOON, NOON)},
    ]
    for number, other in enumerate(others, 3):
        assert exports.begin(export(here, number, **other), GRACE, nobody).export_id == f"export-{number}"


def test_of_many_who_ask_for_the_same_at_once_one_begins_it(
    exports: Exports, audit: Audit, here: str
) -> None:
    def ask(number: int) -> str:
        return exports.begin(export(here, number), GRACE, lambda _: entry(here, number)).export_id

    with ThreadPoolExecutor(8) as people:
        begun = list(people.map(ask, range(1, 9)))
    assert len(set(begun)) == 1
    assert [exports.find(here, f"export-{number}") is not None for number in range(1, 9)].count(True) == 1
    assert len(list(audit.latest(here, limit=20, before=None))) == 8


def test_the_next_of_the_same_begins_when_the_first_has_ended(exports: Exports, here: str) -> None:
    exports.begin(export(here), GRACE, nobody)
    held = exports.claim(here, "export-1", "worker", 0, NOON, 60)
    exports.finish(replace(held, finished_at=NOON), "worker")
    assert exports.begin(export(here, 2), GRACE, nobody).export_id == "export-2"


def test_a_claim_left_by_a_worker_that_died_while_ending_is_taken_over(
    exports: Exports, engine: Any, here: str
) -> None:
    exports.begin(export(here), GRACE, nobody)
    claim = keys.export_claim(export(here).likeness())
    left = engine.item("EXPORTS_TABLE", keys.exports(here), claim)
    held = exports.claim(here, "export-1", "w", 0, NOON, 60)
    exports.finish(replace(held, finished_at=NOON), "w")
    assert engine.item("EXPORTS_TABLE", keys.exports(here), claim) is None
    engine.client.put_item(TableName=engine.tables["EXPORTS_TABLE"], Item=left)
    assert exports.begin(export(here, 2), GRACE, nobody).export_id == "export-2"


def test_where_an_export_stands_is_kept_whole(exports: Exports, here: str) -> None:
    exports.begin(export(here), GRACE, nobody)
    held = exports.claim(here, "export-1", "worker", 0, NOON, 60)
    assert held.attempts == 1
    standing = replace(
        held,
        parts=(Part("nota", Period(NOON - timedelta(hours=3), NOON), 7),),
        position=(0, "abc"),
        sheets={"nota": {"next": 1, "at": {"sheet": 1, "rows": 7, "raw_size": 9}}},
        segments=(["nota", 0, 1, 7, 9, 5, 3, 0],),
        totals={"nota": {"requests": 7}},
        rows=7,
        rejected=2,
        upload=Upload("u", ("e1", "e2")),
        failure=Failure("export_failed", {"cause": "x"}),
    )
    exports.save(standing, "worker", NOON, 60)
    assert exports.find(here, "export-1") == replace(standing, attempts=0)


def test_one_that_was_written_before_exports_were_jobs_is_read(
    exports: Exports, engine: Any, here: str
) -> None:
    exports.begin(export(here), GRACE, nobody)
    item = engine.item("EXPORTS_TABLE", keys.exports(here), keys.export("export-1"))
    former = (
        item["job"]["S"].replace('"job_id"', '"export_id"').replace('"period"', '"status":"queued","period"')
    )
    assert former.startswith('{"export_id":"export-1",')
    item["job"]["S"] = former
    engine.client.put_item(TableName=engine.tables["EXPORTS_TABLE"], Item=item)
    assert exports.find(here, "export-1") == export(here)


def test_one_worker_at_a_time(exports: Exports, here: str) -> None:
    exports.begin(export(here), GRACE, nobody)
    first = exports.claim(here, "export-1", "first", 0, NOON, 60)
    with pytest.raises(LeaseHeld):
        exports.claim(here, "export-1", "second", 0, NOON + timedelta(seconds=59), 60)
    second = exports.claim(here, "export-1", "second", 0, NOON + timedelta(seconds=61), 60)
    assert second.attempts == 2
    with pytest.raises(LeaseLost):
        exports.save(first, "first", NOON, 60)
    with pytest.raises(LeaseLost):
        exports.release(first, "first", grace_until=GRACE)
    with pytest.raises(LeaseLost):
        exports.finish(first, "first")


def test_an_old_message_is_told_from_one_that_came_early(exports: Exports, here: str) -> None:
    exports.begin(export(here), GRACE, nobody)
    held = exports.claim(here, "export-1", "worker", 0, NOON, 60)
    with pytest.raises(LeaseHeld):
        exports.claim(here, "export-1", "early", 1, NOON, 60)
    exports.release(replace(held, hop=1), "worker", grace_until=GRACE)
    with pytest.raises(LeaseLost):
        exports.claim(here, "export-1", "late", 0, NOON, 60)
    assert exports.claim(here, "export-1", "next", 1, NOON, 60).hop == 1
    with pytest.raises(LeaseLost):
        exports.claim(here, "nothing", "worker", 0, NOON, 60)


def test_of_many_who_find_an_export_idle_one_revives_it(exports: Exports, here: str) -> None:
    begun = exports.begin(export(here), GRACE, nobody)
    assert not exports.revive(begun, NOON, lambda _: GRACE)
    late = NOON + timedelta(minutes=6)
    later = "2026-07-08T15:41:00.000000Z"
    assert [exports.revive(begun, late, lambda _: later) for _ in range(3)] == [True, False, False]
    assert exports.claim(here, "export-1", "worker", 0, late, 60).hop == 0


def test_the_audit_list_is_read_newest_first_page_by_page(audit: Audit, engine: Any, here: str) -> None:
    made = [entry(here, number, f"2026-07-0{number}T00:00:00.000000Z") for number in range(1, 6)]
    for one in made:
        audit.add(one)
    first = list(audit.latest(here, limit=2, before=None))
    rest = list(audit.latest(here, limit=9, before=position(first[-1])))
    assert [*first, *rest] == made[::-1]
    item = engine.item("AUDIT_TABLE", keys.audit(here), position(made[0]))
    assert int(item["expires_at"]["N"]) == datetime(2031, 6, 30, tzinfo=UTC).timestamp()
