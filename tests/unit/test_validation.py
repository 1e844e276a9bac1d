"""One record against its table: what is kept, in which form, and every reason against it."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.tables import NAMES, TABLES
from chalicelib.domain.validation import InvalidRecord, ValidRecord, validate
from chalicelib.domain.values import NotANumber, RepeatedNames
from chalicelib.i18n.texts import text
from tests.support.samples import CLIENT_TABLES, FULL, KEYS, REQUIRED, full, minimal


def valid(table: str, record: object) -> ValidRecord:
    result = validate(TABLES[table], record)
    assert isinstance(result, ValidRecord), result
    return result


def reasons(table: str, record: object) -> list[tuple[str, str]]:
    """Name (field, code) of each reason against a record."""
    result = validate(TABLES[table], record)
    assert isinstance(result, InvalidRecord), result
    return [(issue.field, issue.code) for issue in result.issues]


def test_the_tables_are_those_of_the_contract() -> None:
    assert set(NAMES) == set(FULL)
    for name, sample in FULL.items():
        fields = TABLES[name].fields
        assert {field.name for field in fields} == set(sample)
        assert {field.name for field in fields if field.required} == set(REQUIRED[name].split())
        assert TABLES[name].has_client == (name in CLIENT_TABLES)
        assert "|".join(str(sample[key]) for key in TABLES[name].key_fields) == KEYS[name]


@pytest.mark.parametrize("table", FULL)
def test_a_full_record_in_its_own_form_is_kept_as_it_is(table: str) -> None:
    record = valid(table, full(table))
    assert (record.key, record.data) == (KEYS[table], full(table))
    assert json.loads(record.encoded) == full(table)
    assert (record.updated_at, record.deleted, record.warnings) == (full(table)["atualizado_em"], False, ())


@pytest.mark.parametrize("table", FULL)
def test_nothing_but_required_fields_is_required(table: str) -> None:
    assert valid(table, minimal(table)).data == minimal(table)
    for name in REQUIRED[table].split():
        lacking = {field: value for field, value in minimal(table).items() if field != name}
        assert reasons(table, lacking) == [(name, "missing")]
        assert reasons(table, {**lacking, name: None}) == [(name, "missing")]


@pytest.mark.parametrize("table", CLIENT_TABLES)
def test_either_client_is_enough(table: str) -> None:
    bare = {name: value for name, value in minimal(table).items() if name != "contato_codigo"}
    assert reasons(table, bare) == [("empresa_codigo", "client_missing")]
    for client in ("empresa_codigo", "contato_codigo"):
        assert valid(table, {**bare, client: "1"})


SAME: list[dict[str, Any]] = [
    {"valor_total": 10},
    {"valor_total": "10.00"},
    {"valor_total": Decimal("1E+1")},
    {"valor_total": Decimal("10.0"), "chave_acesso": None, "excluido": False},
    {"valor_total": "010", "atualizado_em": None},
]


def test_equal_values_have_one_canonical_form() -> None:
    encoded = {valid("nota", minimal("nota", **fields)).encoded for fields in SAME}
    assert len(encoded) == 1
    backwards = dict(reversed(minimal("nota", **SAME[0]).items()))
    assert valid("nota", backwards).encoded in encoded


def test_numbers_are_never_floats() -> None:
    record = valid("vendedor", {"codigo": "1", "nome": "A", "a": Decimal("0.1"), "b": [Decimal("1E+400"), 7]})
    assert json.loads(record.encoded) == {
        "a": "0.1",
        "b": ["1E+400", 7],
        "codigo": "1",
        "nome": "A",
    }


@pytest.mark.parametrize("table", FULL)
def test_a_deletion_needs_its_key_only(table: str) -> None:
    names = TABLES[table].key_fields
    key = {name: FULL[table][name] for name in names}
    deletion = {**key, "excluido": True, "valor_total": "nonsense", "\ud800": NotANumber("NaN"), "": []}
    record = valid(table, {**deletion, "atualizado_em": "2026-07-01T00:00:00-03:00"})
    assert (record.key, record.deleted, record.warnings) == (KEYS[table], True, ())
    assert record.data == {**key, "excluido": True, "atualizado_em": "2026-07-01T03:00:00.000000Z"}
    for name in names:
        assert reasons(table, {**deletion, name: None}) == [(name, "missing")]


@pytest.mark.parametrize(
    ("table", "fields", "expected"),
    [
        ("vendedor", {"codigo": "a|b"}, []),
        ("nota", {"numero": "a|b"}, [("numero", "key_has_separator")]),
        ("nota", {"serie": "|"}, [("serie", "key_has_separator")]),
        ("nota", {"pedido_numero": "a|b"}, []),
        ("vendedor", {"codigo": "a\nb"}, [("codigo", "key_not_printable")]),
        ("vendedor", {"codigo": "\u200b"}, [("codigo", "key_not_printable")]),
        ("vendedor", {"codigo": "é" * 450}, []),
        ("vendedor", {"codigo": "é" * 451}, [("codigo", "key_too_long")]),
        ("nota", {"numero": "1" * 898}, []),
        ("nota", {"numero": "1" * 899}, [("numero", "key_too_long")]),
        ("nota", {"vendedor_codigo": "1" * 901}, [("vendedor_codigo", "key_too_long")]),
        ("fatura", {"nota_numero": "1" * 500, "nota_serie": "1" * 500}, [("nota_numero", "key_too_long")]),
        ("nota", {"chave_acesso": "3" * 43}, [("chave_acesso", "access_key_length")]),
        ("nota", {"chave_acesso": "3" * 45}, [("chave_acesso", "access_key_length")]),
        ("nota", {"chave_acesso": ""}, []),
        ("nota", {"tipo": "bonificacao"}, [("tipo", "not_a_choice")]),
        ("nota", {"tipo": None}, []),
        ("fatura", {"parcela": 3}, []),
        ("fatura", {"parcela": True}, [("parcela", "not_text")]),
        ("vendedor", {"x" * 101: 1}, [("x" * 100, "bad_field_name")]),
        ("vendedor", {"x" * 100: 1}, []),
        ("vendedor", {"x": {"y": [NotANumber("Infinity")]}}, [("x", "not_a_number")]),
        ("vendedor", {"x": {"\ud800": 1}}, [("x", "lone_surrogate")]),
        ("vendedor", {"x": "é" * 131_100}, [("", "record_too_large")]),
        ("vendedor", {"x": "é" * 131_000}, []),
    ],
)
def test_rules_of_a_record(table: str, fields: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    record = minimal(table, **fields)
    if expected:
        assert reasons(table, record) == expected
    else:
        assert valid(table, record)


def test_an_invalid_record_is_named_by_its_key_if_that_is_valid() -> None:
    good = {"numero": "1", "serie": "2"}
    for record, key in (
        (good, "1|2"),
        ({**good, "numero": 1}, None),
        ({**good, "numero": "a|b"}, None),
        ({"numero": "1"}, None),
        (RepeatedNames([*good.items(), ("x", 1), ("x", 2)]), "1|2"),
        (RepeatedNames([*good.items(), ("serie", "3")]), None),
        ([], None),
    ):
        result = validate(TABLES["nota"], record)
        assert isinstance(result, InvalidRecord)
        assert result.key == key


def test_a_record_names_at_most_its_first_50_reasons_and_warnings() -> None:
    odd = {f"\x00{number}": 1 for number in range(1_000)}
    assert len(reasons("vendedor", minimal("vendedor", **odd))) == 50
    unknown = {f"x{number}": 1 for number in range(1_000)}
    warnings = valid("vendedor", minimal("vendedor", **unknown, atualizado_em="2026-01-01T00:00")).warnings
    assert [warning.code for warning in warnings] == ["unknown_field"] * 50 + ["instant_without_offset"]


keys = st.sampled_from(sorted({name for sample in FULL.values() for name in sample})) | st.text(max_size=5)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(),
    st.text(st.characters(exclude_categories=())),
    st.builds(NotANumber, st.sampled_from(["NaN", "-Infinity"])),
)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(keys, inner, max_size=3)
        | st.lists(st.tuples(keys, inner), max_size=3).map(RepeatedNames)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("value", [True, 5, [1], {"a": 1}, "x"])
@pytest.mark.parametrize("name", ["cpf", "cnpj", "uf"])
def test_a_field_of_another_table_is_unknown_here_whatever_it_holds(name: str, value: object) -> None:
    found = valid("vendedor", minimal("vendedor", **{name: value}))
    assert [one.code for one in found.warnings] == ["unknown_field"]


@given(st.sampled_from(NAMES), st.data())
def test_any_record_is_judged_and_a_valid_one_stays_the_same_when_it_is_judged_again(
    table: str, data: st.DataObject
) -> None:
    odd = data.draw(st.dictionaries(keys, trees, max_size=4) | trees)
    record = {**full(table), **odd} if isinstance(odd, dict) and data.draw(st.booleans()) else odd

    result = validate(TABLES[table], record)

    if isinstance(result, InvalidRecord):
        assert result.issues
        for issue in result.issues:
            told = [text(issue.code, issue.params, language) for language in ("pt-BR", "en")]
            assert issue.code not in told
            issue.field.encode()
        return
    result.encoded.encode()
    again = validate(TABLES[table], json.loads(result.encoded))
    assert isinstance(again, ValidRecord)
    assert (again.key, again.encoded, again.updated_at) == (result.key, result.encoded, result.updated_at)
