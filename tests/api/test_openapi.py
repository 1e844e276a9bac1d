"""The API's description: complete, consistent, and true of every answer."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chalicelib.api.edge import OPERATIONS
from chalicelib.domain.tables import TABLES
from tests.support.world import Answer, World

EMPRESA = {"codigo": "1", "razao_social": "Açaí Ltda", "uf": "PA"}
NOTA = {
    "numero": "1",
    "serie": "1",
    "empresa_codigo": "1",
    "emitida_em": "2026-11-01",
    "situacao": "autorizada",
    "valor_total": "10.50",
}


@pytest.fixture
def document(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.call("GET", "/v1/openapi.json").body
    return found


def parts(node: Any) -> Iterator[dict[str, Any]]:
    """Walk all objects of a document."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from parts(value)
    if isinstance(node, list):
        for value in node:
            yield from parts(value)


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for path in document["paths"].values() for one in path.values()]


def check(document: dict[str, Any], operation: str, answer: Answer) -> None:
    """Compare an answer with what the document says of it."""
    found = next(one for one in operations(document) if one["operationId"] == operation)
    described = found["responses"][str(answer.status)]["content"]
    kind = answer.headers["Content-Type"]
    schema = {**described[kind]["schema"], "components": document["components"]}
    errors = [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(schema).iter_errors(answer.body)
    ]
    assert errors == []


def test_it_describes_exactly_the_routes_there_are(world: World, document: dict[str, Any]) -> None:
    routes = [
        (path, method.lower(), route.view_name)
        for path, methods in world.client.http._app.routes.items()
        for method, route in methods.items()
    ]
    views = Counter(view for _, _, view in routes)
    # A view of several methods only says which one is meant.
    real = {(path, method) for path, method, view in routes if views[view] == 1}
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert described == real


def test_every_reference_leads_somewhere_and_every_schema_is_used(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    used = {part["$ref"].removeprefix("#/components/schemas/") for part in parts(document) if "$ref" in part}
    assert used <= schemas.keys()
    assert schemas.keys() - used == {f"record_{name}" for name in TABLES}
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


def test_operations_have_unique_ids_and_declare_their_path_parameters(document: dict[str, Any]) -> None:
    ids = [one["operationId"] for one in operations(document)]
    assert len(ids) == len(set(ids)) == len(OPERATIONS)
    for path, methods in document["paths"].items():
        for operation in methods.values():
            named = [one["name"] for one in operation["parameters"] if one["in"] == "path"]
            assert named == re.findall(r"{(\w+)}", path)


def test_every_operation_says_who_may_call_it_and_how_it_refuses(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    for operation in operations(document):
        assert {name for one in operation["security"] for name in one} <= schemes.keys()
        if operation["security"]:
            assert {"401", "403"} <= operation["responses"].keys()


@pytest.mark.parametrize("name", TABLES)
def test_a_record_is_described_with_the_contract_s_fields(document: dict[str, Any], name: str) -> None:
    schema, table = document["components"]["schemas"][f"record_{name}"], TABLES[name]
    kept, deleted = schema["oneOf"]
    assert {field.name for field in table.fields} < kept["properties"].keys()
    assert schema["x-key"] == list(table.key_fields)
    assert kept["required"] == [field.name for field in table.fields if field.required]
    assert deleted["required"] == [*table.key_fields, "excluido"]


def test_record_schemas_tell_good_records_from_bad_ones(document: dict[str, Any]) -> None:
    nota = Draft202012Validator(document["components"]["schemas"]["record_nota"])
    assert nota.is_valid(NOTA)
    assert nota.is_valid({"numero": "1", "serie": "1", "excluido": True})
    assert nota.is_valid({**NOTA, "anything_else": {"kept": 1}})
    assert not nota.is_valid({**NOTA, "situacao": "paga"})
    assert not nota.is_valid({name: value for name, value in NOTA.items() if name != "empresa_codigo"})
    assert not nota.is_valid({name: value for name, value in NOTA.items() if name != "valor_total"})


def test_what_erps_are_answered_is_as_described(world: World, document: dict[str, Any]) -> None:
    check(document, "post_erp_table", world.push("empresa", [EMPRESA, {**EMPRESA, "x": 1}, {"codigo": 2}, 3]))
    check(document, "post_erp_table", world.push("nada", []))
    check(document, "post_erp_table", world.call("POST", "/v1/erp/nota", b"{", token=world.erp_key))
    check(document, "post_erp_table", world.push("nota", [{}] * 1_001))
    kind = {"Content-Type": "text/html"}
    check(document, "post_erp_table", world.push("nota", [NOTA], headers=kind))
    check(document, "get_erp_table_key", world.call("GET", "/v1/erp/empresa/1", token=world.erp_key))
    check(document, "get_erp_table_key", world.call("GET", "/v1/erp/empresa/7", token=world.erp_key))


def test_what_people_are_answered_is_as_described(world: World, document: dict[str, Any]) -> None:
    world.push("empresa", [EMPRESA, {"codigo": 2}])
    world.push("nota", [NOTA])
    one = "integrations_integration_id"
    check(document, f"get_{one}_abc", world.as_user("viewer", "GET", "/abc"))
    started = world.as_user("admin", "POST", "/runs", {})
    check(document, f"post_{one}_runs", started)
    check(document, f"post_{one}_runs", world.as_user("admin", "POST", "/runs", {}))
    check(document, f"get_{one}", world.as_user("viewer", "GET", ""))
    world.work_off()
    run = f"/runs/{started.body['run_id']}"
    reads = {
        "": "",
        "_tables": "/tables",
        "_runs": "/runs",
        "_runs_run_id": run,
        "_runs_run_id_log": f"{run}/log",
        "_abc": "/abc",
        "_customers": "/customers",
        "_customers_kind_codigo": "/customers/empresa/1",
    }
    for name, path in reads.items():
        check(document, f"get_{one}{name}", world.as_user("viewer", "GET", path))
    assert world.as_user("viewer", "GET", "/abc").body["totals"]["revenue"] == "10.50"
    check(document, f"post_{one}_runs_run_id_cancel", world.as_user("admin", "POST", f"{run}/cancel"))
    check(document, f"get_{one}_customers", world.as_user("viewer", "GET", "/customers?limit=0"))
    check(document, f"get_{one}_runs_run_id", world.as_user("viewer", "GET", "/runs/none"))


def test_what_administrators_are_answered_is_as_described(world: World, document: dict[str, Any]) -> None:
    one = "integrations_integration_id"
    token = world.token("operator")
    check(document, "post_integrations", world.call("POST", "/v1/integrations", {"name": "B"}, token=token))
    check(document, "get_integrations", world.call("GET", "/v1/integrations", token=token))
    check(document, "get_integrations", world.call("GET", "/v1/integrations"))
    check(document, f"patch_{one}", world.as_user("admin", "PATCH", "", {"name": "C"}))
    check(document, f"patch_{one}", world.as_user("admin", "PATCH", "", {"name": 1, "schedule": {}}))
    check(document, f"patch_{one}", world.as_user("viewer", "PATCH", "", {"name": "D"}))
    stale = {"If-Match": '"1"'}
    check(document, f"patch_{one}", world.as_user("admin", "PATCH", "", {"name": "E"}, headers=stale))
    created = world.as_user("admin", "POST", "/keys", {"name": "ERP 2"})
    check(document, f"post_{one}_keys", created)
    check(document, f"get_{one}_keys", world.as_user("admin", "GET", "/keys"))
    check(
        document,
        f"delete_{one}_keys_key_id",
        world.as_user("admin", "DELETE", f"/keys/{created.body['key_id']}"),
    )
    check(document, "get_health", world.call("GET", "/v1/health"))
    check(document, "get_openapi_json", world.call("GET", "/v1/openapi.json"))


def test_what_the_settings_schema_takes_the_api_takes_and_shows_again(
    world: World, document: dict[str, Any]
) -> None:
    shown = world.as_user("viewer", "GET", "").body
    schema = document["components"]["schemas"]["IntegrationChanges"]
    settings = {name: shown[name] for name in schema["properties"]}
    Draft202012Validator({**schema, "components": document["components"]}).validate(settings)
    answer = world.as_user("admin", "PATCH", "", settings)
    assert answer.status == 200
    assert answer.body["version"] == shown["version"]
