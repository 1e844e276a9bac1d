"""The requests that a trace finds: all that named the key, however they ended, within the retention."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.request_log import RequestEntry, new_id
from chalicelib.domain.values import instant_text
from chalicelib.services import trace_requests
from tests.support.calls import counted
from tests.support.faults import living
from tests.support.traces import ask, night, outcomes, send, traced, whats
from tests.support.world import World

OTHERS = [{"codigo": f"x{number}", "nome": "Outro"} for number in range(300)]


def ana(name: str = "Ana", **fields: Any) -> dict[str, Any]:
    return {"codigo": "1", "nome": name, **fields}


def _fill_the_log(world: World) -> None:
    """Complete large requests, as slices of an upload do: more than 1 MB of marks."""
    for part in range(6):
        world.clock.advance(seconds=1)
        now = world.clock.now()
        entry = RequestEntry(
            new_id("vendedor", now), world.integration_id, "vendedor", instant_text(now), "UPLOAD", "x"
        )
        named = [f"{part}-{number}" for number in range(60_000)]
        wiring.request_log().complete(replace(entry, status=200), {}, b"{}", named)


def test_a_large_delivery_is_found_by_each_of_its_keys(own_world: World) -> None:
    first = send(own_world, *OTHERS, ana())
    same = send(own_world, ana(), *OTHERS)
    send(own_world, *OTHERS)
    assert outcomes(traced(own_world)) == [(same, "unchanged"), (first, "created")]
    assert len(traced(own_world, key="x299")["requests"]) == 3


def test_the_same_key_of_another_table_or_integration_is_another(own_world: World) -> None:
    mine = send(own_world, ana())
    send(own_world, {"codigo": "1", "razao_social": "Uma"}, table="fornecedor")
    mine_too = send(own_world, ana())
    first, first_key = own_world.integration_id, own_world.erp_key
    own_world.integration_id, own_world.erp_key = own_world.new_integration()
    other = send(own_world, ana())
    assert outcomes(traced(own_world)) == [(other, "created")]
    own_world.integration_id, own_world.erp_key = first, first_key
    assert outcomes(traced(own_world)) == [(mine_too, "unchanged"), (mine, "created")]


def test_a_request_that_died_is_found_by_the_version_it_wrote(world: World) -> None:
    first = send(world, ana())
    died: list[dict[str, Any]] = []
    found: dict[str, Any] = {}
    for number in range(1, 10):
        with living(world, "after", number):
            send(world, ana("Bia"))
        found = traced(world)
        if died := [one for one in found["requests"] if one["status"] is None]:
            break
    assert whats(found) == ["updated", "created"]
    assert (died[0]["outcome"], died[0]["code"]) == ("in_progress", None)
    assert died[0]["request_id"] == found["versions"][0]["request_id"]
    world.clock.advance(minutes=5)
    again = send(world, ana("Bia"))
    assert outcomes(traced(world)) == [
        (again, "unchanged"), (died[0]["request_id"], "no_response"), (first, "created"),
    ]  # fmt: skip


def test_whatever_call_a_request_dies_at_its_trace_can_be_told(world: World) -> None:
    send(world, ana())
    number, alive = 0, False
    while not alive:
        number += 1
        with living(world, "before", number) as life:
            send(world, ana(f"Bia {number}"))
        alive = not life.dead
        trace = traced(world)
        assert trace["revision"] == len(trace["versions"]) + trace["versions_dropped"], number
        named = {one["request_id"] for one in trace["requests"]}
        assert {one["request_id"] for one in trace["versions"]} <= named, number
    assert number > 5


def test_a_repeated_idempotency_key_is_a_request_that_changed_nothing(own_world: World) -> None:
    key = {"Idempotency-Key": "night-1"}
    first = send(own_world, *OTHERS, ana(), headers=key)
    again = send(own_world, *OTHERS, ana(), headers=key)
    trace = traced(own_world)
    assert outcomes(trace) == [(again, "replayed"), (first, "created")]
    assert whats(trace) == ["created"]


def test_requests_that_took_nothing_named_no_key(own_world: World) -> None:
    first = send(own_world, ana())
    broken = own_world.call("POST", "/v1/erp/vendedor", b'{"records":[{"codigo":"1"', token=own_world.erp_key)
    assert broken.status == 400
    assert own_world.call("GET", "/v1/erp/vendedor/1", token=own_world.erp_key).status == 200
    assert outcomes(traced(own_world)) == [(first, "created")]


def test_requests_older_than_the_retention_are_gone_and_their_versions_are_not(own_world: World) -> None:
    send(own_world, ana())
    own_world.clock.advance(days=10)
    later = send(own_world, ana("Bia"))
    own_world.clock.advance(days=5, minutes=-1)
    assert len(traced(own_world)["requests"]) == 2
    own_world.clock.advance(minutes=2)
    trace = traced(own_world)
    assert outcomes(trace) == [(later, "updated")]
    assert whats(trace) == ["updated", "created"]
    own_world.clock.advance(days=30)
    trace = traced(own_world)
    assert (trace["requests"], trace["requests_more"]) == ([], False)


def test_the_newest_hundred_are_told(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_requests, "SHOWN", 3)
    sent = [send(own_world, ana()) for _ in range(3)]
    assert traced(own_world)["requests_more"] is False
    sent.append(send(own_world, ana()))
    trace = traced(own_world)
    assert [one["request_id"] for one in trace["requests"]] == sent[:0:-1]
    assert trace["requests_more"] is True


def test_more_requests_than_can_be_looked_at_are_said_to_be_there(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = send(own_world, ana())
    monkeypatch.setattr(trace_requests, "QUERIES", 16)
    _fill_the_log(own_world)
    new = send(own_world, ana())
    trace = traced(own_world)
    assert [one["request_id"] for one in trace["requests"]] == [new, old]
    assert trace["requests_more"] is True
    assert trace["requests"][0]["at"] >= trace["requests_since"] > trace["requests"][1]["at"]
    monkeypatch.setattr(trace_requests, "QUERIES", 28)
    assert traced(own_world)["requests_more"] is False


def test_large_answers_in_files_are_read_up_to_a_bound(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = wiring.request_log()
    monkeypatch.setattr(type(log), "in_file", lambda self, logged, part: True)
    monkeypatch.setattr(trace_requests, "ANSWERS_IN_S3", 2)
    first = send(own_world, ana())
    same = [send(own_world, ana()) for _ in range(4)]
    assert outcomes(traced(own_world)) == [
        (same[3], "unchanged"), (same[2], "unchanged"), (same[1], "unknown"), (same[0], "unknown"),
        (first, "created"),
    ]  # fmt: skip


def test_a_trace_takes_few_calls(own_world: World) -> None:
    send(own_world, *OTHERS, ana(vendedor_codigo="x1"))
    night(own_world)
    for number in range(30):
        send(own_world, ana(f"Ana {number % 3}"))
    with counted() as calls:
        assert ask(own_world).status == 200
    assert calls.total <= 30
    assert calls.write_units == 0
