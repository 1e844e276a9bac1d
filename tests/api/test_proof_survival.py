"""Proofs survive workers that die at any call, and events that come twice: the result is the same."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import onboarding_wiring
from chalicelib.services.job_chain import SliceFailed
from tests.support import dying
from tests.support.dying import Deaths
from tests.support.faults import Moment
from tests.support.onboarding import Erp, applied, found, nota, prove, read, shop
from tests.support.slices import slices_of
from tests.support.world import World

CALLS = 30


@pytest.fixture
def erp(own_world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Erp]:
    own_world.onboarding_queue.messages.clear()
    own_world.proofs_queue.messages.clear()
    erp = applied(shop(own_world), but={("nota", "21|1")})
    erp.declare()
    own_world.push("nota", [nota(22, "2026-02-15", situacao="pendente")])
    slices_of(monkeypatch, seconds=0)
    yield erp
    monkeypatch.undo()
    slices_of(monkeypatch, seconds=45)
    own_world.proofs_queue.messages.clear()


def begun(world: World) -> str:
    return str(world.as_user("admin", "POST", "/completeness/report", {}).body["report_id"])


def work_off(world: World, deaths: Deaths) -> int:
    """Work the proof off; answers how many workers died of it."""
    messages = world.proofs_queue.messages
    return dying.work_off(world, messages, onboarding_wiring.chain("proof").advance, deaths, attempts=2_000)


def essence(world: World, report: dict[str, Any]) -> Any:
    tables = [(one["table"], one["digest"], one["findings"], one["months"]) for one in report["tables"]]
    return report["verdict"], report["digest"], report["findings"], tables, found(world, report)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_dies_at_any_call_leaves_the_same_proof(erp: Erp, when: Moment) -> None:
    wanted = prove(erp.world)
    assert wanted["findings"] == {"missing_key": 1, "rejected": 1, "orphan": 2}
    report_id = begun(erp.world)
    assert work_off(erp.world, dying.every_call(when, CALLS)) > 20
    assert essence(erp.world, read(erp.world, report_id)) == essence(erp.world, wanted)


def test_messages_that_come_twice_change_nothing(erp: Erp) -> None:
    wanted = prove(erp.world)
    report_id = begun(erp.world)
    queue, number = erp.world.proofs_queue.messages, 0
    while queue:
        message, number = queue.popleft(), number + 1
        outcomes = [onboarding_wiring.chain("proof").advance(message, f"w{number}-{one}") for one in range(2)]
        assert outcomes[1] == "dropped"
    assert essence(erp.world, read(erp.world, report_id)) == essence(erp.world, wanted)


def test_a_lost_message_is_sent_again_when_somebody_asks(erp: Erp) -> None:
    report_id = begun(erp.world)
    erp.world.proofs_queue.messages.clear()
    assert read(erp.world, report_id)["status"] == "queued"
    assert not erp.world.proofs_queue.messages, "it may still be under way"
    erp.world.clock.advance(seconds=301)
    read(erp.world, report_id)
    assert len(erp.world.proofs_queue.messages) == 1
    erp.world.work_off_onboarding()
    assert read(erp.world, report_id)["status"] == "done"


def test_what_only_the_work_needed_is_cleared_away(erp: Erp) -> None:
    report = prove(erp.world)
    left = [name for name in erp.world.files.objects if report["report_id"] in name]
    assert all(name.startswith("proofs/") for name in left)
    assert any(name.endswith("certificate.xlsx") for name in left)


def test_a_worker_that_never_gets_on_ends_the_proof(erp: Erp, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise OSError("no disk")

    report_id = begun(erp.world)
    monkeypatch.setattr("chalicelib.services.proofs.worker.walk", broken)
    for _ in range(20):
        if not erp.world.proofs_queue.messages:
            break
        message = erp.world.proofs_queue.messages[0]
        try:
            onboarding_wiring.chain("proof").advance(message, "worker")
        except SliceFailed:
            erp.world.clock.advance(seconds=301)
            continue
        erp.world.proofs_queue.messages.popleft()
    report = read(erp.world, report_id)
    assert (report["status"], report["error"]["code"]) == ("error", "job_failed")
    assert "no disk" in report["error"]["message"]
    assert erp.world.as_user("admin", "POST", "/completeness/report", {}).status == 202
