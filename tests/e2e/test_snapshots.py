"""Full snapshots on the deployed stack: real gateway, queue and bucket, and workers killed in the middle."""

import random
import time
from typing import Any

import pytest

from chalicelib import onboarding_wiring, wiring
from chalicelib.settings import settings
from chalicelib.storage import bulk, keys
from infra.local.client import Api, ApiError
from tests.support.digest import counters, recounted
from tests.support.stack import Stack, until

RECORDS, GONE, KILLS = 6_000, 1_000, 3
INVOICES = [
    {"numero": f"{number:05}", "parcela": "1", "empresa_codigo": "1", "vence_em": "2026-08-01",
     "valor": "10.00", "saldo": "10.00"}
    for number in range(RECORDS)
]  # fmt: skip


def delivered(erp: Api, records: list[Any], **more: Any) -> None:
    for at in range(0, len(records), 1_000):
        answer = erp.post("/v1/erp/fatura", {"records": records[at : at + 1_000], **more})
        assert answer["rejected"] == 0


def ended(erp: Api, path: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = erp.get(path)
        return found if found["status"] != "committing" else None

    return until(look, 240, "the snapshot is still being committed")


def test_a_worker_killed_three_times_deletes_each_missing_record_once(stack: Stack) -> None:
    integration_id, key = stack.new_integration("snapshots")
    erp = Api(stack.outputs["ApiUrl"], key)
    delivered(erp, INVOICES)
    snapshot_id = erp.post("/v1/erp/fatura/snapshots", {})["snapshot_id"]
    delivered(erp, INVOICES[GONE:], snapshot_id=snapshot_id)
    one = f"/v1/erp/fatura/snapshots/{snapshot_id}"
    assert erp.get(one)["records"] == RECORDS - GONE

    assert erp.post(f"{one}/commit", {})["status"] == "committing"
    killed = kill_while_at_work(stack, integration_id, snapshot_id)
    found = ended(erp, one)

    assert killed > 0
    assert (found["status"], found["stored"], found["missing"]) == ("committed", RECORDS, GONE)
    assert (found["deleted"], found["kept_newer"]) == (GONE, 0)
    with stack.inside():
        left = [one.key for one in wiring.records().all_of(integration_id, "fatura") if one.live]
        assert sorted(left) == [f"{invoice['numero']}|1" for invoice in INVOICES[GONE:]]
        assert counters(integration_id, "fatura") == recounted(integration_id, "fatura")
    kept = stack.client("s3").list_objects_v2(Bucket=stack.outputs["BucketName"], Prefix="snapshots/")
    assert [one["Key"] for one in kept.get("Contents", []) if snapshot_id in one["Key"]] == []
    mine = f"/v1/integrations/{integration_id}"
    logged = [one for one in stack.api().items(f"{mine}/requests") if one["type"] == "snapshot"]
    assert sum(one["counts"]["deleted"] for one in logged) == GONE


def kill_while_at_work(stack: Stack, integration_id: str, snapshot_id: str) -> int:
    """Kill the worker at random moments, each time while it works on the snapshot."""
    chance, killed = random.Random(3), 0

    def work() -> str | None:
        place = (keys.snapshots(integration_id), keys.snapshot(snapshot_id))
        [item] = bulk.get_many(settings().onboarding_table, [place])
        return str(item["owner"]["S"]) if "owner" in item else None

    deadline = time.monotonic() + 60
    with stack.inside():
        while killed < KILLS and time.monotonic() < deadline:
            found = onboarding_wiring.snapshots().find(integration_id, snapshot_id)
            assert found is not None
            if found.state != "committing":
                break
            if work() is not None:
                time.sleep(chance.uniform(0, 0.4))
                killed += work() is not None and stack.kill("AdvanceOnboardingName") > 0
            time.sleep(0.02)
    return killed


def test_a_refused_record_is_listed_by_the_index_corrected_and_its_request_replayed(stack: Stack) -> None:
    integration_id, key = stack.new_integration("refused")
    erp, mine = Api(stack.outputs["ApiUrl"], key), f"/v1/integrations/{integration_id}"
    sent = erp.post("/v1/erp/vendedor", {"records": [{"codigo": "1"}, {"nome": "Ninguém"}]})
    listed = until(
        lambda: found if len(found := list(stack.api().items(f"{mine}/rejected"))) == 2 else None,
        10,
        "the index has not followed",
    )
    named = {one["key"]: one["stored_as"] for one in listed}
    correction = {"records": [{"codigo": "2", "nome": "Rui"}], "corrects": named[None]}
    assert stack.api().post(f"{mine}/records/vendedor", correction)["created"] == 1
    dismissed = stack.api().call("DELETE", f"{mine}/rejected/vendedor/{named['1']}")
    assert dismissed["record"] == {"codigo": "1"}
    replayed = stack.api().post(f"{mine}/requests/{sent['request_id']}/replay", None)
    assert (replayed["replay_of"], replayed["rejected"]) == (sent["request_id"], 2)


def test_the_gateway_knows_every_address_of_a_snapshot(stack: Stack) -> None:
    _, key = stack.new_integration("addresses")
    erp = Api(stack.outputs["ApiUrl"], key)
    snapshot_id = erp.post("/v1/erp/nota/snapshots", None)["snapshot_id"]
    one = f"/v1/erp/nota/snapshots/{snapshot_id}"
    assert erp.call("DELETE", one)["status"] == "abandoned"
    for method, path in (("GET", "/v1/erp/nota/snapshots"), ("PUT", one), ("GET", f"{one}/commit")):
        with pytest.raises(ApiError) as refused:
            erp.call(method, path)
        assert (refused.value.status, refused.value.problem["code"]) == (405, "use_snapshots")
