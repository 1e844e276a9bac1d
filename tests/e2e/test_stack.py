"""The deployed stack: what only real queues, rules, gateways and workers can show."""

import gzip
import json
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import urllib3

from chalicelib import wiring
from infra.local.client import ApiError
from tests.support.stack import TENANT, Stack, until

VENDEDORES = [{"codigo": str(number), "nome": f"Vendedor {number}"} for number in range(20)]


def post(stack: Stack, key: str, table: str, body: bytes, **headers: str) -> Any:
    return urllib3.request(
        "POST",
        f"{stack.outputs['ApiUrl']}/v1/erp/{table}",
        body=body,
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json", **headers},
        timeout=60,
        retries=False,
    )


def test_the_same_scheduled_event_delivered_three_times_makes_one_run(stack: Stack) -> None:
    integration_id, _ = stack.new_integration(
        "events", schedule={"time": "02:00", "timezone": "America/Sao_Paulo"}
    )
    event = {"tenant_id": TENANT, "integration_id": integration_id, "scheduled_time": "2026-11-24T05:00:00Z"}

    def deliver(_: int) -> Any:
        answer = stack.client("lambda").invoke(
            FunctionName=stack.outputs["StartRunName"], Payload=json.dumps(event)
        )
        assert "FunctionError" not in answer
        return json.load(answer["Payload"])["run_id"]

    with ThreadPoolExecutor(3) as threads:
        begun = list(threads.map(deliver, range(3)))
    assert sorted(run_id or "" for run_id in begun) == ["", "", "20261124T050000Z-s"]
    assert stack.ended(integration_id, "20261124T050000Z-s")["status"] == "success"
    assert deliver(4) is None
    runs = list(stack.api().items(f"/v1/integrations/{integration_id}/runs"))
    assert [run["run_id"] for run in runs] == ["20261124T050000Z-s"]


def test_two_simultaneous_starts_make_one_run(stack: Stack) -> None:
    integration_id, _ = stack.new_integration("simultaneous")

    def start(_: int) -> str:
        try:
            return "run" if stack.start_run(integration_id) else ""
        except ApiError as error:
            return f"{error.status} {error.problem['code']}"

    mapping = paused(stack)  # so that the first run cannot end before the second start arrives
    try:
        with ThreadPoolExecutor(2) as threads:
            assert sorted(threads.map(start, range(2))) == ["409 run_in_progress", "run"]
    finally:
        resumed(stack, mapping)


def test_a_run_whose_message_is_lost_is_driven_on_within_minutes(stack: Stack) -> None:
    integration_id, _ = stack.new_integration("lost")
    mapping = paused(stack)
    run_id = stack.start_run(integration_id)
    stack.client("sqs").purge_queue(QueueUrl=stack.outputs["RunsQueueUrl"])
    resumed(stack, mapping)
    assert stack.ended(integration_id, run_id, 180)["status"] == "success"


def paused(stack: Stack) -> str:
    """Let no message reach the workers; answers what to resume."""
    queue = stack.client("sqs").get_queue_attributes(
        QueueUrl=stack.outputs["RunsQueueUrl"], AttributeNames=["QueueArn"]
    )
    found = stack.client("lambda").list_event_source_mappings(EventSourceArn=queue["Attributes"]["QueueArn"])
    mapping: str = found["EventSourceMappings"][0]["UUID"]
    stack.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)
    return mapping


def resumed(stack: Stack, mapping: str) -> None:
    stack.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)


def test_a_slice_among_the_dead_letters_ends_its_run_with_a_reason(stack: Stack) -> None:
    integration_id, _ = stack.new_integration("dead")
    mapping = paused(stack)
    try:
        run_id = stack.start_run(integration_id)
        sqs = stack.client("sqs")
        sqs.purge_queue(QueueUrl=stack.outputs["RunsQueueUrl"])
        message = {"tenant_id": TENANT, "integration_id": integration_id, "run_id": run_id, "hop": 0}
        for body in ("no message of ours", json.dumps(message)):
            sqs.send_message(QueueUrl=stack.outputs["RunsDeadLettersUrl"], MessageBody=body)
        run = stack.ended(integration_id, run_id)
    finally:
        resumed(stack, mapping)
    assert run["status"] == "error"
    assert "start the sync again" in run["error"]["message"]
    until(lambda: dead_letters(stack) == 0 or None, 30, "dead letters are left")


def dead_letters(stack: Stack) -> int:
    found = stack.client("sqs").get_queue_attributes(
        QueueUrl=stack.outputs["RunsDeadLettersUrl"], AttributeNames=["All"]
    )["Attributes"]
    return sum(int(value) for name, value in found.items() if name.startswith("ApproximateNumber"))


def test_large_bodies_pass_the_gateway_and_lie_in_the_bucket_unchanged(stack: Stack) -> None:
    integration_id, key = stack.new_integration("large")
    noise = random.Random(1)
    records = [{"codigo": str(number), "nome": noise.randbytes(1_900).hex()} for number in range(100)]
    body = json.dumps({"records": records}).encode()
    answer = post(stack, key, "vendedor", body)
    assert answer.status == 200
    request_id = answer.json()["request_id"]
    with stack.inside():
        log = wiring.request_log()
        logged = log.find(integration_id, request_id)
        assert logged is not None
        assert next(log.bodies([logged])) == [body, answer.data]
    kept = stack.client("s3").list_objects_v2(Bucket=stack.outputs["BucketName"], Prefix="requests/")
    assert [one["Key"] for one in kept["Contents"] if request_id in one["Key"]]


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-ndjson", "application/json; charset=utf-8"]
)
def test_every_form_of_a_delivery_passes_the_gateway(stack: Stack, kind: str, compressed: bool) -> None:
    _, key = stack.new_integration("forms")
    records = [{"codigo": "1", "nome": "Conceição"}, {"codigo": "2", "nome": "João"}]
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in records)
    text = lines if "ndjson" in kind else json.dumps({"records": records}, ensure_ascii=False)
    body = gzip.compress(text.encode()) if compressed else text.encode()
    headers = {"Content-Type": kind, **({"Content-Encoding": "gzip"} if compressed else {})}
    answer = post(stack, key, "vendedor", body, **headers)
    assert answer.status == 200
    assert answer.json()["created"] == 2
    read = urllib3.request(
        "GET",
        f"{stack.outputs['ApiUrl']}/v1/erp/vendedor/1",
        headers={"Authorization": f"Bearer {key}"},
    )
    assert read.json()["record"]["nome"] == "Conceição"


def test_a_bomb_of_zeros_is_refused_without_harm(stack: Stack) -> None:
    _, key = stack.new_integration("bomb")
    bomb = gzip.compress(bytes(300 * 1024 * 1024), compresslevel=9)
    answer = post(stack, key, "vendedor", bomb, **{"Content-Encoding": "gzip"})
    assert answer.status == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert post(stack, key, "vendedor", json.dumps({"records": VENDEDORES}).encode()).status == 200
