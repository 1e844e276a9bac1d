"""Rewriting of staged records under optimistic concurrency."""

import pytest

from chalicelib.domain.counters import Counters
from chalicelib.domain.errors import Busy
from chalicelib.domain.staging import Staged, Write
from chalicelib.storage import rewriting
from chalicelib.storage.records import Records
from tests.support.calls import counted
from tests.support.staged import AT, DATA, TABLE, commit, write


def test_rewriting_decides_again_what_another_writer_changed_meanwhile(records: Records, here: str) -> None:
    commit(records, here, write("1"), write("2"))
    seen: list[tuple[str, int]] = []

    def decide(key: str, stored: Staged | None) -> Write:
        assert stored
        seen.append((key, stored.revision))
        if len(seen) == 1:
            commit(records, here, write("1", stored, data='{"by":"another"}'), label="request-2")
        return write(key, stored, data=stored.data.replace("numero", "n"))

    records.rewrite(here, TABLE, ["1", "2"], decide, label="request-3", at=AT)
    assert sorted(seen) == [("1", 1), ("1", 2), ("2", 1), ("2", 1)]
    found = records.read(here, TABLE, ["1", "2"])
    assert {key: (one.revision, one.data) for key, one in found.items()} == {
        "1": (3, '{"by":"another"}'),
        "2": (2, '{"n":"1"}'),
    }


@pytest.mark.usefixtures("no_pauses")
def test_rewriting_gives_up_when_others_keep_winning(records: Records, here: str) -> None:
    commit(records, here, write("1"))
    others = iter(range(1_000))

    def decide(key: str, stored: Staged | None) -> Write:
        commit(records, here, write("1", stored), label=f"other-{next(others)}")
        return write(key, stored)

    with pytest.raises(Busy):
        records.rewrite(here, TABLE, ["1"], decide, label="request-2", at=AT)


def test_what_is_thought_new_and_is_not_is_read_after_all(
    records: Records, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewriting, "RECORDS_PER_TRANSACTION", 2)
    commit(records, here, write("3"))
    seen: list[tuple[str, bool]] = []

    def decide(key: str, stored: Staged | None) -> Write:
        seen.append((key, stored is not None))
        return write(key, stored, data='{"numero":"new"}')

    with counted() as calls:
        rewriting.Unread(records).rewrite(
            here, TABLE, ["1", "2", "3", "4", "5", "6"], decide, label="request-2", at=AT
        )
    assert sorted(seen) == [("1", False), ("2", False), ("3", False), ("3", True), ("4", False), ("4", False),
                            ("5", False), ("6", False)]  # fmt: skip
    assert calls.by_operation["BatchGetItem"] == 1
    found = records.read(here, TABLE, ["1", "2", "3", "4", "5", "6"])
    assert {key: one.revision for key, one in found.items()} == {key: 1 + (key == "3") for key in "123456"}
    assert {one.data for one in found.values()} == {'{"numero":"new"}'}
    assert records.counters(here)[TABLE].records == 6


def test_many_records_are_written_in_full_transactions_after_the_hook(records: Records, here: str) -> None:
    wanted = [f"{number:03}" for number in range(250)]
    found_by_hook: list[list[Staged]] = []
    records.rewrite(
        here,
        TABLE,
        wanted,
        write,
        label="request-1",
        at=AT,
        before_write=lambda: found_by_hook.append(list(records.all_of(here, TABLE))),
    )
    assert found_by_hook == [[]]
    assert len(records.read(here, TABLE, wanted)) == 250
    assert sorted(len(batch.changes) for batch in records.pending(here, TABLE, 99)) == [54, 98, 98]
    assert records.counters(here)[TABLE] == Counters(250, 250 * (len(DATA) + 3), 250, 0, AT)


def test_what_is_decided_against_is_not_written(records: Records, here: str) -> None:
    records.rewrite(here, TABLE, ["1"], lambda key, stored: None, label="request-1", at=AT)
    assert records.read(here, TABLE, ["1"]) == {}
    assert records.counters(here)[TABLE] == Counters(last_received_at=AT)


def test_large_records_are_split_by_size_too(records: Records, here: str) -> None:
    wanted = [str(number) for number in range(30)]
    large = '{"x":"' + "é" * 120_000 + '"}'
    assert len(rewriting.chunks([write(key, data=large) for key in wanted])) > 1
    records.rewrite(here, TABLE, wanted, lambda key, _: write(key, data=large), label="request-1", at=AT)
    assert len(list(records.all_of(here, TABLE))) == 30
