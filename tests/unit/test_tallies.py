"""In which month a record counts, with which amount, and how writes move what is counted."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import deltas, tallies
from chalicelib.domain.staging import APPLY, Change, Rejection, Staged, Write
from chalicelib.domain.tables import TABLES
from chalicelib.domain.tallies import UNDATED, Tally

AT = "2026-07-01T12:00:00.000000Z"
REJECTION = Rejection((), json.dumps({"emitida_em": "2026-03-09"}), "d", AT, "r")


def nota(date: str = "2026-01-31", amount: str = "10.5", **fields: Any) -> Staged:
    data = json.dumps({"emitida_em": date, "valor_total": amount})
    return replace(Staged("nota", "1|1", 1, data, None, AT, "request"), **fields)


def moved(stored: Staged | None, written: Staged, changes: int = 1) -> dict[str, Tally]:
    return tallies.moved(stored, written, changes)


def test_every_measure_names_fields_of_its_table() -> None:
    for table, measure in tallies.MEASURES.items():
        fields = {one.name: one for one in TABLES[table].fields}
        date = fields.get(measure.date or "")
        assert date is None or (date.kind, date.required) == ("date", True)
        assert measure.amount is not None
        assert fields[measure.amount].kind == "decimal"


def test_a_new_record_counts_in_the_month_of_its_date() -> None:
    assert moved(None, nota()) == {"2026-01": Tally(1, Decimal("10.5"), pending=1)}


def test_a_record_that_changes_its_month_leaves_the_old_one() -> None:
    assert moved(nota(), nota("2026-02-01", "7")) == {
        "2026-01": Tally(-1, Decimal("-10.5")),
        "2026-02": Tally(1, Decimal(7), pending=1),
    }


def test_a_deletion_waits_in_the_month_that_the_record_had() -> None:
    gone = nota(data=json.dumps({"numero": "1", "serie": "1", "excluido": True}), deleted=True)
    assert moved(nota(), gone) == {"2026-01": Tally(-1, Decimal("-10.5"), pending=1)}


def test_a_refused_record_counts_where_its_valid_version_does_else_where_it_says_itself() -> None:
    assert moved(nota(), nota(rejection=REJECTION), 0) == {"2026-01": Tally(rejected=1)}
    assert moved(None, nota(data="", rejection=REJECTION), 0) == {"2026-03": Tally(rejected=1)}
    assert moved(nota(rejection=REJECTION), nota(), 0) == {"2026-01": Tally(rejected=-1)}


@pytest.mark.parametrize(
    "date", ["7", '"31/12/2026"', '"2026-13-01"', '"2026-1-001"', '"1899-12-31"', "null"]
)
def test_a_refused_record_without_a_date_counts_in_no_month(date: str) -> None:
    refused = nota(data="", rejection=replace(REJECTION, raw=f'{{"emitida_em": {date}}}'))
    assert moved(None, refused, 0) == {UNDATED: Tally(rejected=1)}


@pytest.mark.parametrize("raw", ["", "[]", "nonsense"])
def test_what_is_no_record_counts_in_no_month(raw: str) -> None:
    refused = nota(data="", rejection=replace(REJECTION, raw=raw))
    assert moved(None, refused, 0) == {UNDATED: Tally(rejected=1)}


@pytest.mark.parametrize("amount", ["NaN", "x", None, "Infinity"])
def test_what_is_no_amount_adds_nothing(amount: Any) -> None:
    assert tallies.measured("nota", json.dumps({"emitida_em": "2026-01-01", "valor_total": amount})) == (
        "2026-01", Decimal(0),
    )  # fmt: skip


def test_tables_without_a_date_count_as_a_whole() -> None:
    assert tallies.measured("vendedor", '{"codigo":"1"}') == (UNDATED, Decimal(0))
    assert tallies.measured("itens_nota", '{"valor_total":"3"}') == (UNDATED, Decimal(3))


def test_sums_of_any_length_are_exact() -> None:
    large, small = Tally(1, Decimal(10) ** 30), Tally(1, Decimal("0.000001"))
    assert (large + small).amount == Decimal("1000000000000000000000000000000.000001")


states = st.one_of(
    st.none(),
    st.builds(
        nota,
        date=st.sampled_from(["2026-01-31", "2026-02-01", "1990-05-05"]),
        amount=st.sampled_from(["0", "1.5", "-3"]),
        deleted=st.booleans(),
        rejection=st.sampled_from([None, REJECTION]),
    ),
)


@given(st.lists(states.filter(lambda one: one is not None), min_size=1, max_size=6))
def test_what_moved_is_there_and_what_was_settled_is_in_the_crm(states: list[Staged]) -> None:
    stored: Staged | None = None
    writes = []
    for state in states:
        writes.append(Write(stored, state, (Change("1|1", APPLY),)))
        stored = state
    assert stored is not None
    whole = deltas.total(write.delta for write in writes)
    settled = deltas.settled(deltas.gain(whole))
    period, amount = tallies.measured("nota", stored.data)
    there = [{period: Tally(1, amount, applied=1, applied_amount=amount)}] if stored.live else []
    refused = [{tallies.refused_in(stored): Tally(rejected=1)}] if stored.rejection else []
    assert tallies.joined([whole.periods, settled.periods]) == tallies.joined([*there, *refused])


@given(
    st.dictionaries(
        st.sampled_from(["2026-01", "1990-12", UNDATED]),
        st.builds(Tally, st.integers(), st.decimals(allow_nan=False, allow_infinity=False, places=6)),
    )
)
def test_tallies_are_kept_as_json(found: dict[str, Tally]) -> None:
    assert tallies.from_json(json.loads(json.dumps(tallies.to_json(found)))) == found
