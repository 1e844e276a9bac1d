"""What a delivered record does to the stored one: the newest wins, and every write is counted."""

import json
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import deltas, fingerprints, staging
from chalicelib.domain.deltas import Delta
from chalicelib.domain.staging import (
    APPLY,
    MAX_KEPT_RAW_BYTES,
    REJECT,
    Change,
    Decision,
    Outcome,
    Staged,
    Write,
)
from chalicelib.domain.tables import TABLES
from chalicelib.domain.tallies import UNDATED, Tally
from chalicelib.domain.validation import ValidRecord, validate
from chalicelib.domain.values import NotANumber

AT, LATER = "2026-07-01T03:00:00.000000Z", "2026-07-01T04:00:00.000000Z"
MAY, JUNE, JULY = (f"2026-0{month}-01T00:00:00.000000Z" for month in (5, 6, 7))


def ana(moment: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"codigo": "1", "nome": "Ana", "atualizado_em": moment, **fields}


def nota(client: str, **fields: Any) -> dict[str, Any]:
    return {"numero": "1", "serie": "1", "empresa_codigo": client, "emitida_em": "2026-01-01",
            "situacao": "autorizada", "valor_total": 1, **fields}  # fmt: skip


def deliver(stored: Staged | None, raw: Any, at: str = AT) -> Decision:
    """Deliver one record, valid or not, to what is stored."""
    table = "nota" if isinstance(raw, dict) and "serie" in raw else "vendedor"
    record = validate(TABLES[table], raw)
    if isinstance(record, ValidRecord):
        return staging.decide(stored, record, table, at, f"request at {at}")
    return staging.reject(stored, record, raw, table, at, f"request at {at}")


def after(*raws: Any) -> Staged:
    """Deliver records one after the other; answers what is stored then."""
    stored = None
    for raw in raws:
        stored = deliver(stored, raw).write or stored
    assert stored is not None
    return stored


def test_a_first_version_is_created_and_left_for_the_next_run() -> None:
    decision = deliver(None, ana(MAY))
    assert (decision.outcome, decision.change) == (Outcome.CREATED, Change("1", APPLY))
    written = decision.write
    assert written is not None
    assert (written.revision, written.updated_at, written.received_at) == (1, MAY, AT)
    assert (written.live, written.deleted, written.place, written.rejection) == (True, False, None, None)
    assert json.loads(written.data)["nome"] == "Ana"


@pytest.mark.parametrize("raw", [ana(MAY), ana(MAY, nome=""), ana(MAY, excluido=True)])
def test_the_same_again_writes_nothing(raw: dict[str, Any]) -> None:
    again = deliver(after(raw), raw, LATER)
    assert (again.write, again.change) == (None, None)
    assert again.outcome in (Outcome.UNCHANGED, Outcome.REJECTED)


@pytest.mark.parametrize(
    ("stored", "arrives", "outcome"),
    [
        (ana(MAY), ana(JUNE), Outcome.UPDATED),
        (ana(JUNE), ana(MAY), Outcome.UNCHANGED),
        (ana(JUNE), ana(JUNE, nome="Bia"), Outcome.UPDATED),
        (ana(JUNE), ana(None, nome="Bia"), Outcome.UPDATED),
        (ana(None), ana(MAY), Outcome.UPDATED),
        (ana(MAY), ana(JUNE, excluido=True), Outcome.DELETED),
        (ana(JUNE), ana(MAY, excluido=True), Outcome.UNCHANGED),
        (ana(JUNE), ana(None, excluido=True), Outcome.DELETED),
        (ana(JUNE, excluido=True), ana(MAY), Outcome.UNCHANGED),
        (ana(JUNE, excluido=True), ana(JULY), Outcome.CREATED),
        (ana(JUNE, excluido=True), ana(JULY, excluido=True), Outcome.UNCHANGED),
        (ana(JUNE), ana(JULY, nome=7), Outcome.REJECTED),
    ],
)
def test_what_arrives_meets_what_is_stored(
    stored: dict[str, Any], arrives: dict[str, Any], outcome: Outcome
) -> None:
    assert deliver(after(stored), arrives, LATER).outcome is outcome


versions = st.lists(st.tuples(st.sampled_from([MAY, JUNE, JULY]), st.booleans()), min_size=1, max_size=3,
                    unique_by=lambda version: version[0])  # fmt: skip


@given(versions)
def test_the_newest_version_wins_in_whatever_order_they_come(drawn: list[tuple[str, bool]]) -> None:
    moment, deleted = max(drawn)
    for order in permutations(drawn):
        stored = after(*(ana(at, nome=at, **({"excluido": True} if gone else {})) for at, gone in order))
        assert (stored.updated_at, stored.deleted, stored.live) == (moment, deleted, not deleted)
        assert deleted or json.loads(stored.data)["nome"] == moment


def test_an_older_version_is_told_which_newer_one_stays() -> None:
    warning = deliver(after(ana(JUNE)), ana(MAY)).warning
    assert warning is not None
    assert (warning.field, warning.code, warning.params) == (
        "atualizado_em",
        "older_version",
        {"stored": JUNE},
    )


def test_a_version_without_a_time_does_not_let_older_ones_in_again() -> None:
    stored = after(ana(JUNE), ana(None, nome="Bia"))
    assert stored.updated_at == JUNE
    assert deliver(stored, ana(MAY)).outcome is Outcome.UNCHANGED


def test_a_rejection_stands_beside_the_last_valid_version() -> None:
    stored = after(ana(MAY), ana(JUNE, nome=7))
    assert (stored.live, stored.updated_at, stored.received_at) == (True, MAY, AT)
    assert stored.rejection is not None
    assert [issue.code for issue in stored.rejection.issues] == ["not_text"]
    assert json.loads(stored.rejection.raw) == ana(JUNE, nome=7)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (ana(MAY), ana(MAY)),
        (ana(MAY), ana(JUNE)),
        (ana(MAY), ana(JUNE, excluido=True)),
        (ana(MAY, excluido=True), ana(MAY, excluido=True)),
        (ana(MAY, excluido=True), ana(JUNE, excluido=True)),
        (ana(MAY, excluido=True), ana(JUNE)),
    ],
)
def test_a_valid_delivery_takes_a_key_out_of_quarantine(first: dict[str, Any], then: dict[str, Any]) -> None:
    quarantined = after(first, ana(JUNE, nome=7))
    decision = deliver(quarantined, then, LATER)
    assert decision.write is not None
    assert decision.write.rejection is None
    assert decision.write.revision == quarantined.revision + 1


def test_an_older_delivery_leaves_a_key_in_quarantine() -> None:
    assert deliver(after(ana(JUNE), ana(JULY, nome=7)), ana(MAY)).write is None


@pytest.mark.parametrize("stored", [after(ana(JULY)), after(ana(JULY), ana(JULY, nome=8))])
def test_a_wrong_version_older_than_the_stored_one_is_reported_and_leaves_no_mark(stored: Staged) -> None:
    decision = deliver(stored, ana(JUNE, nome=7), LATER)
    assert (decision.outcome, decision.write) == (Outcome.REJECTED, None)


@pytest.mark.parametrize("moment", [None, "yesterday", 5, JULY, LATER])
def test_a_wrong_version_that_may_be_newer_is_set_aside(moment: Any) -> None:
    decision = deliver(after(ana(JULY)), ana(moment, nome=7))
    assert decision.write is not None
    assert decision.write.rejection is not None


def test_a_document_that_changes_client_says_which_one_it_has_left() -> None:
    first = after(nota("E1"))
    assert first.place == "empresa|E1"
    moved = deliver(first, nota("E2"), LATER)
    assert moved.write is not None
    assert moved.write.place == "empresa|E2"
    assert moved.change == Change("1|1", APPLY, ("empresa|E1",))
    gone = deliver(moved.write, {"numero": "1", "serie": "1", "excluido": True}, LATER)
    assert gone.write is not None
    assert gone.write.place == "empresa|E2", "the tombstone knows whose document it was"


@pytest.mark.parametrize(
    "raw", [[], "x", None, 7, {}, {"codigo": ""}, [[[]]], NotANumber("NaN"), {"\ud800": 1}]
)
def test_a_record_without_a_key_is_kept_by_its_content(raw: Any) -> None:
    one, same = deliver(None, raw), deliver(None, raw, LATER)
    assert (one.outcome, one.change) == (Outcome.REJECTED, Change(one.write.key if one.write else "", REJECT))
    assert one.write is not None
    assert same.write is not None
    assert one.write.key == same.write.key
    assert not one.write.key.isprintable(), "no ERP can send such a key"


def test_what_is_kept_of_a_refused_record_is_bounded() -> None:
    huge = after({"codigo": "1", "nome": 1, "x": "x" * MAX_KEPT_RAW_BYTES}).rejection
    assert huge is not None
    assert huge.raw == ""
    deep: Any = []
    for _ in range(50_000):
        deep = [deep]
    kept = after(deep).rejection
    assert kept is not None
    assert len(kept.raw) < 100


def test_a_raw_record_is_written_as_it_was_sent() -> None:
    assert fingerprints.raw_json({"a": [NotANumber("-Infinity"), None, "é\ud800"]}) == (
        '{"a": ["-Infinity", null, "\\u00e9\\ud800"]}'
    )


@given(
    st.lists(
        st.builds(
            ana,
            st.sampled_from([None, MAY, JUNE, JULY]),
            nome=st.sampled_from(["Ana", "São", 7, None]),
            excluido=st.booleans(),
        ),
        max_size=8,
    )
)
def test_the_counters_follow_every_write(raws: list[dict[str, Any]]) -> None:
    stored: Staged | None = None
    total, pending = Delta(), 0
    for raw in raws:
        decision = deliver(stored, raw)
        if decision.write is None:
            continue
        changes = (decision.change,) if decision.change else ()
        total = deltas.total([total, Write(stored, decision.write, changes).delta])
        pending += sum(change.kind == APPLY for change in changes)
        assert decision.write.revision == (stored.revision if stored else 0) + 1
        stored = decision.write
    if stored is None:
        assert total == Delta()
        return
    counted = Tally(int(stored.live), pending=pending, rejected=int(stored.rejection is not None))
    periods = {UNDATED: counted} if counted != Tally() else {}
    assert total == Delta(counted.records, stored.size, pending, counted.rejected, periods)
    assert stored.size == (len(stored.data.encode()) + 1 if stored.live else 0)
    assert replace(stored, deleted=True).size == 0
