"""Users' tokens signed by the CRM: checked against the keys it publishes, its name and ours."""

import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from chalicelib import wiring
from chalicelib.settings import settings
from tests.conftest import dynamodb_client
from tests.support.tables import create_tables, drop_tables
from tests.support.world import JWT_SECRET, Answer, World, build_world

ISSUER, AUDIENCE = "https://crm.example", "integration-history"


@cache
def private_key(kid: str) -> Any:
    """Make a key; those whose name begins with "ec" are of elliptic curves."""
    if kid.startswith("ec"):
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def published(*kids: str) -> bytes:
    """Write the key set that the CRM publishes."""
    keys = []
    for kid in kids:
        algorithm = ECAlgorithm if kid.startswith("ec") else RSAAlgorithm
        key = algorithm.to_jwk(private_key(kid).public_key(), as_dict=True)
        keys.append({**key, "kid": kid, "use": "sig", "alg": "ES256" if kid.startswith("ec") else "RS256"})
    return json.dumps({"keys": keys}).encode()


@dataclass
class Crm:
    """The CRM's web server; None instead of a body hangs up."""

    world: World
    status: int = 200
    body: bytes | None = field(default_factory=lambda: published("one", "ec-two"))
    asked: int = 0

    def token(
        self, kid: str | None = "one", algorithm: str = "RS256", key: Any = None, **changes: Any
    ) -> str:
        """Sign a viewer's token."""
        claims = {
            "sub": "ana",
            "tenant_id": self.world.tenant_id,
            "role": "viewer",
            "exp": time.time() + 60,
            "iss": ISSUER,
            "aud": AUDIENCE,
            **changes,
        }
        sent = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(
            sent,
            private_key(kid or "one") if key is None else key,
            algorithm,
            headers={"kid": kid} if kid else None,
        )

    def read(self, token: str, **headers: str) -> Answer:
        """List integrations with a token."""
        return self.world.call("GET", "/v1/integrations", token=token, headers=headers)


def server_of(found: Callable[[], "Crm"]) -> ThreadingHTTPServer:
    """Serve the CRM's present key set on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            crm = found()
            crm.asked += 1
            if crm.body is None:
                return
            self.send_response(crm.status)
            self.end_headers()
            self.wfile.write(crm.body)

        def log_message(self, *_: Any) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture(scope="module")
def signed_by_the_crm(engine_url: str) -> Iterator[tuple[World, list[Crm]]]:
    """A world that trusts the CRM's keys; its own tenant is set up before, with the shared secret."""
    stage: list[Crm] = []
    server = server_of(lambda: stage[-1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    client = dynamodb_client(engine_url)
    names = create_tables(client)
    with pytest.MonkeyPatch.context() as patch:
        for world in build_world(patch, engine_url, names):
            patch.setenv("JWKS_URL", f"http://127.0.0.1:{server.server_port}/keys")
            patch.setenv("JWT_ISSUER", ISSUER)
            patch.setenv("JWT_AUDIENCE", AUDIENCE)
            settings.cache_clear()
            yield world, stage
    drop_tables(client, names)
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def crm(signed_by_the_crm: tuple[World, list[Crm]]) -> Crm:
    """The CRM as each test finds it: two keys published, none known to us yet."""
    world, stage = signed_by_the_crm
    wiring.access.cache_clear()
    stage.append(Crm(world))
    return stage[-1]


def test_a_token_of_a_published_key_is_taken_and_the_keys_are_asked_for_once(crm: Crm) -> None:
    for token in (crm.token(), crm.token("ec-two", "ES256"), crm.token(aud=["other", AUDIENCE])):
        answer = crm.read(token)
        assert (answer.status, len(answer.body["items"])) == (200, 1)
    assert crm.asked == 1


def forged(crm: Crm) -> str:
    """Sign with HMAC under the published key, which everybody has; `jwt.encode` would not do it."""
    public = private_key("one").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = jwt.encode({}, JWT_SECRET, "HS256", headers={"kid": "one"}).split(".")[0]
    message = f"{header}.{crm.token().split('.')[1]}"
    signature = hmac.digest(public, message.encode(), "sha256")
    return f"{message}.{jwt.utils.base64url_encode(signature).decode()}"


WRONG: dict[str, tuple[str, Callable[[Crm], str]]] = {
    "an HMAC under the public key": ("token_invalid", forged),
    "the shared secret": ("token_invalid", lambda crm: crm.token("one", "HS256", JWT_SECRET)),
    "no algorithm": ("token_invalid", lambda crm: crm.token("one", "none", "")),
    "another key under a published name": ("token_invalid", lambda crm: crm.token(key=private_key("three"))),
    "a key of another kind": ("token_invalid", lambda crm: crm.token("one", "ES256", private_key("ec-two"))),
    "a key that is not published": ("token_invalid", lambda crm: crm.token("three")),
    "no key named": ("token_invalid", lambda crm: crm.token(None)),
    "another issuer": ("token_invalid", lambda crm: crm.token(iss="https://crm.example.evil")),
    "no issuer": ("token_invalid", lambda crm: crm.token(iss=None)),
    "another audience": ("token_invalid", lambda crm: crm.token(aud="billing")),
    "no audience": ("token_invalid", lambda crm: crm.token(aud=None)),
    "an expired token": ("token_expired", lambda crm: crm.token(exp=time.time() - 60)),
    "an unknown role": ("token_claims_missing", lambda crm: crm.token(role="root")),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_token_that_the_crm_did_not_sign_for_us_is_refused(crm: Crm, name: str) -> None:
    code, token_of = WRONG[name]
    answer = crm.read(token_of(crm))
    assert (answer.status, answer.body["code"]) == (401, code)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_erp_key_needs_no_key_of_the_crm(crm: Crm) -> None:
    crm.body = None
    assert crm.world.push("vendedor", [{"codigo": "1", "nome": "Ana"}]).status == 200
    assert crm.asked == 0


BROKEN: dict[str, tuple[int, bytes | None]] = {
    "it hangs up": (200, None),
    "it fails": (500, b""),
    "it answers a page": (200, b"<html>Em manuten\xc3\xa7\xc3\xa3o</html>"),
    "it answers no text": (200, b"\xff\xfe\xfd"),
    "it answers a list": (200, b"[]"),
    "it publishes nothing": (200, b'{"keys":[]}'),
}


@pytest.mark.parametrize("name", BROKEN)
def test_without_the_crm_s_keys_people_are_told_to_try_again_and_then_can(crm: Crm, name: str) -> None:
    good = crm.status, crm.body
    crm.status, crm.body = BROKEN[name]

    answers = [crm.read(crm.token(), **{"Accept-Language": one}) for one in ("pt-BR", "en")]

    assert {(one.status, one.body["code"]) for one in answers} == {(503, "token_keys_unavailable")}
    assert [one.body["detail"][:10] for one in answers] == ["O CRM não ", "The CRM di"]
    assert {one.headers["Retry-After"] for one in answers} == {"2"}
    assert "WWW-Authenticate" not in answers[0].headers, "their token is not to blame"
    crm.status, crm.body = good
    assert crm.read(crm.token()).status == 200


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let the key set be as old as that for PyJWT."""
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + seconds)
    monkeypatch.setattr("jwt.jwk_set_cache.time", clock)
    monkeypatch.setattr("jwt.jwks_client.time", clock)


def test_a_withdrawn_key_opens_nothing_after_five_minutes(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    assert crm.read(crm.token()).status == 200
    crm.body = published("ec-two")
    later(monkeypatch, 301)

    assert crm.read(crm.token()).body["code"] == "token_invalid"
    assert crm.read(crm.token("ec-two", "ES256")).status == 200


def test_a_new_key_is_looked_up_at_once_but_invented_ones_do_not_burden_the_crm(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert crm.read(crm.token()).status == 200
    crm.body = published("one", "three")
    later(monkeypatch, 31)

    assert crm.read(crm.token("three")).status == 200
    assert crm.asked == 2
    for number in range(3):
        assert crm.read(crm.token(f"four-{number}", key=private_key("one"))).status == 401
    assert crm.asked == 2


def test_known_keys_outlast_a_failing_look_up_of_a_new_one(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    assert crm.read(crm.token()).status == 200
    crm.body = None
    later(monkeypatch, 31)

    assert crm.read(crm.token("three")).status == 503
    assert crm.read(crm.token()).status == 200
