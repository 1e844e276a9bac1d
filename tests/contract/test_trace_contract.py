"""What a trace reads: versions beside records, keys by their beginning, a client's documents, marks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.crm import Document
from chalicelib.domain.request_log import RequestEntry, new_id
from chalicelib.domain.staging import Rejection, Staged, Write
from chalicelib.domain.values import instant_text
from chalicelib.domain.versions import Past, versions_of
from chalicelib.storage import keys, requests
from chalicelib.storage.bodies import Bodies
from chalicelib.storage.crm import Crm
from chalicelib.storage.records import Records
from chalicelib.storage.request_marks import RequestMarks
from chalicelib.storage.requests import RequestLog

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
AT = instant_text(NOON)
DAY, DAY_BEFORE = "2026-07-01", "2026-06-30"


@pytest.fixture
def log(engine: Any, bucket: str) -> RequestLog:
    return RequestLog(engine.tables["REQUESTS_TABLE"], Bodies(bucket), retention_days=15)


@pytest.fixture
def marks(engine: Any) -> RequestMarks:
    return RequestMarks(engine.tables["REQUESTS_TABLE"])


def staged(key: str, revision: int = 1, **fields: Any) -> Staged:
    data = f'{{"nome":"São {revision}"}}'
    return replace(Staged("nota", key, revision, data, None, AT, new_id("nota", NOON)), **fields)


def write(records: Records, here: str, stored: Staged | None, one: Staged) -> Staged:
    """Write a record; answers it as it is read."""
    records.commit(here, "nota", [Write(stored, one)], f"label-{one.revision}", AT)
    return records.read(here, "nota", [one.key])[one.key]


def completed(log: RequestLog, here: str, at: datetime, named: list[str], table: str = "nota") -> str:
    entry = RequestEntry(new_id(table, at), here, table, instant_text(at), "POST", "/", status=200)
    log.complete(entry, {}, b"{}", named)
    return entry.request_id


@pytest.mark.parametrize("count", [2, 30], ids=["as text", "compressed"])
def test_versions_are_read_as_they_were_written(records: Records, here: str, count: int) -> None:
    stored: Staged | None = None
    for revision in range(1, count + 1):
        written = Write(stored, staged("1", revision)).staged
        stored = write(records, here, stored, written)
        assert stored == written
    assert stored is not None
    assert isinstance(stored.history, Past)
    assert bool(stored.history.packed) == (count == 30)
    found, dropped = versions_of(stored)
    assert [one.revision for one in found] == list(range(count, max(0, count - 20), -1))
    assert dropped == max(0, count - 20)
    assert found[0].changes is not None
    assert [(one.before, one.after) for one in found[0].changes] == [(f"São {count - 1}", f"São {count}")]


def test_a_refusal_and_its_end_are_versions(records: Records, here: str) -> None:
    stored = write(records, here, None, staged("1"))
    refused = Rejection((), "{}", "f", AT, new_id("nota", NOON))
    stored = write(records, here, stored, replace(stored, revision=2, rejection=refused))
    stored = write(records, here, stored, replace(stored, revision=3, rejection=None))
    assert [one.what for one in versions_of(stored)[0]] == ["confirmed", "rejected", "created"]


def test_keys_are_found_by_their_beginning_in_every_partition(records: Records, here: str) -> None:
    own = [f"N|1|{number}" for number in range(40)]
    for key in (*own, "N|10|1", "N1|1|1", "M|1|1", "N|1"):
        write(records, here, None, staged(key))
    write(records, here, None, staged("N|1|gone", deleted=True))
    found, more = records.beginning(here, "nota", "N|1|", 100)
    assert sorted(found) == sorted([*((key, True) for key in own), ("N|1|gone", False)])
    assert not more
    some, more = records.beginning(here, "nota", "N|1|", 2)
    assert (len(some), more) == (16, True)
    assert records.beginning(here, "nota", "X", 2) == ([], False)


def test_a_client_s_documents_of_one_table_are_read_page_by_page(crm: Crm, here: str) -> None:
    documents = [
        Document(table, f"{number}", f'{{"n":{number}}}', 1, "empresa|1", "run", AT)
        for table in ("fatura", "nota")
        for number in range(10)
    ]
    crm.apply(here, documents, [], [])
    found, more = crm.beside(here, "empresa|1", "nota", 4, 5)
    assert (sorted(found), more) == ([(f"{number}", {"n": number}) for number in range(10)], False)
    found, more = crm.beside(here, "empresa|1", "nota", 4, 2)
    assert (len(found), more) == (8, True)
    assert crm.beside(here, "empresa|2", "nota", 4, 2) == ([], False)


def test_requests_are_found_by_the_keys_they_named_newest_first(
    log: RequestLog, marks: RequestMarks, here: str
) -> None:
    first = completed(log, here, NOON - timedelta(days=1), ["1|1", "2|1"])
    second = completed(log, here, NOON, ["1|1"])
    third = completed(log, here, NOON + timedelta(hours=1), ["2|1", "\ud800", "1|1"])
    completed(log, here, NOON, ["3|1"])
    completed(log, here, NOON, ["1|1"], table="pedido")
    completed(log, f"{here}x", NOON, ["1|1"])
    completed(log, here, NOON, [])

    found = marks.naming(here, "nota", "1|1", [DAY, DAY_BEFORE], 10)

    assert (found.request_ids, found.unread_before) == ([third, second, first], None)
    assert marks.naming(here, "nota", "1|1", [DAY], 10).request_ids == [third, second]
    assert marks.naming(here, "nota", "absent", [DAY, DAY_BEFORE], 10).request_ids == []
    assert sorted(one.entry.request_id for one in log.find_all(here, [first, third, "x"])) == [first, third]


def test_more_keys_than_one_item_holds_are_marked_all_the_same(
    log: RequestLog, marks: RequestMarks, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "MARKS_AN_ITEM", 10)
    named = [str(number) for number in range(95)]
    one = completed(log, here, NOON, named)
    for key in named:
        assert marks.naming(here, "nota", key, [DAY], 1).request_ids == [one]


def test_what_a_bound_leaves_unread_is_said(
    engine: Any, log: RequestLog, marks: RequestMarks, here: str
) -> None:
    many = [f"{number}" for number in range(45_000)]
    made = [completed(log, here, NOON + timedelta(minutes=minute), many) for minute in range(11)]
    found = marks.naming(here, "nota", "7", [DAY, DAY_BEFORE], 2)
    assert found.unread_before in made
    assert found.request_ids == [one for one in made[::-1] if one >= str(found.unread_before)]
    assert 0 < len(found.request_ids) < len(made)
    found = marks.naming(here, "nota", "7", [DAY, DAY_BEFORE], 10)
    assert (found.request_ids, found.unread_before) == (made[::-1], None)


def test_marks_expire_with_their_request(engine: Any, log: RequestLog, here: str) -> None:
    one = completed(log, here, NOON, ["1"])
    item = engine.item("REQUESTS_TABLE", keys.request_marks(here, "nota", DAY), one)
    assert item["expires_at"] == {"N": str(int((NOON + timedelta(days=15)).timestamp()))}
