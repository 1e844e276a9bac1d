"""The run log is read page by page, also while it is being written."""

from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.storage.runs import Runs
from tests.support.slices import deliver, one_step_slices
from tests.support.world import World

Line = dict[str, Any]


def page(world: World, run_id: str, query: str = "limit=200") -> dict[str, Any]:
    answer = world.as_user("viewer", "GET", f"/runs/{run_id}/log?{query}")
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


def lines(world: World, run_id: str) -> list[Line]:
    found: list[Line] = page(world, run_id)["items"]
    return found


@pytest.fixture
def told(world: World) -> str:
    """A run with several pages to tell."""
    world.push("vendedor", [{"codigo": str(code)} for code in range(5)])
    run_id: str = world.run()["run_id"]
    return run_id


def test_the_log_is_read_page_by_page(world: World, told: str) -> None:
    found: list[Line] = []
    query = "limit=5"
    sizes = []
    while query:
        part = page(world, told, query)
        found += part["items"]
        sizes.append(len(part["items"]))
        query = part["next_cursor"] and f"limit=5&cursor={part['next_cursor']}"

    assert found == lines(world, told)
    assert sizes[:-1] == [5] * (len(found) // 5)
    assert len(sizes) > 2


def test_a_reader_follows_a_run_that_is_on_without_gaps_or_repeats(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_step_slices(monkeypatch)
    world.push("vendedor", [{"codigo": "1", "nome": "Ana"}, {"codigo": "2"}])
    run_id = world.start_run()
    found: list[Line] = []
    growing = set()
    part = page(world, run_id)
    while part["next_cursor"]:
        found += part["items"]
        growing.add(len(found))
        if world.queue.messages:
            deliver(world, world.queue.messages.popleft())
        part = page(world, run_id, f"limit=200&cursor={part['next_cursor']}")
    found += part["items"]

    assert found == lines(world, run_id)
    assert len(growing) > 5
    assert 0 in growing


def test_lines_of_a_step_that_was_not_finished_are_not_shown_yet(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step will be repeated, and may tell other lines under the same numbers."""
    run_id = world.start_run()
    message = world.queue.messages.popleft()

    def dies(*arguments: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Runs, "save", dies)
        with pytest.raises(KeyboardInterrupt):
            wiring.sync_runs().advance(message, "dying worker")

    assert page(world, run_id)["items"] == []
    world.clock.advance(seconds=200)
    deliver(world, message)
    assert [line["number"] for line in lines(world, run_id)][:3] == [1, 2, 3]


def test_each_run_has_a_log_of_its_own(world: World, told: str) -> None:
    following = world.run()["run_id"]
    assert "vendedor" in str(lines(world, told))
    assert "vendedor" not in str(lines(world, following))


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "WyJhIl0", "WzEsMl0"])
def test_a_cursor_that_is_none_is_refused(world: World, told: str, cursor: str) -> None:
    answer = world.as_user("viewer", "GET", f"/runs/{told}/log?cursor={cursor}")
    assert (answer.status, answer.body["code"]) == (400, "cursor_invalid")


def test_the_log_of_an_unknown_run_or_another_tenant_s_is_not_found(world: World, told: str) -> None:
    unknown = world.as_user("viewer", "GET", "/runs/20200101T000000Z-s/log")
    path = f"/v1/integrations/{world.integration_id}/runs/{told}/log"
    foreign = world.call("GET", path, token=world.token("admin", "tenant-b"))
    assert [unknown.status, foreign.status] == [404, 404]
