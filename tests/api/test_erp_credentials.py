"""No, wrong or foreign credentials: refused with the reason, and in the request log without what was sent."""

import base64
import time
from collections.abc import Callable

import jwt
import pytest

from chalicelib.domain.request_log import RequestEntry
from tests.support.history import body_of, entry_of
from tests.support.world import World

ANA = {"records": [{"codigo": "1", "nome": "Ana"}]}


def unsigned(header: str) -> str:
    """Write a token whose header is any text at all."""
    parts = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in (header, "{}", "x")]
    return "Bearer " + ".".join(parts)


def signed(world: World, secret: str = "a secret that is not ours, and long enough") -> str:
    claims = {"sub": "a", "tenant_id": world.tenant_id, "role": "admin", "exp": time.time() + 60}
    return jwt.encode(claims, secret, "HS256")


WRONG: dict[str, tuple[str, Callable[[World], str | None]]] = {
    "none": ("credentials_missing", lambda _: None),
    "empty": ("credentials_missing", lambda _: ""),
    "another scheme": ("credentials_not_bearer", lambda _: "Basic ZXJwOnNlY3JldA=="),
    "no token": ("credentials_not_bearer", lambda _: "Bearer  "),
    "the key alone": ("credentials_not_bearer", lambda world: world.erp_key),
    "a key cut short": ("erp_key_malformed", lambda world: f"Bearer {world.erp_key[:-1]}"),
    "a key and more": ("erp_key_malformed", lambda world: f"Bearer {world.erp_key}x"),
    "a wrong secret": ("erp_key_unknown", lambda world: f"Bearer {world.erp_key[:-40]}{'x' * 40}"),
    "an invented key": ("erp_key_unknown", lambda _: f"Bearer erp_{'0' * 12}-{'0' * 6}_{'x' * 40}"),
    "no token at all": ("token_invalid", lambda _: "Bearer nonsense"),
    "letters of no alphabet": ("token_invalid", lambda _: "Bearer çé.ã.ü"),
    "a token of another secret": ("token_invalid", lambda world: f"Bearer {signed(world)}"),
    "an unsigned token": ("token_invalid", lambda _: unsigned('{"alg":"none"}')),
    "a token of brackets": ("token_invalid", lambda _: unsigned("[" * 5_000)),
    "a token of nonsense": ("token_invalid", lambda _: unsigned('{"alg":[1e999,{}],"kid":NaN}')),
    "an expired token": ("token_expired", lambda world: f"Bearer {world.token('admin', exp=1)}"),
    "a token without a role": ("token_claims_missing", lambda world: f"Bearer {world.token('')}"),
}


def logged(world: World, request_id: str) -> RequestEntry:
    entry = entry_of(world.integration_id, request_id)
    assert entry is not None, "it is in the request log"
    return entry


@pytest.mark.parametrize("name", WRONG)
def test_wrong_credentials_are_refused_with_the_reason(own_world: World, name: str) -> None:
    code, header_of = WRONG[name]
    header = header_of(own_world)
    sent = {} if header is None else {"Authorization": header}

    answers = [
        own_world.call("POST", "/v1/erp/vendedor", ANA, headers={**sent, "Accept-Language": language})
        for language in ("pt-BR", "en")
    ]

    assert {(answer.status, answer.body["code"]) for answer in answers} == {(401, code)}
    assert len({answer.body["detail"] for answer in answers}) == 2
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {"Bearer"}
    entry = logged(own_world, answers[0].body["request_id"])
    assert (entry.integration_id, entry.status, entry.code, entry.key_id) == ("-", 401, code, None)
    assert entry.headers.get("authorization") in (None, "•••")
    assert body_of(entry, "request") == b"", "an unknown sender fills no log"


def test_a_revoked_key_is_refused_in_the_log_of_those_who_miss_its_deliveries(own_world: World) -> None:
    [key] = own_world.as_user("admin", "GET", "/keys").body["items"]
    assert own_world.as_user("admin", "DELETE", f"/keys/{key['key_id']}").status in (200, 204)

    answer = own_world.push("vendedor", ANA["records"])

    assert (answer.status, answer.body["code"]) == (401, "erp_key_revoked")
    entry = logged(own_world, answer.body["request_id"])
    assert (entry.integration_id, entry.status) == (own_world.integration_id, 401)
    assert (entry.key_id, entry.key_name) == (key["key_id"], "ERP")
    assert body_of(entry, "request") == b""


@pytest.mark.parametrize("role", ["viewer", "admin", "operator"])
def test_people_do_not_deliver(own_world: World, role: str) -> None:
    for method, path in (("POST", "/v1/erp/vendedor"), ("GET", "/v1/erp/vendedor/1")):
        answer = own_world.call(method, path, ANA, token=own_world.token(role))
        assert (answer.status, answer.body["code"]) == (403, "user_cannot_push")
        assert logged(own_world, answer.body["request_id"]).status == 403


def test_a_key_reaches_its_own_integration_only(own_world: World) -> None:
    their_id, their_key = own_world.new_integration("tenant-b")
    own_world.push("vendedor", ANA["records"])

    seen = own_world.call("GET", "/v1/erp/vendedor/1", token=their_key)
    assert (seen.status, seen.body["code"]) == (404, "record_not_found")

    theirs = own_world.call(
        "POST", "/v1/erp/vendedor", {"records": [{"codigo": "1", "nome": "Bia"}]}, token=their_key
    )
    assert theirs.body["created"] == 1
    entry = entry_of(their_id, theirs.body["request_id"])
    assert entry is not None
    assert entry.integration_id == their_id
    ours = own_world.call("GET", "/v1/erp/vendedor/1", token=own_world.erp_key)
    assert ours.body["record"]["nome"] == "Ana"


def test_a_key_reads_nothing_but_its_deliveries(own_world: World) -> None:
    for path in ("", "/tables", "/runs", "/abc", "/customers", "/keys"):
        answer = own_world.call(
            "GET", f"/v1/integrations/{own_world.integration_id}{path}", token=own_world.erp_key
        )
        assert (answer.status, answer.body["code"]) == (403, "erp_key_only_pushes")
