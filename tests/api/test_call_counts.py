"""What a delivery costs, exactly: calls to DynamoDB, write units and read units. The README states these."""

from typing import Any

import pytest

from chalicelib.storage import keys
from tests.support.calls import Calls, counted
from tests.support.world import World

ENGINE = "dynamodb_local"  # costs are those of AWS's own engine

FLOOR = 45
"""Calls that 500 records with a marker each would take in plain batches: 5 reads of 100, 40 writes of 25."""


def empresa(key: int, version: int) -> dict[str, Any]:
    """Build a record of ordinary size, about 400 bytes."""
    return {
        "codigo": f"{key:05}",
        "razao_social": f"Distribuidora de Alimentos {key} Ltda",
        "nome_fantasia": f"Mercado {key}",
        "cnpj": "11.222.333/0001-81",
        "segmento": "varejo",
        "email": f"compras{key}@example.com",
        "telefone": "11 5555-0100",
        "logradouro": "Rua das Flores",
        "numero": "100",
        "bairro": "Centro",
        "cidade": "São Paulo",
        "uf": "SP",
        "cep": "01000-000",
        "limite_credito": "15000.00",
        "data_cadastro": "2020-01-01",
        "ativo": True,
        "atualizado_em": f"2026-07-01T12:00:{version:02}Z",
    }


def delivery(world: World, version: int, records: int = 500, **options: Any) -> Calls:
    """Deliver records of a version, and count."""
    with counted() as calls:
        answer = world.push("empresa", [empresa(key, version) for key in range(records)], **options)
    assert answer.status == 200
    return calls


def stored(calls: Calls, world: World) -> int:
    """Count the writes of records; those of counters and pending batches are not among them."""
    own = keys.records(world.integration_id, "empresa", 0)[:-1]
    return sum(pk.startswith(own) for _, pk, _ in calls.written)


@pytest.mark.parametrize("version", [1, 2], ids=["new", "changed"])
def test_500_records_take_a_third_of_the_calls_that_plain_batches_would(world: World, version: int) -> None:
    for earlier in range(1, version):
        delivery(world, earlier)
    calls = delivery(world, version)
    assert calls.by_operation == {
        "GetItem": 1,  # the ERP's key
        "BatchGetItem": 6,  # the records as stored, 98 a call
        "TransactWriteItems": 6
        + 1,  # 98 records with their pending batch and counter delta; then the counters
        "BatchWriteItem": 1 + 1,  # the request log, ahead and after
    }
    assert calls.total <= FLOOR / 2.5
    assert stored(calls, world) == 500


def test_changes_scattered_among_unchanged_records_share_full_transactions(world: World) -> None:
    delivery(world, 1)
    with counted() as calls:
        answer = world.push("empresa", [empresa(key, 1 + key % 2) for key in range(500)])
    assert (answer.body["updated"], answer.body["unchanged"]) == (250, 250)
    assert calls.by_operation["TransactWriteItems"] == 3 + 1


def test_a_changed_record_costs_little_more_than_its_own_write_and_read(
    world: World, tables: dict[str, str]
) -> None:
    new, changed = delivery(world, 1), delivery(world, 2)
    for calls in (new, changed):
        assert calls.write_units_of(tables["RECORDS_TABLE"]) / 500 <= 2.2
        assert calls.write_units / 500 <= 2.25
    assert new.read_units / 500 <= 1.01
    assert changed.read_units / 500 <= 1.01


def test_the_same_500_again_write_no_record(world: World, tables: dict[str, str]) -> None:
    delivery(world, 1)
    calls = delivery(world, 1)
    assert stored(calls, world) == 0
    on_records = [one for one in calls.written if one[0] == tables["RECORDS_TABLE"]]
    assert on_records == [(tables["RECORDS_TABLE"], keys.counters(world.integration_id), "empresa")]
    assert calls.total == 10
    assert calls.write_units / 500 <= 0.04
    assert calls.read_units / 500 <= 1.01


@pytest.mark.parametrize(("version", "expected"), [(2, 6), (1, 5)], ids=["changed", "unchanged"])
def test_a_single_record_takes_six_calls(world: World, version: int, expected: int) -> None:
    delivery(world, 1, records=1)
    assert delivery(world, version, records=1).total == expected


def test_a_repeated_idempotency_key_touches_no_record(world: World, tables: dict[str, str]) -> None:
    key = {"Idempotency-Key": "night-1"}
    delivery(world, 1, headers=key)
    calls = delivery(world, 1, headers=key)
    assert [one for one in calls.written if one[0] == tables["RECORDS_TABLE"]] == []
    assert calls.read_units_of(tables["RECORDS_TABLE"]) == 0


def test_the_integration_is_read_in_two_calls(world: World) -> None:
    delivery(world, 1, records=1)
    world.run()
    with counted() as calls:
        assert world.as_user("viewer", "GET", "").status == 200
    assert calls.total == 2
