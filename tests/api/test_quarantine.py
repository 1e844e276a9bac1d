"""One bad record never stops a night: it is set aside with field and reason, and the rest is applied."""

from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain import validation
from chalicelib.storage import connection, keys
from chalicelib.storage.records import Records
from tests.support.world import World

ANA, RUI = {"codigo": "1", "nome": "Ana"}, {"codigo": "2", "nome": "Rui"}
BOTH = ("pt-BR", "en")


def corrupt(world: World, tables: dict[str, str], table: str, key: str, data: str) -> None:
    """Overwrite the stored record's own text, as a faulty program would."""
    place = {"pk": {"S": keys.record(world.integration_id, table, key)}, "sk": {"S": key}}
    name = tables["RECORDS_TABLE"]
    stored = connection.client().get_item(TableName=name, Key=place)["Item"]
    header = stored["doc"]["S"].partition("\n")[0]
    connection.client().put_item(TableName=name, Item={**stored, "doc": {"S": f"{header}\n{data}"}})


def stored(world: World, table: str, key: str, language: str = "pt-BR") -> dict[str, Any]:
    answer = world.call(
        "GET", f"/v1/erp/{table}/{key}", token=world.erp_key, headers={"Accept-Language": language}
    )
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


def counts(world: World, table: str) -> tuple[int, int, int]:
    """Read (records, pending, rejected) of a table."""
    [one] = [one for one in world.as_user("viewer", "GET", "/tables").body["items"] if one["table"] == table]
    return one["records"], one["pending"], one["rejected"]


def rejections(world: World, run: dict[str, Any], language: str = "pt-BR") -> list[dict[str, Any]]:
    path = f"/runs/{run['run_id']}/log?limit=200"
    page = world.as_user("viewer", "GET", path, headers={"Accept-Language": language}).body
    return [line for line in page["items"] if line["code"] == "load_rejected"]


CORRUPT = {
    "no JSON": ('{"codigo": "2", "nome', "", "stored_record_unreadable"),
    "no object": ("[1]", "", "record_not_object"),
    "a field is missing": ('{"codigo":"2"}', "nome", "missing"),
    "a field is of another type": ('{"codigo":"2","nome":["Rui"]}', "nome", "not_text"),
}


@pytest.mark.parametrize("case", CORRUPT)
def test_a_record_that_went_bad_in_storage_is_set_aside_and_the_others_are_applied(
    world: World, tables: dict[str, str], case: str
) -> None:
    data, field, code = CORRUPT[case]
    world.push("vendedor", [ANA, RUI])
    corrupt(world, tables, "vendedor", "2", data)

    run = world.run()

    assert (run["status"], run["error"]) == ("partial", None)
    load = next(stage for stage in run["stages"] if stage["name"] == "load")
    assert (load["processed"], load["rejected"]) == (1, 1)
    assert counts(world, "vendedor") == (2, 0, 1)
    assert stored(world, "vendedor", "1")["state"] == "applied"
    bad = stored(world, "vendedor", "2")
    assert bad["state"] == "rejected"
    assert [(one["field"], one["code"]) for one in bad["errors"]] == [(field, code)]


def test_the_log_tells_key_field_and_reason_in_both_languages(world: World, tables: dict[str, str]) -> None:
    world.push("vendedor", [ANA, RUI])
    corrupt(world, tables, "vendedor", "2", '{"codigo":"2"}')
    run = world.run()

    told = {language: rejections(world, run, language) for language in BOTH}

    assert [[line["level"] for line in lines] for lines in told.values()] == [["warning"]] * 2
    assert told["pt-BR"][0]["message"] == (
        'vendedor "2" rejeitado: nome: Campo obrigatório ausente ou vazio; preencha-o.'
    )
    assert told["en"][0]["message"] == (
        'vendedor "2" rejected: nome: Required field is missing or empty; fill it in.'
    )
    [issue] = told["en"][0]["details"]["issues"]
    assert (issue["field"], issue["code"]) == ("nome", "missing")


def test_a_rule_that_got_stricter_sets_aside_what_it_no_longer_allows(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    nota = {"serie": "1", "empresa_codigo": "1", "emitida_em": "2026-01-01", "situacao": "autorizada"}
    with_key = {**nota, "numero": "1", "valor_total": "10", "chave_acesso": "3" * 44}
    without = {**nota, "numero": "2", "valor_total": "5"}
    world.push("nota", [with_key, without])
    monkeypatch.setattr(validation, "ACCESS_KEY_LENGTH", 50)

    run = world.run()

    assert run["status"] == "partial"
    assert [line["details"]["key"] for line in rejections(world, run)] == ["1|1"]
    assert world.as_user("viewer", "GET", "/abc").body["totals"]["revenue"] == "5.00"


def test_the_next_run_without_changes_is_a_success(world: World, tables: dict[str, str]) -> None:
    world.push("vendedor", [ANA, RUI])
    corrupt(world, tables, "vendedor", "2", "{}")
    world.run()

    run = world.run()

    assert (run["status"], rejections(world, run)) == ("success", [])
    assert counts(world, "vendedor") == (2, 0, 1), "it is still set aside"


def test_the_corrected_record_comes_in(world: World, tables: dict[str, str]) -> None:
    world.push("vendedor", [ANA, RUI])
    corrupt(world, tables, "vendedor", "2", "{}")
    world.run()

    answer = world.push("vendedor", [RUI])
    run = world.run()

    assert answer.body["updated"] == 1
    assert run["status"] == "success"
    assert counts(world, "vendedor") == (2, 0, 0)
    assert stored(world, "vendedor", "2")["state"] == "applied"


def test_a_good_version_stays_in_the_crm_while_a_bad_one_is_set_aside(
    world: World, tables: dict[str, str]
) -> None:
    empresa = {"codigo": "1", "razao_social": "Mercado Azul"}
    world.push("empresa", [empresa])
    world.run()
    world.push("empresa", [{**empresa, "razao_social": "Mercado Verde"}])
    corrupt(world, tables, "empresa", "1", "{}")

    assert world.run()["status"] == "partial"

    assert [one["name"] for one in world.listed("/customers")] == ["Mercado Azul"]


def test_a_correction_that_arrives_while_its_record_is_being_set_aside_wins(
    world: World, tables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.push("vendedor", [ANA, RUI])
    corrupt(world, tables, "vendedor", "2", "{}")
    rewrite = Records.rewrite

    def overtaken(self: Records, *arguments: Any, **options: Any) -> None:
        if options["label"].startswith("run-"):
            assert world.push("vendedor", [RUI]).body["updated"] == 1
        rewrite(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Records, "rewrite", overtaken)
        world.run()
    assert counts(world, "vendedor") == (2, 1, 0)
    assert wiring.records().read(world.integration_id, "vendedor", ["2"])["2"].rejection is None


def test_what_was_set_aside_comes_in_unchanged_when_the_rule_allows_it_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    nota = {"numero": "1", "serie": "1", "empresa_codigo": "1", "emitida_em": "2026-01-01",
            "situacao": "autorizada", "valor_total": "10", "chave_acesso": "3" * 44}  # fmt: skip
    world.push("nota", [nota])
    with monkeypatch.context() as patch:
        patch.setattr(validation, "ACCESS_KEY_LENGTH", 50)
        world.run()

    assert world.push("nota", [nota]).body["unchanged"] == 1
    world.run()

    assert counts(world, "nota") == (1, 0, 0)
    assert stored(world, "nota", "1%7C1")["state"] == "applied"
    assert world.as_user("viewer", "GET", "/abc").body["totals"]["revenue"] == "10.00"


def test_a_good_version_sent_again_after_a_refused_one_ends_as_applied(world: World) -> None:
    world.push("vendedor", [ANA])
    world.run()
    world.push("vendedor", [{"codigo": "1", "nome": ""}])
    assert world.push("vendedor", [ANA]).body["unchanged"] == 1
    world.run()

    assert counts(world, "vendedor") == (1, 0, 0)
    assert stored(world, "vendedor", "1")["state"] == "applied"


def test_records_refused_at_delivery_are_told_by_the_run_once(world: World) -> None:
    refused = [{"codigo": "3"}, {"nome": "Ninguém"}, "not a record"]
    assert world.push("vendedor", [ANA, *refused]).body["rejected"] == 3

    run, following = world.run(), world.run()

    assert (run["status"], following["status"]) == ("partial", "success")
    keys_told = sorted(line["details"]["key"] for line in rejections(world, run))
    assert keys_told == ["", "", "3"]
    assert counts(world, "vendedor") == (1, 0, 3)


def test_a_refused_change_leaves_the_good_version_applied(world: World) -> None:
    world.push("vendedor", [ANA])
    world.run()
    world.push("vendedor", [{"codigo": "1", "nome": ""}])

    run = world.run()

    assert run["status"] == "partial"
    found = stored(world, "vendedor", "1")
    assert (found["state"], found["record"]["nome"]) == ("rejected", "Ana")
    document = wiring.crm().documents(world.integration_id, [("vendedor", "1", None)])
    assert document["vendedor", "1"]["data"]["nome"] == "Ana"


def test_a_night_of_bad_records_only_is_partial_and_tells_how_many(world: World) -> None:
    world.push("vendedor", [{"codigo": str(code)} for code in range(150)])

    run = world.run()

    assert run["status"] == "partial"
    load = next(stage for stage in run["stages"] if stage["name"] == "load")
    assert (load["processed"], load["rejected"]) == (0, 150)
    assert counts(world, "vendedor") == (0, 0, 150)
    assert len(rejections(world, run)) == 20
    summary = [line for line in world.listed(f"/runs/{run['run_id']}/log") if line["code"] == "load_table"]
    assert "150 registros rejeitados" in summary[0]["message"]


def test_a_record_that_cannot_be_read_any_more_can_still_be_asked_for(
    world: World, tables: dict[str, str]
) -> None:
    world.push("vendedor", [ANA])
    corrupt(world, tables, "vendedor", "1", "{broken")
    world.run()

    for language in BOTH:
        found = stored(world, "vendedor", "1", language)
        assert (found["state"], found["record"]) == ("rejected", None)
