"""Each function may do exactly what it does: its recorded calls against its role's policy."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest
from aws_lambda_powertools.utilities import parameters

from chalicelib import wiring
from chalicelib.adapters import functions, queue, secrets, topics
from chalicelib.storage import bodies, files
from tests.support import template
from tests.support.onboarding_tour import onboarding_tour
from tests.support.permissions import Calls, Permission, granted, listed, needed_by_triggers, place
from tests.support.proof_tour import proof_tour
from tests.support.tables import create_tables, drop_tables
from tests.support.tour import tour
from tests.support.upload_tour import upload_tour
from tests.support.view_tour import view_tour
from tests.support.world import JWT_SECRET, ROOT, build_world, forget_wiring

# As the product has them, before any test put its fakes in their place.
REAL = [
    (module, name, getattr(module, name))
    for module, name in (
        (queue, "Queue"),
        (wiring, "scheduler"),
        (secrets, "secret"),
        (secrets, "present_secret"),
        (secrets, "store_secret"),
        (functions, "Function"),
        (bodies, "Bodies"),
        (files, "Files"),
        (topics, "Topics"),
    )
]

TOPICS = "-alerts-*"
"""The integrations' topics, by what their names have in common behind the stack's."""
CONNECTIONS = "/views/*"
"""The secrets that hold connections to ERPs' databases, likewise."""

# What no tour sees, and why it is needed all the same.
UNSEEN: dict[str, dict[Permission, str]] = {
    "APIHandler": {
        (
            "dynamodb:GetItem",
            "IdempotencyTable",
        ): "Powertools reads the key when a failed put brought nothing",
        ("s3:GetObject", "Bucket/downloads/*"): "links to these files are signed with the function's rights",
        ("s3:PutObject", "Bucket/uploads/*"): "links that take files are signed with the function's rights",
    }
}


@pytest.fixture(scope="module")
def calls(dynamodb_local: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calls]:
    """Let every function do all it can, with the real adapters, and record its calls."""
    client = boto3.client(
        "dynamodb",
        endpoint_url=dynamodb_local,
        region_name="sa-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    tables = create_tables(client)
    folder = tmp_path_factory.mktemp("views")
    own = {"SLICE_SECONDS": "0", "ALERTS_MAILBOX_ARN": "mailbox", "VIEW_SQLITE_FOLDER": str(folder)}
    with pytest.MonkeyPatch.context() as patch:
        with contextmanager(build_world)(patch, dynamodb_local, tables, **own) as world:
            found = Calls(_names(), lambda name: JWT_SECRET if name == "jwt" else f"secret {name}")
            for module, name, real in REAL:
                patch.setattr(module, name, real)
            found.install(patch)
            parameters.clear_caches()  # type: ignore[no-untyped-call]
            forget_wiring()
            view_tour(world, found, folder)
            proof_tour(world, found, folder)
            onboarding_tour(world, found)
            upload_tour(world, found)
            tour(world, found)
            yield found
        parameters.clear_caches()  # type: ignore[no-untyped-call]
    drop_tables(client, tables)


def _names() -> dict[str, str]:
    """Name the resources as the app does: the variables' values in this process → logical ids."""
    resources = template.packaged()["Resources"]
    return {
        os.environ[variable]: place(value)
        for variable, value in template.environment("APIHandler").items()
        if isinstance(value, dict) and not {"Fn::Sub", "Fn::If"} & value.keys() and place(value) in resources
        if variable in os.environ
    }


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
    signing = {"GeneratePresignedUrl", "GetPaginator"}  # make no call
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
        if actions == {"sns:GetSubscriptionAttributes", "sns:Unsubscribe"}:
            continue  # IAM knows no subscriptions
        for resource in listed(statement["Resource"]):
            if actions == {"lambda:InvokeFunction"}:
                called = resource["Fn::Sub"].partition(":function:${AWS::StackName}-")[2]
                assert called == ("check_views" if role == template.role_of("APIHandler") else "start_run")
            else:
                assert place(resource) in (TOPICS, CONNECTIONS) or place(resource).partition("/")[0] in ours


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
    kept = {"RecordsTable", "CrmTable", "RequestsTable", "Bucket"}
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
