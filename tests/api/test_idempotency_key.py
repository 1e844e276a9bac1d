"""`Idempotency-Key`: a delivery that is sent again is answered again, and nothing is done twice."""

from typing import Any

import pytest

from chalicelib.storage import connection
from tests.support.calls import counted
from tests.support.digest import digest
from tests.support.faults import living
from tests.support.rivals import Move, rivals
from tests.support.world import Answer, World

ENGINE = "dynamodb_local"  # clients meet here

ANA, RUI = {"codigo": "1", "nome": "Ana"}, {"codigo": "2", "nome": "Rui"}
TABLE = "vendedor"


def send(world: World, key: str, *records: Any, table: str = TABLE, **headers: str) -> Answer:
    return world.push(table, list(records), headers={"Idempotency-Key": key, **headers})


def replayed(answer: Answer) -> bool:
    return answer.headers.get("Idempotent-Replayed") == "true"


@pytest.fixture
def world(own_world: World) -> World:
    return own_world


def test_the_same_delivery_gets_the_same_answer_and_does_nothing(world: World) -> None:
    first = send(world, "night-1", ANA, {"codigo": "2"}, {**RUI, "apelido": "R"})
    world.push(TABLE, [{**ANA, "nome": "Ana Maria"}])
    before = digest(world.integration_id, [TABLE])

    again = send(world, "night-1", ANA, {"codigo": "2"}, {**RUI, "apelido": "R"})

    assert (first.status, first.body["created"], first.body["rejected"]) == (200, 2, 1)
    assert (again.status, again.body) == (200, first.body)
    assert (replayed(first), replayed(again)) == (False, True)
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert digest(world.integration_id, [TABLE]) == before, "what came in between stays"


def test_an_answer_too_large_for_the_database_is_repeated_whole(world: World) -> None:
    wrong = [{"codigo": f"{number} {number * 7919:x}", "nome": number} for number in range(1_000)]
    first, again = send(world, "large", *wrong), send(world, "large", *wrong)
    assert (again.body, replayed(again)) == (first.body, True)
    assert len(again.body["errors"]) == 1_000


def test_a_repeated_answer_takes_four_calls_of_its_own(world: World) -> None:
    send(world, "cheap", ANA)
    with counted() as calls:
        assert replayed(send(world, "cheap", ANA))
    # The ERP's key and the first answer; the request log, ahead and after. The refused claim answers too.
    assert calls.by_operation == {"GetItem": 1, "BatchGetItem": 1, "BatchWriteItem": 2}


@pytest.mark.parametrize("language", ["pt-BR", "en"])
def test_a_key_used_for_other_content_is_refused(world: World, language: str) -> None:
    send(world, "night-1", ANA)
    answer = send(world, "night-1", RUI, **{"Accept-Language": language})
    assert (answer.status, answer.body["code"]) == (409, "idempotency_key_reused")
    assert ("chave nova" if language == "pt-BR" else "new key") in answer.body["detail"]
    assert world.call("GET", "/v1/erp/vendedor/2", token=world.erp_key).status == 404


def test_content_is_compared_as_it_was_sent(world: World) -> None:
    body, spaced = b'{"records":[{"codigo":"1","nome":"Ana"}]}', b'{"records": [{"codigo":"1","nome":"Ana"}]}'
    key = {"Idempotency-Key": "night-1"}
    for sent, status in ((body, 200), (body, 200), (spaced, 409)):
        answer = world.call("POST", f"/v1/erp/{TABLE}", sent, token=world.erp_key, headers=key)
        assert answer.status == status


def test_a_delivery_that_is_still_at_work_is_not_started_again(world: World) -> None:
    with living(world, "after", 4) as life:
        send(world, "busy", ANA)
    assert life.dead, "it holds its key until its time is over"
    for language, word in (("pt-BR", "ainda está em andamento"), ("en", "still in progress")):
        answer = send(world, "busy", ANA, **{"Accept-Language": language})
        assert (answer.status, answer.body["code"]) == (409, "idempotency_in_progress")
        assert answer.headers["Retry-After"] == "2"
        assert word in answer.body["detail"]


def test_of_two_at_once_one_is_taken_and_the_other_waits_or_gets_the_same_answer(world: World) -> None:
    def sends(client: int) -> Move:
        return lambda number: (send(world, f"night-{number}", {**ANA, "codigo": str(number)}), client)[0]

    with rivals(sends(0), sends(1)) as both:
        for number in range(10):
            answers = both.play(number)
            taken = [answer for answer in answers if answer.status == 200]
            fresh = [answer for answer in taken if not replayed(answer)]
            assert len(fresh) == 1, f"round {number}"
            assert {str(answer.body) for answer in taken} == {str(fresh[0].body)}
            refused = [answer.body["code"] for answer in answers if answer.status != 200]
            assert refused in ([], ["idempotency_in_progress"])
    stored = digest(world.integration_id, [TABLE])["records"][TABLE]
    assert [one["revision"] for one in stored] == [1] * 10


@pytest.mark.parametrize("key", ["", "x" * 201, "noite-é", "a\x7fb", "a\tb", "\x00", "😀"])
def test_a_key_that_cannot_be_kept_is_refused(world: World, key: str) -> None:
    texts = []
    for language in ("pt-BR", "en"):
        answer = send(world, key, ANA, **{"Accept-Language": language})
        assert (answer.status, answer.body["code"]) == (400, "idempotency_key_invalid")
        texts.append(answer.body["detail"])
    assert "200" in texts[0] != texts[1]


@pytest.mark.parametrize(
    "key", ["x", "x" * 200, "a b/c#d|e;f,g=h\"'\\~!", "0b3c1f7e-8a77-4c0c-9a66-2f6f4f2f6f4f"]
)
def test_any_visible_key_up_to_200_characters_is_kept(world: World, key: str) -> None:
    assert [replayed(send(world, key, ANA)) for _ in range(2)] == [False, True]


def test_keys_of_two_integrations_and_of_two_tables_do_not_meet(world: World) -> None:
    _, their_key = world.new_integration("tenant-b")
    send(world, "night-1", ANA)
    theirs = world.call(
        "POST",
        f"/v1/erp/{TABLE}",
        {"records": [RUI]},
        token=their_key,
        headers={"Idempotency-Key": "night-1"},
    )
    assert (theirs.status, theirs.body["created"], replayed(theirs)) == (200, 1, False)
    other = send(world, "night-1", {"codigo": "1", "razao_social": "Loja"}, table="empresa")
    assert (other.status, other.body["created"], replayed(other)) == (200, 1, False)


def test_two_erp_keys_of_one_integration_share_their_idempotency_keys(world: World) -> None:
    second = world.as_user("admin", "POST", "/keys", {"name": "ERP 2"}).body["key"]
    first = send(world, "night-1", ANA)
    again = world.call(
        "POST", f"/v1/erp/{TABLE}", {"records": [ANA]}, token=second, headers={"Idempotency-Key": "night-1"}
    )
    assert (again.body, replayed(again)) == (first.body, True)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"", 400), (b'{"records":[' + b",".join([b"1"] * 1_001) + b"]}", 413), (b"\x1f\x8b", 400)],
)
def test_a_refused_delivery_does_not_use_its_key_up(world: World, body: bytes, status: int) -> None:
    key = {"Idempotency-Key": "night-1"}
    refused = world.call("POST", f"/v1/erp/{TABLE}", body, token=world.erp_key, headers=key)
    assert refused.status == status
    corrected = send(world, "night-1", ANA)
    assert (corrected.status, corrected.body["created"], replayed(corrected)) == (200, 1, False)


def test_a_key_may_be_used_for_something_else_a_day_later(world: World) -> None:
    with counted() as calls:
        send(world, "night-1", ANA)
    let_a_day_pass({(table, name) for table, name, _ in calls.written if table.startswith("Idempotency")})
    later = send(world, "night-1", RUI)
    assert (later.status, later.body["created"], replayed(later)) == (200, 1, False)


def let_a_day_pass(kept: set[tuple[str, str]]) -> None:
    """Turn back the end of a kept key by the 24 hours that it is kept, and a second."""
    [(table, name)] = kept
    client = connection.client()
    item = client.get_item(TableName=table, Key={"id": {"S": name}})["Item"]
    item["expiration"] = {"N": str(int(item["expiration"]["N"]) - 24 * 3_600 - 1)}
    client.put_item(TableName=table, Item=item)
