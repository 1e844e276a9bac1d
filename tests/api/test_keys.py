"""ERP keys: shown once, kept as a keyed hash, gone at once when revoked, and only for their own tenant."""

import hashlib
import hmac
import os
import re
from typing import Any

import pytest

from tests.conftest import dynamodb_client
from tests.support.world import Answer, World

RECORD = {"codigo": "1", "nome": "Ana"}
KEY = re.compile(r"erp_[a-z0-9]{12}-[a-z0-9]{6}_[A-Za-z0-9]{40}")


def created(world: World, name: object = "ERP 2") -> Answer:
    return world.as_user("admin", "POST", "/keys", {"name": name})


def revoked(world: World, key_id: str) -> Answer:
    return world.as_user("admin", "DELETE", f"/keys/{key_id}")


def pushed(world: World, key: str) -> Answer:
    return world.call("POST", "/v1/erp/vendedor", {"records": [RECORD]}, token=key)


def stored(endpoint_url: str, integration_id: str) -> list[dict[str, Any]]:
    """Read an integration's keys as the database has them."""
    answer = dynamodb_client(endpoint_url).query(
        TableName=os.environ["INTEGRATIONS_TABLE"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"KEYS#{integration_id}"}},
    )
    return [{name: value["S"] for name, value in item.items()} for item in answer["Items"]]


def test_a_key_is_shown_when_it_is_made_and_never_again(own_world: World, engine_url: str) -> None:
    made = created(own_world, "  ERP do Pará  ")
    assert made.status == 201
    assert KEY.fullmatch(made.body["key"])
    assert (made.body["name"], made.body["created_by"]) == ("ERP do Pará", "admin-1")
    secret = made.body["key"][-40:]
    [item] = [one for one in stored(engine_url, own_world.integration_id) if one["sk"] == made.body["key_id"]]

    listed = own_world.as_user("operator", "GET", "/keys")

    shown = {name: value for name, value in made.body.items() if name != "key"}
    assert shown in listed.body["items"]
    assert secret not in str(listed)
    assert item["secret_hash"] not in str(listed) + str(made)
    assert {frozenset(one) for one in listed.body["items"]} == {frozenset(shown)}


def test_the_database_holds_a_keyed_hash_of_the_secret_and_nothing_else_of_it(
    own_world: World, engine_url: str
) -> None:
    secret = own_world.erp_key[-40:]

    [item] = stored(engine_url, own_world.integration_id)

    assert item["secret_hash"] == hmac.digest(b"secret pepper", secret.encode(), "sha256").hex()
    assert item["secret_hash"] != hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in str(item)


def test_no_two_keys_are_alike(own_world: World) -> None:
    made = [created(own_world).body for _ in range(5)]
    assert len({one["key_id"] for one in made}) == len({one["key"][-40:] for one in made}) == 5


def test_each_key_of_an_integration_works_until_it_is_revoked(own_world: World) -> None:
    first, second = own_world.erp_key, created(own_world).body
    assert [pushed(own_world, key).status for key in (first, second["key"])] == [200, 200]

    gone = revoked(own_world, second["key_id"])

    assert (gone.status, gone.body["key_id"]) == (200, second["key_id"])
    assert gone.body["revoked_at"] is not None
    refused = pushed(own_world, second["key"])
    assert (refused.status, refused.body["code"]) == (401, "erp_key_revoked")
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert pushed(own_world, first).status == 200
    listed = own_world.as_user("admin", "GET", "/keys").body["items"]
    assert gone.body in listed, "what once had access stays visible"
    assert len([one for one in listed if one["revoked_at"] is None]) == 1


def test_revoking_twice_keeps_the_first_time(own_world: World) -> None:
    key_id = created(own_world).body["key_id"]
    first = revoked(own_world, key_id)
    own_world.clock.advance(hours=1)
    assert revoked(own_world, key_id).body == first.body


def test_a_revoked_key_with_another_secret_is_no_key(own_world: World) -> None:
    made = created(own_world).body
    revoked(own_world, made["key_id"])
    answer = pushed(own_world, f"erp_{made['key_id']}_{'x' * 40}")
    assert (answer.status, answer.body["code"]) == (401, "erp_key_unknown")


def test_the_secret_of_one_key_opens_no_other(own_world: World) -> None:
    made = created(own_world).body
    answer = pushed(own_world, f"erp_{made['key_id']}_{own_world.erp_key[-40:]}")
    assert (answer.status, answer.body["code"]) == (401, "erp_key_unknown")


def test_revoking_a_key_that_is_not_there_makes_none(own_world: World, engine_url: str) -> None:
    for key_id in (f"{own_world.integration_id}-zzzzzz", "nothing", "x" * 101):
        answer = revoked(own_world, key_id)
        assert (answer.status, answer.body["code"]) == (404, "key_not_found")
    assert len(stored(engine_url, own_world.integration_id)) == 1


def test_nobody_revokes_another_tenant_s_key(own_world: World) -> None:
    their_id, their_key = own_world.new_integration("tenant-b")
    their_key_id = their_key.split("_")[1]

    under_ours = revoked(own_world, their_key_id)
    under_theirs = own_world.call(
        "DELETE", f"/v1/integrations/{their_id}/keys/{their_key_id}", token=own_world.token("operator")
    )

    assert (under_ours.status, under_ours.body["code"]) == (404, "key_not_found")
    assert (under_theirs.status, under_theirs.body["code"]) == (404, "integration_not_found")
    assert pushed(own_world, their_key).status == 200


def test_a_key_of_one_integration_is_not_revoked_through_another_of_the_same_tenant(
    own_world: World,
) -> None:
    _, other_key = own_world.new_integration()
    assert revoked(own_world, other_key.split("_")[1]).status == 404
    assert pushed(own_world, other_key).status == 200


@pytest.mark.parametrize(
    ("name", "code", "portuguese", "english"),
    [
        (None, "missing", "Campo obrigatório", "Required field"),
        ("", "missing", "Campo obrigatório", "Required field"),
        (" \t", "missing", "Campo obrigatório", "Required field"),
        (7, "not_text", "Precisa ser texto", "Must be text"),
        (["ERP"], "not_text", "Precisa ser texto", "Must be text"),
        ("x" * 81, "text_too_long", "O texto tem 81 caracteres", "The text has 81 characters"),
        ("a\nb", "control_character", "Contém o caractere", "Contains the control"),
        ("a\u202eb", "control_character", "U+202E", "U+202E"),
        ("a\x00b", "control_character", "U+0000", "U+0000"),
        ("a\ud800b", "lone_surrogate", "U+D800", "U+D800"),
    ],
)
def test_a_name_that_nobody_could_read_is_refused_with_the_reason(
    own_world: World, name: object, code: str, portuguese: str, english: str
) -> None:
    for language, words in (("pt-BR", portuguese), ("en", english)):
        answer = own_world.as_user(
            "admin", "POST", "/keys", {"name": name}, headers={"Accept-Language": language}
        )
        assert (answer.status, answer.body["code"]) == (400, "invalid_setting")
        [error] = answer.body["errors"]
        assert (error["field"], error["code"]) == ("name", code)
        assert words in error["message"]
    assert len(own_world.as_user("admin", "GET", "/keys").body["items"]) == 1


def test_a_name_may_have_any_letters_up_to_its_limit(own_world: World) -> None:
    name = "Ação 統合 🧾 " + "x" * 70
    assert len(name) == 80
    assert created(own_world, name).body["name"] == name


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_setting"),
        (b"{}", "invalid_setting"),
        (b"[]", "body_not_object"),
        (b"null", "body_not_object"),
        (b'"ERP"', "body_not_object"),
        (b"{", "malformed_json"),
    ],
)
def test_a_body_that_names_no_key_is_refused(own_world: World, body: bytes, code: str) -> None:
    answer = own_world.as_user("admin", "POST", "/keys", body)
    assert (answer.status, answer.body["code"]) == (400, code)


def test_keys_are_listed_page_by_page(own_world: World) -> None:
    made = {created(own_world).body["key_id"] for _ in range(4)} | {own_world.erp_key.split("_")[1]}
    seen: list[str] = []
    path = "/keys?limit=2"
    while path:
        page = own_world.as_user("admin", "GET", path).body
        assert len(page["items"]) <= 2
        seen += [one["key_id"] for one in page["items"]]
        path = f"/keys?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert len(seen) == 5
    assert set(seen) == made
