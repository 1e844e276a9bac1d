"""What databases say, as records: converted where one meaning is possible, else refused like any."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.tables import TABLES
from chalicelib.domain.validation import InvalidRecord, ValidRecord, validate
from chalicelib.domain.view_plan import FoundView, Plan, plan
from chalicelib.domain.view_rows import converter
from chalicelib.domain.view_source import ViewTable


def naive(*parts: int) -> datetime:
    """Make a moment that names no zone, as databases have them."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


LOCAL = ZoneInfo("America/Sao_Paulo")
EMPRESA = {"codigo": "1", "razao_social": "Uma"}
ITEM = {
    "nota_numero": "1", "nota_serie": "1", "item": 1, "produto_codigo": "P", "quantidade": 1,
    "valor_unitario": 1, "valor_total": 1,
}  # fmt: skip


def judged(table: str, **values: Any) -> ValidRecord | InvalidRecord:
    """Convert a row of these columns and judge the record."""
    wanted = planned(table, values)
    return validate(
        TABLES[table], converter(wanted, LOCAL)(tuple(values[name] for name in wanted.read)).record
    )


def planned(table: str, values: dict[str, Any]) -> Plan:
    extra = {name: name for name in values if name not in {one.name for one in TABLES[table].fields}}
    view = ViewTable(view="v", columns=dict(extra))
    return plan(TABLES[table], view, FoundView("v", None, dict.fromkeys(values, "")))


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("codigo", 123, "123"),
        ("codigo", Decimal("123"), "123"),
        ("codigo", Decimal("123.0"), "123"),
        ("codigo", Decimal("1E+3"), "1000"),
        ("codigo", 123.0, "123"),
        ("codigo", "ABC       ", "ABC"),
        ("codigo", UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        ("razao_social", "  Uma ", "  Uma"),
        ("razao_social", b"Jo\xe3o", "João"),
        ("razao_social", "João".encode(), "João"),
        ("limite_credito", 10.1, "10.1"),
        ("limite_credito", 0.1 + 0.2, "0.3"),
        ("limite_credito", Decimal("1000.500000"), "1000.5"),
        ("limite_credito", 5, "5"),
        ("limite_credito", " 7.50 ", "7.5"),
        ("data_cadastro", date(2026, 1, 2), "2026-01-02"),
        ("data_cadastro", naive(2026, 1, 2, 23, 59), "2026-01-02"),
        ("data_cadastro", datetime(2026, 1, 2, 1, tzinfo=UTC), "2026-01-01"),
        ("data_cadastro", "2026-01-02 00:00:00", "2026-01-02"),
        ("ativo", 1, True),
        ("ativo", Decimal(0), False),
        ("ativo", "S", True),
        ("ativo", "n ", False),
        ("ativo", "Não", False),
        ("ativo", b"\x01", True),
        ("atualizado_em", naive(2026, 1, 2, 9), "2026-01-02T12:00:00.000000Z"),
        ("atualizado_em", datetime(2026, 1, 2, 9, tzinfo=UTC), "2026-01-02T09:00:00.000000Z"),
        ("atualizado_em", date(2026, 1, 2), "2026-01-02T03:00:00.000000Z"),
        ("atualizado_em", "2026-01-02 09:00:00.5", "2026-01-02T12:00:00.500000Z"),
        ("excluido", 0, None),
        ("campo_proprio", naive(2026, 1, 2, 9), "2026-01-02T12:00:00+00:00"),
        ("campo_proprio", date(2026, 1, 2), "2026-01-02"),
        ("campo_proprio", "x ", "x"),
    ],
)
def test_a_value_of_one_meaning_becomes_it(field: str, value: Any, wanted: Any) -> None:
    found = judged("empresa", **{**EMPRESA, field: value})
    assert isinstance(found, ValidRecord), found
    assert found.data.get(field) == wanted


@pytest.mark.parametrize(("value", "wanted"), [(3, 3), (Decimal("3"), 3), (3.0, 3), ("3", 3), (" 03 ", 3)])
def test_a_whole_number_may_come_as_any_number(value: Any, wanted: int) -> None:
    found = judged("itens_nota", **{**ITEM, "item": value})
    assert isinstance(found, ValidRecord)
    assert found.key == f"1|1|{wanted}"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("codigo", True, "not_text"),
        ("codigo", 1.5, "not_text"),
        ("razao_social", naive(2026, 1, 1), "not_text"),
        ("razao_social", b"\x00\x01", "control_character"),
        ("limite_credito", "1.234,56", "not_decimal"),
        ("limite_credito", float("nan"), "not_a_number"),
        ("limite_credito", Decimal("Infinity"), "not_a_number"),
        ("limite_credito", 1e300, "not_a_number"),
        ("limite_credito", b"\x01", "not_decimal"),
        ("data_cadastro", "infinity", "not_date"),
        ("data_cadastro", "0000-00-00", "no_such_date"),
        ("data_cadastro", 20260102, "not_date"),
        ("ativo", "talvez", "not_boolean"),
        ("ativo", 2, "not_boolean"),
        ("atualizado_em", "ontem", "not_instant"),
        ("atualizado_em", 5, "not_instant"),
        ("atualizado_em", naive(1, 1, 1), "no_such_date"),
        ("codigo", None, "missing"),
    ],
)
def test_a_value_of_no_meaning_is_refused_in_its_field(field: str, value: Any, code: str) -> None:
    found = judged("empresa", **{**EMPRESA, field: value})
    assert isinstance(found, InvalidRecord), found
    assert [(one.field, one.code) for one in found.issues] == [(field, code)]


def test_a_null_is_a_field_that_is_not_there() -> None:
    found = judged("empresa", **EMPRESA, email=None)
    assert isinstance(found, ValidRecord)
    assert found.data == EMPRESA


def test_a_guess_about_bytes_is_told() -> None:
    wanted = planned("empresa", EMPRESA)
    convert = converter(wanted, LOCAL)
    assert convert((b"1", b"S\xe3o")).guessed == ("razao_social",)
    assert convert((b"1", "São".encode())).guessed == ()


def test_one_column_may_fill_two_fields() -> None:
    view = ViewTable(view="v", columns={"codigo": "c", "razao_social": "c"})
    wanted = plan(TABLES["empresa"], view, FoundView("v", None, {"c": "TEXT"}))
    assert wanted.read == ("c",)
    assert converter(wanted, LOCAL)(("1",)).record == {"codigo": "1", "razao_social": "1"}
