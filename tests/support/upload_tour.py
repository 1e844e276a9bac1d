"""The part of the tour that uploads files: sent, told of twice, lost, imported, refused, and never sent."""

import json
import random
import string
from hashlib import sha256
from typing import Any

from tests.support.permissions import Calls
from tests.support.world import World


def upload_tour(world: World, calls: Calls) -> None:
    """Upload as the ERP and as a person; each slice has no time but for one step."""
    with calls.of("APIHandler"):
        world.integration_id, world.erp_key = world.new_integration(active=True)
    rng = random.Random(4)  # names that do not compress: a batch is too large for an item
    names = ["".join(rng.choices(string.ascii_letters, k=300)) for _ in range(1_200)]
    sellers = [{"codigo": str(number), "nome": name} for number, name in enumerate(names)]
    content = b"\n".join([*(json.dumps(one).encode() for one in sellers), b"{"])
    upload_id = _sent(world, calls, content)
    with calls.of("APIHandler"):
        world.clock.advance(minutes=20)  # as if its event were lost
        assert _stood(world, upload_id)["status"] == "waiting"
    event = {"Records": [{"s3": {"object": {"key": f"uploads/{world.integration_id}/{upload_id}"}}}]}
    lost = calls.messages.pop()
    with calls.of("NoteDeadLetter"):
        for message in (event, lost):
            _invoke(world, "note_dead_letter", message, "onboarding-dead-letters")
    with calls.of("AdvanceOnboarding"):
        _invoke(world, "advance_onboarding", event)
        _invoke(world, "advance_onboarding", lost)
        while calls.messages:
            _invoke(world, "advance_onboarding", calls.messages.pop())
    with calls.of("APIHandler"):
        done = _stood(world, upload_id)
        assert (done["status"], done["accepted"], done["rejected"]) == ("done", 1_200, 1)
        assert world.as_user("admin", "GET", f"/uploads/{upload_id}").body["rejected_file"]["url"]
        assert world.as_user("viewer", "GET", "/uploads").status == 200
        body = {"table": "vendedor", "format": "csv", "bytes": 5, "sha256": "0" * 64}
        assert world.as_user("admin", "POST", "/uploads", body).status == 201
        world.clock.advance(hours=3)  # so that it was never sent
        [newest, _] = world.as_user("viewer", "GET", "/uploads").body["items"]
        assert newest["error"]["code"] == "upload_not_sent"


def _sent(world: World, calls: Calls, content: bytes) -> str:
    facts = {"format": "ndjson", "bytes": len(content), "sha256": sha256(content).hexdigest()}
    with calls.of("APIHandler"):
        asked = world.call("POST", "/v1/erp/vendedor/uploads", facts, token=world.erp_key)
        assert asked.status == 201, asked.body
        upload_id = str(asked.body["upload_id"])
    calls.keep(f"uploads/{world.integration_id}/{upload_id}", content)
    return upload_id


def _stood(world: World, upload_id: str) -> dict[str, Any]:
    found: dict[str, Any] = world.call("GET", f"/v1/erp/uploads/{upload_id}", token=world.erp_key).body
    return found


def _invoke(world: World, function: str, message: dict[str, Any], source: str = "queue") -> None:
    event = {"Records": [{"messageId": "m", "body": json.dumps(message), "eventSourceARN": source}]}
    assert world.client.lambda_.invoke(function, event).payload == {"batchItemFailures": []}
