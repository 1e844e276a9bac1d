"""Who may do what: endpoints by role, wrong tokens refused, each tenant alone with what is its own."""

import re
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from chalicelib.api.edge import ERP, OPERATIONS, PUBLIC, Operation
from chalicelib.domain.request_log import new_id
from chalicelib.services.access import ROLES
from tests.support.belongings import belongings
from tests.support.world import JWT_SECRET, Answer, World

LIST = "/v1/integrations"
ONE = "/v1/integrations/{integration_id}"
ABSENT = "0" * 12
EMPRESA = {"codigo": "c-1", "razao_social": "Açaí Ltda", "uf": "PA"}


def signed(world: World, secret: str = JWT_SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    """Sign an admin's token; a claim changed to None is left out."""
    claims = {"sub": "a", "tenant_id": world.tenant_id, "role": "admin", "exp": time.time() + 60, **changes}
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, secret, algorithm)


def promoted(world: World) -> str:
    """Put an operator's claims under a viewer's signature."""
    header, _, signature = signed(world, role="viewer").split(".")
    return ".".join([header, signed(world, role="operator").split(".")[1], signature])


WRONG: dict[str, tuple[str, Callable[[World], str | None]]] = {
    "none": ("credentials_missing", lambda _: None),
    "another scheme": ("credentials_not_bearer", lambda _: "Basic YW5hOnNlbmhh"),
    "a token without its scheme": ("credentials_not_bearer", signed),
    "garbage": ("token_invalid", lambda _: "Bearer garbage"),
    "an expired token": ("token_expired", lambda world: f"Bearer {signed(world, exp=time.time() - 60)}"),
    "a token not yet valid": ("token_invalid", lambda world: f"Bearer {signed(world, nbf=time.time() + 90)}"),
    "another secret": ("token_invalid", lambda world: f"Bearer {signed(world, 'another secret ' * 3)}"),
    "another algorithm": ("token_invalid", lambda world: f"Bearer {signed(world, algorithm='HS512')}"),
    "no algorithm": ("token_invalid", lambda world: f"Bearer {signed(world, '', 'none')}"),
    "claims of another token": ("token_invalid", lambda world: f"Bearer {promoted(world)}"),
    "no end": ("token_invalid", lambda world: f"Bearer {signed(world, exp=None)}"),
    "no user": ("token_invalid", lambda world: f"Bearer {signed(world, sub=None)}"),
    "an empty user": ("token_claims_missing", lambda world: f"Bearer {signed(world, sub='')}"),
    "no tenant": ("token_claims_missing", lambda world: f"Bearer {signed(world, tenant_id=None)}"),
    "no role": ("token_claims_missing", lambda world: f"Bearer {signed(world, role=None)}"),
    "an unknown role": ("token_claims_missing", lambda world: f"Bearer {signed(world, role='root')}"),
    "a list of roles": ("token_claims_missing", lambda world: f"Bearer {signed(world, role=['admin'])}"),
    "a broken ERP key": ("erp_key_malformed", lambda world: f"Bearer {world.erp_key}x"),
    "an invented ERP key": ("erp_key_unknown", lambda world: f"Bearer {world.erp_key[:-40]}{'x' * 40}"),
}


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
@pytest.mark.parametrize("name", WRONG)
def test_wrong_credentials_are_refused_with_the_reason_in_both_languages(own_world: World, name: str) -> None:
    code, header_of = WRONG[name]
    header = header_of(own_world)
    sent = {} if header is None else {"Authorization": header}

    portuguese = own_world.call("GET", LIST, headers=sent)
    english = own_world.call("GET", LIST, headers={**sent, "Accept-Language": "en"})

    for answer in (portuguese, english):
        assert (answer.status, answer.body["code"], answer.body["errors"]) == (401, code, [])
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert portuguese.body["title"] == "Acesso não autorizado"
    assert english.body["title"] == "Not authorised"
    assert portuguese.body["detail"] != english.body["detail"]


def test_the_right_token_is_taken_whatever_the_scheme_s_case(own_world: World) -> None:
    for scheme in ("Bearer", "bearer", "BEARER"):
        answer = own_world.call("GET", LIST, headers={"Authorization": f"{scheme} {signed(own_world)}"})
        assert answer.status == 200


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        (None, "pt-BR"),
        ("pt", "pt-BR"),
        ("en-GB,en;q=0.9", "en"),
        ("fr, en;q=0.5", "en"),
        ("en;q=0.5, pt-BR", "pt-BR"),
        ("en; q=0.5, pt; q=0.9", "pt-BR"),
        ("en;q=0", "pt-BR"),
        ("de", "pt-BR"),
        ("*", "pt-BR"),
        ("enm, ptx", "pt-BR"),
        ("en;q=x", "pt-BR"),
    ],
)
def test_a_problem_speaks_the_language_asked_for(own_world: World, asked: str | None, spoken: str) -> None:
    answer = own_world.call("GET", LIST, headers={"Accept-Language": asked} if asked else {})
    assert answer.headers["Content-Language"] == spoken
    assert answer.body["title"] == {"pt-BR": "Acesso não autorizado", "en": "Not authorised"}[spoken]


def needed(operation: Operation) -> str:
    """Tell the role that the contract asks for; it does not say who runs the page and the ERP's calls."""
    if operation.path == LIST and operation.method == "POST":
        return "operator"
    if re.search("/(keys|alert-recipients|audit)", operation.path):
        return "admin"
    reads = operation.method == "GET" or operation.path.endswith(("/download", "/exports"))
    return "viewer" if reads else "admin"


def operations_of_users() -> list[Operation]:
    found = [one for one in OPERATIONS if one.caller not in (ERP, PUBLIC)]
    assert {one.caller for one in found} == set(ROLES), "endpoints for each role are there to be tried"
    return found


def ask(world: World, operation: Operation, integration_id: str, token: str | None, **known: str) -> Answer:
    """Call an operation below an integration; what is not known is called by an id that is nobody's."""
    path = operation.path.replace("{integration_id}", integration_id)
    for name in re.findall(r"{(\w+)}", path):
        path = path.replace(f"{{{name}}}", known.get(name, "nobody"))
    return world.call(operation.method, path, {} if operation.method != "GET" else None, token=token)


def test_every_endpoint_asks_for_the_role_that_the_contract_says(own_world: World) -> None:
    wrong = [(one.method, one.path) for one in operations_of_users() if one.caller != needed(one)]
    assert wrong == []
    assets = {"/app/assets/{version}/{name}", "/app/assets/{version}/{folder}/{name}"}
    open_to_all = {one.path for one in OPERATIONS if one.caller == PUBLIC}
    assert open_to_all == {"/v1/health", "/v1/openapi.json", "/app", *assets}


def test_every_endpoint_refuses_too_low_a_role_and_takes_the_others(own_world: World) -> None:
    for operation in operations_of_users():
        for role in ROLES:
            answer = ask(own_world, operation, own_world.integration_id, own_world.token(role))
            what = (operation.method, operation.path, role, answer.status)
            if ROLES.index(role) < ROLES.index(operation.caller):
                assert (answer.status, answer.body["code"]) == (403, "role_required"), what
                assert re.findall(r"viewer|admin|operator", answer.body["detail"]) == [operation.caller, role]
            else:
                assert answer.status in (200, 201, 202, 400, 404, 409), what


def test_every_endpoint_refuses_who_does_not_say_who_they_are(own_world: World) -> None:
    for operation in OPERATIONS:
        if operation.caller != PUBLIC:
            answer = ask(own_world, operation, own_world.integration_id, None)
            assert (answer.status, answer.body["code"]) == (401, "credentials_missing"), operation.path
            assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_erp_key_calls_no_endpoint_of_the_users(own_world: World) -> None:
    for operation in operations_of_users():
        answer = ask(own_world, operation, own_world.integration_id, own_world.erp_key)
        assert (answer.status, answer.body["code"]) == (403, "erp_key_only_pushes"), operation.path


def shape(answer: Answer, *names: str) -> tuple[Any, ...]:
    """Take an answer without what tells one request from another, nor the name it asked for."""
    body = {name: value for name, value in answer.body.items() if name != "request_id"}
    for name in names:
        body = {key: re.sub(re.escape(name), "…", str(value)) for key, value in body.items()}
    headers = {key: value for key, value in answer.headers.items() if key != "X-Request-Id"}
    return answer.status, {key: str(value) for key, value in body.items()}, headers


def test_another_tenant_s_integration_is_as_absent_as_one_that_never_was(own_world: World) -> None:
    before = own_world.as_user("viewer", "GET", "").body
    token = own_world.token("operator", "tenant-b")
    below = [one for one in operations_of_users() if one.path.startswith(ONE)]
    assert len(below) > 10
    for operation in below:
        theirs = ask(own_world, operation, own_world.integration_id, token)
        absent = ask(own_world, operation, ABSENT, token)
        assert (theirs.status, theirs.body["code"]) == (404, "integration_not_found"), operation.path
        assert shape(theirs, own_world.integration_id) == shape(absent, ABSENT), operation.path
    assert own_world.as_user("viewer", "GET", "").body == before
    assert not own_world.queue.messages, "nothing was started"


@pytest.fixture
def foreign(own_world: World) -> dict[str, str]:
    """What this tenant has, by the name it has in paths."""
    return belongings(own_world)


def test_ids_of_another_tenant_lead_nowhere_under_one_s_own_integration(
    own_world: World, foreign: dict[str, str]
) -> None:
    their_id, _ = own_world.new_integration("tenant-b")
    token = own_world.token("operator", "tenant-b")
    # A table alone is nobody's own.
    deeper = [one for one in operations_of_users() if re.search(r"integration_id}/.*{(?!table})", one.path)]
    assert {name for one in deeper for name in re.findall(r"{(\w+)}", one.path)} >= foreign.keys()
    run_id = foreign["run_id"][:-6] + "zzzzzz"
    invented = {
        "run_id": run_id,
        "key_id": f"{ABSENT}-zzzzzz",
        "request_id": new_id("empresa", own_world.clock.now()),
        "export_id": "nobody's",
        "alert_id": "nobody's",
        "recipient_id": "nobody",
        "table": "empresa",
        "snapshot_id": "nobody's",
        "stored_as": "Yy05",
        "kind": "empresa",
        "codigo": "c-2",
        "upload_id": "nobody's",
        "report_id": "nobody's",
        "key": "c-2",
    }
    for operation in deeper:
        asked = ask(own_world, operation, their_id, token, **foreign)
        absent = ask(own_world, operation, their_id, token, **invented)
        assert asked.status == 404, (operation.method, operation.path, asked.body)
        assert shape(asked, *foreign.values()) == shape(absent, *invented.values())
    assert own_world.push("empresa", [EMPRESA]).status == 200, "the key still works"


def test_lists_hold_nothing_of_another_tenant(own_world: World, foreign: dict[str, str]) -> None:
    their_id, their_key = own_world.new_integration("tenant-b")
    token = own_world.token("operator", "tenant-b")
    listed = own_world.call("GET", f"{LIST}?limit=200", token=token).body["items"]
    assert {one["tenant_id"] for one in listed} == {"tenant-b"}
    for path in ("/runs", "/customers", "/requests", "/alerts", "/alert-recipients"):
        assert own_world.call("GET", f"{LIST}/{their_id}{path}", token=token).body["items"] == []
    [key] = own_world.call("GET", f"{LIST}/{their_id}/keys", token=token).body["items"]
    assert key["key_id"] != foreign["key_id"]
    counts = own_world.call("GET", f"{LIST}/{their_id}/tables", token=token).body["items"]
    assert sum(one["records"] for one in counts) == 0
    for code in ("c-1", "c-2"):
        seen = own_world.call("GET", f"/v1/erp/empresa/{code}", token=their_key)
        assert (seen.status, seen.body["code"]) == (404, "record_not_found")
