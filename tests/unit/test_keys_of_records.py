"""A record's key is read before the record is validated: both must name it alike."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.tables import NAMES, TABLES
from chalicelib.domain.validation import key_of, validate
from tests.support.samples import full, minimal

ODD_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**12),
    st.text(max_size=8),
    st.text("|a \x01\t", max_size=5),
    st.just("é" * 451),
    st.lists(st.text(max_size=2), max_size=2),
)


@st.composite
def records(draw: st.DrawFn) -> tuple[str, Any]:
    """Draw a table and one of its records, with an odd value here and there; or nothing like a record."""
    name = draw(st.sampled_from(NAMES))
    record = draw(st.sampled_from([full(name), minimal(name), full(name, excluido=True), {}]))
    keys = st.sampled_from(TABLES[name].key_fields)
    others = st.sampled_from(["excluido", "atualizado_em", "vendedor_codigo", "x"])
    odd = draw(st.dictionaries(st.one_of(keys, others), ODD_VALUES, max_size=2))
    return name, draw(st.one_of(st.just(record | odd), ODD_VALUES)) if draw(st.booleans()) else record | odd


@given(records())
def test_a_record_has_one_key_whether_it_is_valid_or_not(drawn: tuple[str, Any]) -> None:
    name, record = drawn
    assert key_of(TABLES[name], record) == validate(TABLES[name], record).key


@pytest.mark.parametrize(
    ("record", "key"),
    [
        ({"numero": "1", "parcela": 2}, "1|2"),
        ({"numero": "1", "parcela": "02"}, "1|02"),
        ({"numero": " 1 ", "parcela": "a"}, " 1 |a"),
        ({"numero": "1"}, None),
        ({"numero": 1, "parcela": "1"}, None),
        ({"numero": "1|1", "parcela": "1"}, None),
        ({"numero": "1\n", "parcela": "1"}, None),
        ({"numero": " ", "parcela": "1"}, None),
        ([], None),
        (None, None),
    ],
)
def test_a_key_is_named_when_every_part_of_it_is_valid(record: Any, key: str | None) -> None:
    assert key_of(TABLES["fatura"], record) == key
