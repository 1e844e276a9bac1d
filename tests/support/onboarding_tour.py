"""A tour of the onboarding: snapshots, refused records, replays; each function does all that it can do."""

import json

from tests.support.permissions import Calls
from tests.support.snapshots import into, one, opened, sellers
from tests.support.world import World


def onboarding_tour(world: World, calls: Calls) -> None:
    """Send snapshots, agree to them, correct, dismiss, replay."""
    with calls.of("APIHandler"):
        world.integration_id, world.erp_key = world.new_integration()
        _correct(world)
        world.push("vendedor", sellers(*range(10)))
        given_up = opened(world)
        opened(world, replace=True)
        assert one(world, "GET", given_up).body["status"] == "abandoned"
        snapshot = opened(world, replace=True)
        into(world, snapshot, sellers(1))
        assert one(world, "POST", snapshot, "/commit").status == 202
        lost = calls.messages.pop()
        world.clock.advance(hours=1)
        assert one(world, "GET", snapshot).body["status"] == "committing"
        assert calls.messages == [lost]
    _work_off(world, calls)
    with calls.of("APIHandler"):
        assert world.as_user("viewer", "GET", "/snapshots").body["items"][0]["status"] == "held"
        forced = world.as_user("admin", "POST", f"/snapshots/vendedor/{snapshot}/commit", {"force": True})
        assert forced.status == 202
    _work_off(world, calls)
    with calls.of("APIHandler"):
        assert one(world, "GET", snapshot).body["deleted"] == 10
        assert one(world, "DELETE", opened(world)).status == 200


def _correct(world: World) -> None:
    sent = world.push("vendedor", [{"codigo": "7"}, {"nome": "Ninguém"}]).body
    first, second = world.as_user("admin", "GET", "/rejected").body["items"]
    correction = {"records": [{"codigo": "7", "nome": "Sete"}], "corrects": second["stored_as"]}
    assert world.as_user("admin", "POST", "/records/vendedor", correction).status == 200
    for rest in world.as_user("admin", "GET", "/rejected").body["items"]:
        path = f"/rejected/vendedor/{rest['stored_as']}"
        assert world.as_user("admin", "DELETE", path).status == 200
    path = f"/requests/{sent['request_id']}/replay"
    assert world.as_user("admin", "POST", path).body["replay_of"] == sent["request_id"]
    assert first["stored_as"] != second["stored_as"]


def _work_off(world: World, calls: Calls) -> None:
    with calls.of("AdvanceOnboarding"):
        for _ in range(200):
            if not calls.messages:
                return
            body = json.dumps(calls.messages.pop())
            event = {"Records": [{"messageId": "m", "body": body, "eventSourceARN": "queue"}]}
            for _ in range(2):  # the second time it is old
                answer = world.client.lambda_.invoke("advance_onboarding", event).payload
                assert answer == {"batchItemFailures": []}
    raise AssertionError("the work has not ended")
