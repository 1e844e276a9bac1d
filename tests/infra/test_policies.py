"""Each function may do exactly what it does: its recorded calls against its role's policy."""

import json
import os
import random
import re
import string
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities import parameters

from chalicelib import wiring
from chalicelib.adapters import queue, secrets
from chalicelib.storage import bodies, bulk, connection, keys
from tests.support import template
from tests.support.permissions import Calls, Permission, granted, listed, needed_by_triggers, place
from tests.support.tables import create_tables, drop_tables
from tests.support.world import JWT_SECRET, ROOT, World, build_world, forget_wiring

# As the product has them, before any test put its fakes in their place.
REAL = [
    (module, name, getattr(module, name))
    for module, name in ((queue, "Queue"), (wiring, "scheduler"), (secrets, "secret"), (bodies, "Bodies"))
]

# What no tour sees, and why it is needed all the same.
UNSEEN: dict[str, dict[Permission, str]] = {
    "APIHandler": {
        (
            "dynamodb:GetItem",
            "IdempotencyTable",
        ): "Powertools reads the key when a failed put brought nothing",
    }
}


@pytest.fixture(scope="module")
def calls(dynamodb_local: str) -> Iterator[Calls]:
    """Let every function do all it can, with the real adapters, and record its calls."""
    client = boto3.client(
        "dynamodb",
        endpoint_url=dynamodb_local,
        region_name="sa-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    tables = create_tables(client)
    with pytest.MonkeyPatch.context() as patch:
        with contextmanager(build_world)(patch, dynamodb_local, tables, SLICE_SECONDS="0") as world:
            found = Calls(_names(), lambda name: JWT_SECRET if name == "jwt" else f"secret {name}")
            for module, name, real in REAL:
                patch.setattr(module, name, real)
            found.install(patch)
            parameters.clear_caches()  # type: ignore[no-untyped-call]
            forget_wiring()
            _tour(world, found)
            yield found
        parameters.clear_caches()  # type: ignore[no-untyped-call]
    drop_tables(client, tables)


def _names() -> dict[str, str]:
    """Name the resources as the app does: the variables' values in this process → logical ids."""
    resources = template.packaged()["Resources"]
    return {
        os.environ[variable]: place(value)
        for variable, value in template.environment("APIHandler").items()
        if isinstance(value, dict) and "Fn::Sub" not in value and place(value) in resources
        if variable in os.environ
    }


def _tour(world: World, calls: Calls) -> None:
    with calls.of("APIHandler"):
        world.integration_id, world.erp_key = world.new_integration(active=True, scheduled=True)
        _deliver(world)
    _spoil_a_record(world)
    with calls.of("StartRun"):
        event = {"tenant_id": world.tenant_id, "integration_id": world.integration_id}
        started = world.client.lambda_.invoke("start_run", event).payload
    _work_off(world, calls)
    with calls.of("APIHandler"):
        _read(world, started["run_id"])
        world.push("vendedor", [{"codigo": "1", "excluido": True}])
        world.push("empresa", [{"codigo": "E1", "razao_social": "Uma", "vendedor_codigo": "2"}])
        world.start_run()
    world.clock.advance(days=40)  # so that metrics change by the passing of time alone
    _work_off(world, calls)
    with calls.of("APIHandler"):
        cancelled = world.start_run()
        assert world.as_user("admin", "POST", f"/runs/{cancelled}/cancel").status == 202
    _work_off(world, calls)
    with calls.of("APIHandler"):
        world.start_run()
    with calls.of("FailRun"):
        _invoke(world, "fail_run", calls.messages.pop())
    with calls.of("APIHandler"):
        world.start_run()
    with calls.of("WatchRuns"):
        looks = []
        for _ in range(4):
            world.clock.advance(hours=1)
            looks.append(world.client.lambda_.invoke("watch_runs", {}).payload)
        assert looks[-1] == {"redriven": 0, "failed": 1}


def _deliver(world: World) -> None:
    assert (
        world.push("vendedor", [{"codigo": "1", "nome": "Ana"}, {"codigo": "2", "nome": "Bia"}]).status == 200
    )
    assert world.push("vendedor", [{"codigo": "1", "nome": "Ana Lima"}]).body["updated"] == 1
    assert world.push("empresa", [{"codigo": "E1", "razao_social": "Uma"}]).status == 200
    nota = {
        "numero": "1",
        "serie": "1",
        "empresa_codigo": "E1",
        "emitida_em": world.clock.now().date().isoformat(),
        "situacao": "autorizada",
        "valor_total": "10.00",
        "pedido_numero": "never arrived",
    }
    assert world.push("nota", [nota]).status == 200
    # Bodies that are too large for an item, and the answer of a repeated delivery.
    rng = random.Random(1)
    large = [{"codigo": "".join(rng.choices(string.ascii_letters, k=200))} for _ in range(1_000)]
    for _ in range(2):
        assert world.push("vendedor", large, headers={"Idempotency-Key": "a"}).body["rejected"] == 1_000
    broken = world.call("POST", "/v1/erp/nota", b"{", token=world.erp_key, headers={"Idempotency-Key": "b"})
    assert broken.status == 400
    assert world.push("nota", [nota], headers={"Idempotency-Key": "a"}).status in (200, 409)
    assert world.call("POST", "/v1/erp/nota", {}, token="erp_unknown").status == 401


def _spoil_a_record(world: World) -> None:
    """Make a stored record one that a later check refuses: the run puts it into quarantine."""
    connection.client().update_item(
        TableName=os.environ["RECORDS_TABLE"],
        Key=bulk.key(keys.record(world.integration_id, "vendedor", "2"), "2"),
        UpdateExpression="SET doc = :doc",
        ExpressionAttributeValues={":doc": {"S": '["", "", "", null]\n{}'}},
    )


def _work_off(world: World, calls: Calls) -> None:
    with calls.of("AdvanceRun"):
        for _ in range(200):
            if not calls.messages:
                return
            _invoke(world, "advance_run", calls.messages.pop())
    raise AssertionError("the run has not ended")


def _invoke(world: World, function: str, message: dict[str, Any]) -> None:
    event = {"Records": [{"messageId": "m", "body": json.dumps(message)}]}
    assert world.client.lambda_.invoke(function, event).payload == {"batchItemFailures": []}


def _read(world: World, run_id: str) -> None:
    mine = f"/v1/integrations/{world.integration_id}"
    for path in (
        "/v1/health",
        "/v1/openapi.json",
        "/v1/integrations",
        *(mine + one for one in ("", "/tables", "/runs", f"/runs/{run_id}", f"/runs/{run_id}/log", "/keys")),
        *(mine + one for one in ("/abc", "/customers", "/customers/empresa/E1")),
    ):
        assert world.call("GET", path, token=world.token("admin")).status == 200, path
    assert world.call("GET", "/v1/erp/nota/1%7C1", token=world.erp_key).status == 200
    assert world.as_user("admin", "PATCH", "", {"name": "Outro nome"}).status == 200
    key = world.as_user("admin", "GET", "/keys").body["items"][0]["key_id"]
    assert world.as_user("admin", "DELETE", f"/keys/{key}").status in (200, 204)
    made = world.as_user("admin", "POST", "/keys", {"name": "ERP"}).body
    world.erp_key = made["key"]


@pytest.mark.parametrize("function", sorted(template.functions()))
def test_a_function_is_allowed_every_call_it_makes(function: str, calls: Calls) -> None:
    assert function in calls.permissions, "the tour never let it work"
    needed = calls.permissions[function] | needed_by_triggers(function)
    assert sorted(needed - granted(function)) == []


@pytest.mark.parametrize("function", sorted(template.functions()))
def test_a_function_is_allowed_nothing_that_it_never_does(function: str, calls: Calls) -> None:
    needed = calls.permissions[function] | needed_by_triggers(function) | UNSEEN.get(function, {}).keys()
    assert sorted(granted(function) - needed) == []


def test_every_aws_call_in_the_code_was_made_on_the_tour(calls: Calls) -> None:
    written = {
        "".join(part.title() for part in found[1].split("_"))
        for path in (ROOT / "chalicelib").rglob("*.py")
        for found in re.finditer(r"(?:_client|client\(\))\.([a-z]+(?:_[a-z]+)+)\(", path.read_text("utf-8"))
    }
    signing = {"GeneratePresignedUrl"}  # makes no call
    assert "PutObject" in written
    assert sorted(written - signing - calls.operations) == []


@pytest.mark.parametrize("role", sorted(template.of_type("AWS::IAM::Role")))
def test_a_role_allows_named_actions_on_our_own_resources_only(role: str) -> None:
    ours = template.packaged()["Resources"]
    for statement in template.statements(role):
        assert statement["Effect"] == "Allow"
        actions = set(listed(statement["Action"]))
        assert not any("*" in action for action in actions)
        assert not {"NotAction", "NotResource"} & statement.keys()
        if actions == {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}:
            continue  # X-Ray knows no resources
        for resource in listed(statement["Resource"]):
            if actions == {"lambda:InvokeFunction"}:
                assert resource["Fn::Sub"].endswith(":function:${AWS::StackName}-start_run")
            else:
                assert place(resource).partition("/")[0] in ours


def test_only_the_api_lends_a_role_and_only_the_schedules_role_to_the_scheduler() -> None:
    lending = [
        (role, statement)
        for role in template.of_type("AWS::IAM::Role")
        for statement in template.statements(role)
        if "iam:PassRole" in listed(statement["Action"])
    ]
    [(role, statement)] = lending
    assert role == template.role_of("APIHandler")
    assert listed(statement["Action"]) == ["iam:PassRole"]
    assert statement["Resource"] == {"Fn::GetAtt": ["ScheduleRole", "Arn"]}
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}


@pytest.mark.parametrize("function", ["StartRun", "FailRun", "WatchRuns"])
def test_functions_that_only_move_runs_write_neither_records_nor_the_crm(function: str) -> None:
    kept = {"RecordsTable", "CrmTable", "RequestsTable", "IntegrationsTable", "Bucket"}
    writes = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "PutObject", "DeleteObject"}
    found = {one for one in granted(function) if one[0].partition(":")[2] in writes}
    assert {where for _, where in found if where.partition("/")[0] in kept} == set()


def test_every_policy_file_belongs_to_a_function() -> None:
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    used = {name: one["iam_policy_file"] for name, one in config["stages"]["app"]["lambda_functions"].items()}
    assert used.keys() == {template.job_name(function) for function in template.functions()}
    assert sorted(used.values()) == sorted(
        f"policies/{path.name}" for path in Path(ROOT / ".chalice" / "policies").iterdir()
    )
