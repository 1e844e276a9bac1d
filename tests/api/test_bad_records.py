"""One bad record in a delivery: refused by index, key, field and reason; its neighbours are taken."""

import json
from typing import Any

import pytest

from tests.support.samples import FULL, KEYS, REQUIRED, full, minimal
from tests.support.world import World

LANGUAGES = ("pt-BR", "en")
OUTCOMES = ("created", "updated", "unchanged", "deleted", "rejected")
DECIMALS = {"limite_credito", "quantidade", "valor_unitario", "valor_total", "valor", "saldo"}
DATES = {"data_cadastro", "data_nascimento", "ultima_compra_em", "emitida_em", "valida_ate", "emitido_em",
         "entrega_prevista_em", "vence_em"}  # fmt: skip
GOOD = json.dumps(minimal("nota", numero="good", valor_total=1), separators=(",", ":"))

WRONG = {
    "decimal": ['"1,50"', '"1.234,50"', '"R$ 10"', '""', '" 1"', '"1e3"', '"-"', '"NaN"', "true", "[]", "{}",
                "NaN", "Infinity", "-Infinity", "1e400", "9" * 5_000, "1e999999999999999999999", "0.1234567",
                "1e-7", "1" + "0" * 15, '"' + "1" * 50 + '"'],
    "date": ['"2026-02-30"', '"2025-02-29"', '"2026-13-01"', '"01/02/2026"', '"2026-1-2"', '"20260102"', '""',
             '"0000-00-00"', '"1899-12-31"', '"2201-01-01"', '"2026-01-02T00:00:00Z"', "20260102", "1.5",
             "true", "[2026,1,2]"],
    "instant": ['"2026-06-30"', '"2026-06-30 12:00:00"', '"2026-06-30T23:59:60Z"', '"2026-02-30T00:00:00Z"',
                '"2026-06-30T12:00:00+25:00"', '"30/06/2026 12:00"', '"1782820800"', "1782820800", '""',
                "{}"],
    "boolean": ['"true"', '"S"', "1", "0", '""', "[]"],
    "integer": ['"1"', "1.5", "-1", "1e3", "1000000000", "9" * 5_000, '""', "true", "[]"],
    "text": ["1", "1.5", "true", "[]", "{}", "NaN", '"a\\u0000b"', '"a\\u001bb"', '"a\\u007fb"', '"\\ud800"',
             '"\\udc00 \\ud800"', json.dumps("x" * 4_001)],
    "choice": ['"Autorizada"', '"autorizada "', '""', "1", "[]", '{"a":1}'],
}  # fmt: skip


def kind_of(field: str) -> str:
    if field in DECIMALS:
        return "decimal"
    if field in DATES:
        return "date"
    kinds = {"item": "integer", "ativo": "boolean", "excluido": "boolean", "atualizado_em": "instant"}
    return kinds.get(field, "text")


def wrong_values(table: str, field: str) -> list[str]:
    if (table, field) in (("nota", "situacao"), ("nota", "tipo")):
        return WRONG["choice"]
    found = WRONG[kind_of(field)]
    return found[1:] if (table, field) == ("fatura", "parcela") else found  # takes a whole number as well


def with_value(table: str, field: str, value: str) -> str:
    """Write the table's sample with another value, any JSON text, in a field."""
    others = {name: one for name, one in full(table).items() if name != field}
    return f'{json.dumps(others)[:-1]},"{field}":{value}}}'


def deliver(world: World, table: str, records: list[str], language: str = "pt-BR") -> dict[str, Any]:
    """Deliver records written as JSON text; check that every one is accounted for."""
    body = '{"records":[' + ",".join(records) + "]}"
    headers = {"Accept-Language": language}
    answer = world.call("POST", f"/v1/erp/{table}", body.encode(), token=world.erp_key, headers=headers)
    assert answer.status == 200, answer.body
    receipt: dict[str, Any] = answer.body
    assert receipt["received"] == len(records) == sum(receipt[outcome] for outcome in OUTCOMES)
    assert len({error["index"] for error in receipt["errors"]}) == receipt["rejected"]
    return receipt


@pytest.mark.parametrize("table", FULL)
def test_a_wrong_value_in_any_field_is_refused_by_its_name(own_world: World, table: str) -> None:
    fields = full(table, excluido=False)
    sent = [(field, value) for field in fields for value in wrong_values(table, field)]
    records = [json.dumps(full(table)), *(with_value(table, field, value) for field, value in sent)]

    receipts = [deliver(own_world, table, records, language) for language in LANGUAGES]

    assert (receipts[0]["created"], receipts[0]["rejected"]) == (1, len(sent))
    for receipt in receipts:
        named = {error["index"]: error["field"] for error in receipt["errors"]}
        assert named == {at: field for at, (field, _) in enumerate(sent, start=1)}
    pairs = zip(receipts[0]["errors"], receipts[1]["errors"], strict=True)
    assert all(one["message"] != other["message"] != one["code"] for one, other in pairs)


@pytest.mark.parametrize("table", FULL)
def test_every_missing_field_is_named_at_once(own_world: World, table: str) -> None:
    required = REQUIRED[table].split()
    for absent in ({}, dict.fromkeys(required), dict.fromkeys(required, "  ")):
        receipt = deliver(own_world, table, [json.dumps(absent)])
        named = [error["field"] for error in receipt["errors"]]
        assert sorted(named) == sorted(required)
        texts = [error for error in receipt["errors"] if kind_of(error["field"]) == "text"]
        assert {error["code"] for error in texts} - {"not_a_choice"} == {"missing"}
        assert {error["key"] for error in receipt["errors"]} == {None}


@pytest.mark.parametrize("table", ["cotacao", "pedido", "nota", "fatura"])
def test_a_document_needs_a_client(own_world: World, table: str) -> None:
    orphaned = {name: value for name, value in minimal(table).items() if not name.endswith("o_codigo")}
    for blank in ({}, {"empresa_codigo": None}, {"empresa_codigo": "", "contato_codigo": ""}):
        [error] = deliver(own_world, table, [json.dumps({**orphaned, **blank})], "en")["errors"]
        assert (error["key"], error["field"], error["code"]) == (
            KEYS[table],
            "empresa_codigo",
            "client_missing",
        )
        assert error["message"] == "Give empresa_codigo or contato_codigo."


def nota(text: str) -> str:
    return GOOD.replace('"numero":"good"', text)


EXAMPLE = ("por exemplo 1234.56.", "for example 1234.56.")


TOLD = {
    nota('"numero":"1"').replace('total":1', 'total":"1,5"'): (
        f"valor_total: Precisa ser um número, com ponto decimal e sem separador de milhar, {EXAMPLE[0]}",
        f"valor_total: Must be a number, with a decimal point and no thousands separator, {EXAMPLE[1]}",
    ),
    nota('"numero":"1"').replace("2026-01-04", "2026-02-30"): (
        "emitida_em: A data 2026-02-30 não existe ou está fora do período de 1900 a 2200.",
        "emitida_em: The date 2026-02-30 does not exist or is outside 1900 to 2200.",
    ),
    nota('"numero":"1"').replace("autorizada", "emitida"): (
        "situacao: Precisa ser um destes: autorizada, cancelada, denegada.",
        "situacao: Must be one of: autorizada, cancelada, denegada.",
    ),
    nota('"numero":"1","chave_acesso":"123"'): (
        "chave_acesso: A chave de acesso tem 3 caracteres e precisa ter 44.",
        "chave_acesso: The access key has 3 characters and must have 44.",
    ),
    nota('"numero":1'): ("numero: Precisa ser texto entre aspas.", "numero: Must be text in quotes."),
    nota(f'"numero":"{"9" * 901}"'): (
        "numero: A chave passa de 900 bytes; encurte-a.",
        "numero: The key exceeds 900 bytes; shorten it.",
    ),
    nota('"numero":"1|2"'): (
        'numero: Um campo de chave composta não pode conter "|".',
        'numero: A field of a composite key may not contain "|".',
    ),
    nota('"numero":"1\\n2"'): (
        "numero: A chave contém quebra de linha ou outro caractere invisível; remova-o.",
        "numero: The key contains a line break or another invisible character; remove it.",
    ),
    nota('"numero":"1","vendedor_codigo":"a\\u0001"'): (
        "vendedor_codigo: Contém o caractere de controle U+0001; remova-o.",
        "vendedor_codigo: Contains the control character U+0001; remove it.",
    ),
    nota('"numero":"1","numero":"2"'): (
        "numero: O campo aparece mais de uma vez no registro; envie-o uma só vez.",
        "numero: The field appears more than once in the record; send it once.",
    ),
    nota('"numero":"1","\\ud800":1'): (
        "\\ud800: O nome do campo é vazio, longo demais ou contém caracteres inválidos; corrija-o.",
        "\\ud800: The field's name is empty, too long or contains invalid characters; correct it.",
    ),
    nota('"numero":"1","extra":[1,{"a":-Infinity}]'): (
        "extra: -Infinity não é um número aceito em JSON; envie um número finito.",
        "extra: -Infinity is not a number in JSON; send a finite number.",
    ),
    nota('"numero":"1","extra":' + "[" * 30 + "]" * 30): (
        (
            ": O registro tem níveis demais de aninhamento; um registro é um objeto simples, de campos e "
            "valores."
        ),
        ": The record is nested too deeply; a record is a plain object of fields and values.",
    ),
    nota(f'"numero":"1","extra":"{"x" * 270_000}"'): (
        ": O registro passa de 256 KB; remova campos que o CRM não usa.",
        ": The record exceeds 256 KB; leave out fields that the CRM does not use.",
    ),
    "[]": (": O registro precisa ser um objeto JSON.", ": The record must be a JSON object."),
    "null": (": O registro precisa ser um objeto JSON.", ": The record must be a JSON object."),
}


def test_what_an_erp_is_told_can_be_acted_on(own_world: World) -> None:
    for place, language in enumerate(LANGUAGES):
        receipt = deliver(own_world, "nota", [GOOD, *TOLD], language)
        assert receipt["rejected"] == len(TOLD)
        lines = {error["index"]: f"{error['field']}: {error['message']}" for error in receipt["errors"]}
        assert list(lines.values()) == [texts[place] for texts in TOLD.values()]


def test_a_thousand_wrong_records_are_all_listed(own_world: World) -> None:
    wrong = [json.dumps(minimal("nota", numero=str(at), valor_total="muito")) for at in range(1_000)]
    receipt = deliver(own_world, "nota", wrong)
    assert receipt["rejected"] == 1_000
    listed = [(error["index"], error["key"], error["field"]) for error in receipt["errors"]]
    assert listed == [(at, f"{at}|1", "valor_total") for at in range(1_000)]


def test_the_same_wrong_record_without_a_key_a_thousand_times_is_one_in_quarantine(own_world: World) -> None:
    assert deliver(own_world, "nota", ["{}"] * 1_000)["rejected"] == 1_000
    [counted] = [
        one for one in own_world.as_user("viewer", "GET", "/tables").body["items"] if one["table"] == "nota"
    ]
    assert (counted["records"], counted["rejected"]) == (0, 1)
