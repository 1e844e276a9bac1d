"""Bulk uploads on the deployed stack: real links, the bucket's own events, and workers that are killed."""

import gzip
import json
import random
import time
import urllib.error
import urllib.request
from hashlib import sha256
from typing import Any

import pytest
import urllib3

from chalicelib import upload_wiring, wiring
from chalicelib.settings import settings
from chalicelib.storage import bulk, keys
from infra.local.client import Api
from tests.support.stack import Stack, until

LINES = 20_000
KILLS = 5


def lines(count: int) -> list[bytes]:
    """Lines of sellers, of which every hundredth cannot be taken."""
    sellers = ({"codigo": f"{number:06}", "nome": f"Vendedor {number}"} for number in range(count))
    return [b"{" if number % 100 == 7 else json.dumps(one).encode() for number, one in enumerate(sellers)]


def send(upload: dict[str, Any], content: bytes) -> int:
    """Send a file to its link, with nothing but Python; answers the status."""
    link = upload["upload"]
    request = urllib.request.Request(link["url"], content, link["headers"], method=link["method"])
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def ask(erp: Api, content: bytes) -> dict[str, Any]:
    facts = {"format": "ndjson", "bytes": len(content), "sha256": sha256(content).hexdigest()}
    asked: dict[str, Any] = erp.post("/v1/erp/vendedor/uploads", facts)
    return asked


def ended(erp: Api, upload: dict[str, Any], seconds: float) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = erp.get(f"/v1/erp/uploads/{upload['upload_id']}")
        return found if found["status"] in {"done", "failed"} else None

    return until(look, seconds, "the upload has not ended")


def check(stack: Stack, integration_id: str, done: dict[str, Any], count: int) -> None:
    """Every line is accounted for: taken, or in the file of rejected lines."""
    refused = [number + 1 for number in range(count) if number % 100 == 7]
    assert (done["status"], done["error"], done["lines"]) == ("done", None, count)
    assert (done["accepted"], done["rejected"]) == (count - len(refused), len(refused))
    answer = urllib3.request("GET", done["rejected_file"]["url"])
    assert [json.loads(line)["linha"] for line in answer.data.splitlines()] == refused
    with stack.inside():
        assert wiring.records().counters(integration_id)["vendedor"].records == count - len(refused)
        found = list(wiring.records().all_of(integration_id, "vendedor"))
        assert len({one.key for one in found if one.live}) == count - len(refused)


def test_a_gzip_sent_to_its_link_is_imported_by_itself(stack: Stack) -> None:
    integration_id, key = stack.new_integration("uploads")
    erp = Api(stack.outputs["ApiUrl"], key)
    content = gzip.compress(b"\n".join(lines(5_000)))
    upload = ask(erp, content)
    assert send(upload, content[:-1]) >= 400, "another size"
    assert send(upload, content[:-1] + b"x") >= 400, "other bytes"
    assert send({"upload": {**upload["upload"], "headers": {}}}, content) >= 400, "no checksum"
    assert erp.get(f"/v1/erp/uploads/{upload['upload_id']}")["status"] == "waiting"

    assert send(upload, content) == 200
    check(stack, integration_id, ended(erp, upload, 120), 5_000)
    left = stack.client("s3").list_objects_v2(Bucket=stack.outputs["BucketName"])
    mine = [one["Key"] for one in left.get("Contents", []) if upload["upload_id"] in one["Key"]]
    assert [name.partition("/")[0] for name in mine] == ["rejected"]


@pytest.mark.parametrize("seed", [5])
def test_a_worker_killed_five_times_leaves_every_line_accounted_for(stack: Stack, seed: int) -> None:
    integration_id, key = stack.new_integration("killed uploads")
    erp = Api(stack.outputs["ApiUrl"], key)
    content = b"\n".join(lines(LINES))
    upload = ask(erp, content)
    assert send(upload, content) == 200
    kill_while_at_work(stack, integration_id, upload["upload_id"], random.Random(seed))
    check(stack, integration_id, ended(erp, upload, 240), LINES)


def kill_while_at_work(stack: Stack, integration_id: str, upload_id: str, chance: random.Random) -> None:
    """Kill the worker at random moments, each time while it works on the upload."""
    killed = 0
    with stack.inside():
        while killed < KILLS:
            until(lambda: at_work(integration_id, upload_id), 60, f"no slice after {killed} kills")
            time.sleep(chance.uniform(0, 0.5))
            at_it = at_work(integration_id, upload_id) is not None
            killed += at_it and stack.kill("AdvanceOnboardingName") > 0
            found = upload_wiring.uploads().find(integration_id, upload_id)
            assert found is not None
            assert found.open, f"ended after {killed} kills"


def at_work(integration_id: str, upload_id: str) -> str | None:
    """Tell who works on the upload; None while nobody does."""
    place = (keys.uploads(integration_id), keys.upload(upload_id))
    [item] = bulk.get_many(settings().onboarding_table, [place])
    return str(item["owner"]["S"]) if "owner" in item else None
