"""Versions of a record: what each write replaced can be told again, within bounds."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import staging, versions
from chalicelib.domain.request_log import new_id
from chalicelib.domain.staging import Staged, Write
from chalicelib.domain.tables import TABLES
from chalicelib.domain.validation import ValidRecord, validate
from chalicelib.domain.versions import MAX_BYTES, MAX_VERSIONS, Version, versions_of

BEGUN = datetime(2026, 7, 1, 3, tzinfo=UTC)
AT = "2026-07-01T03:00:00.000000Z"


def written(stored: Staged | None, raw: dict[str, Any], number: int = 0) -> Staged:
    """Write one delivery over what is stored."""
    request_id = new_id("vendedor", BEGUN + timedelta(minutes=number))
    record = validate(TABLES["vendedor"], raw)
    if isinstance(record, ValidRecord):
        decision = staging.decide(stored, record, "vendedor", AT, request_id)
    else:
        decision = staging.reject(stored, record, raw, "vendedor", AT, request_id)
    return Write(stored, decision.write).staged if decision.write else stored or pytest.fail("no write")


def after(*raws: dict[str, Any]) -> Staged:
    stored = None
    for number, raw in enumerate(raws):
        stored = written(stored, raw, number)
    assert stored is not None
    return stored


def ana(**fields: Any) -> dict[str, Any]:
    return {"codigo": "1", "nome": "Ana", **fields}


def lines(staged: Staged) -> list[str]:
    return versions._lines(staged.history)


def size(staged: Staged) -> int:
    return len("\n".join(lines(staged)).encode())


def told(found: list[Version]) -> list[tuple[int, str]]:
    return [(one.revision, one.what) for one in found]


def test_a_first_version_takes_no_room() -> None:
    assert after(ana()).history == versions.NO_PAST
    [only], dropped = versions_of(after(ana()))
    assert (only.revision, only.what, only.at, dropped) == (1, "created", AT, 0)


def test_what_a_version_holds_is_what_it_changed() -> None:
    staged = after(ana(email="a@b.com"), ana(ativo=True))
    newest = json.loads(lines(staged)[0])
    assert newest[0] == 2
    assert newest[3] == {"email": "a@b.com", "ativo": None}
    assert len(newest) == 4, "its moment is told by the request's id"


def test_a_version_is_dated_by_its_request() -> None:
    found, _ = versions_of(after(ana(), ana(nome="Bia"), ana(nome="Cid")))
    assert [one.at for one in found] == [f"2026-07-01T03:0{minute}:00.000000Z" for minute in (2, 1, 0)]


def test_the_last_twenty_are_kept_and_those_before_are_counted() -> None:
    staged = after(*(ana(nome=f"Ana {number}") for number in range(30)))
    found, dropped = versions_of(staged)
    assert [one.revision for one in found] == list(range(30, 10, -1))
    assert (len(found), dropped) == (MAX_VERSIONS, 10)
    assert staged.history.packed
    for one, number in zip(found, range(29, 9, -1), strict=True):
        assert one.changes is not None
        assert [(c.field, c.before, c.after) for c in one.changes] == [
            ("nome", f"Ana {number - 1}", f"Ana {number}")
        ]


def test_large_versions_are_dropped_the_oldest_first() -> None:
    staged = after(*(ana(nome=f"{number}" + "é" * 2_000) for number in range(9)))
    found, dropped = versions_of(staged)
    assert size(staged) <= MAX_BYTES
    assert (len(found), dropped) == (4, 5)
    assert found[-1].changes is not None
    assert [one.before[0] for one in found[-1].changes] == ["4"]
    one_more = json.loads(lines(staged)[0])
    assert size(staged) + len(json.dumps(one_more, ensure_ascii=False).encode()) > MAX_BYTES - 100


def test_a_change_too_large_to_be_kept_is_a_version_without_it() -> None:
    staged = after(ana(), ana(nome="Bia"), ana(notes=["x" * 20_000]), ana())
    found, dropped = versions_of(staged)
    assert told(found) == [(4, "updated")]
    assert (found[0].changes, dropped) == (None, 3)
    assert json.loads(lines(staged)[0])[3] == 0
    following, dropped = versions_of(written(staged, ana(nome="Cid")))
    assert told(following) == [(5, "updated"), (4, "updated")]
    assert [one.changes is None for one in following] == [False, True]
    assert dropped == 3


def test_true_and_one_are_not_the_same() -> None:
    found, _ = versions_of(after(ana(x=1, y=[1], z={"a": 1}), ana(x=True, y=[True], z={"a": True})))
    assert found[0].changes is not None
    assert sorted(one.field for one in found[0].changes) == ["x", "y", "z"]


@pytest.mark.parametrize("broken", ["{", '{"codigo":'])
def test_what_cannot_be_read_is_a_version_without_changes(broken: str) -> None:
    stored = Staged("vendedor", "1", 1, broken, None, AT, new_id("vendedor", BEGUN))
    found, _ = versions_of(stored)
    assert (told(found), found[0].changes) == ([(1, "created")], None)
    found, dropped = versions_of(written(stored, ana()))
    assert (told(found), found[0].changes, dropped) == ([(2, "updated")], None, 1)


def test_a_record_from_before_versions_were_kept_says_how_many_are_missing() -> None:
    stored = Staged("vendedor", "1", 7, '{"codigo":"1","nome":"Ana"}', None, AT, new_id("vendedor", BEGUN))
    found, dropped = versions_of(stored)
    assert (told(found), found[0].changes, dropped) == ([(7, "updated")], None, 6)
    found, dropped = versions_of(written(stored, ana(nome="Bia")))
    assert (told(found), dropped) == ([(8, "updated"), (7, "updated")], 6)
    assert found[0].changes is not None


def test_a_run_that_sets_a_record_aside_is_no_request() -> None:
    stored = after(ana())
    refused = staging.Rejection((), "", "f", AT, "20260701T0300-abc")
    marked = Write(stored, replace(stored, revision=2, rejection=refused)).staged
    found, _ = versions_of(marked)
    assert told(found) == [(2, "rejected"), (1, "created")]
    assert (found[0].request_id, found[0].by_run, found[0].set_by) == (None, True, "20260701T0300-abc")
    assert (found[0].at, found[0].changes) == (AT, ())
    assert not found[1].by_run


STEPS = st.one_of(
    st.fixed_dictionaries(
        {"codigo": st.just("1"), "nome": st.sampled_from(["Ana", "Bia", "", "São 漢字\u2028"])},
        optional={
            "email": st.sampled_from(["a@b.com", ""]),
            "ativo": st.booleans(),
            "livre": st.sampled_from([1, "1", True, [1], [True], {"a": None}, "x" * 3_000, "y" * 9_000]),
        },
    ),
    st.just({"codigo": "1", "excluido": True}),
)


@given(st.lists(STEPS, min_size=1, max_size=30))
def test_walking_back_meets_every_version_that_was_stored(steps: list[dict[str, Any]]) -> None:
    stored: Staged | None = None
    states: dict[int, dict[str, Any]] = {}
    for number, raw in enumerate(steps):
        stored = written(stored, raw, number)
        states[stored.revision] = json.loads(stored.data) if stored.data else {}
    assert stored is not None
    found, dropped = versions_of(stored)
    assert [one.revision for one in found] == [stored.revision - at for at in range(len(found))]
    assert len(found) + dropped == stored.revision
    assert len(found) <= MAX_VERSIONS
    assert size(stored) <= MAX_BYTES
    for one in found:
        before = states.get(one.revision - 1, {})
        if one.changes is not None:
            now = {c.field: c.after for c in one.changes if c.after is not None}
            was = {c.field: c.before for c in one.changes if c.before is not None}
            both = {
                name: value for name, value in before.items() if name not in {c.field for c in one.changes}
            }
            assert json.dumps({**both, **now}, sort_keys=True) == json.dumps(
                states[one.revision], sort_keys=True
            )
            assert json.dumps({**both, **was}, sort_keys=True) == json.dumps(before, sort_keys=True)
