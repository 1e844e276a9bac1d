"""A snapshot's work may die before or after any call, be told twice, and race with deliveries."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import onboarding_wiring, wiring
from chalicelib.domain.request_log import SNAPSHOT
from chalicelib.domain.runs import LeaseHeld
from chalicelib.services import absence
from chalicelib.services.job_chain import SliceFailed
from chalicelib.services.run_parts import Clockwork
from chalicelib.storage import keys, rewriting
from chalicelib.storage.records import Records
from tests.support.digest import counters, recounted, unapplied
from tests.support.faults import Moment, living
from tests.support.history import entries
from tests.support.snapshots import committed, into, live, one, opened, sellers
from tests.support.world import World

NOON = datetime(2026, 7, 1, 15, tzinfo=UTC)
RECORDS, GONE = 30, 5


@pytest.fixture
def still_world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world at noon whose time only the test moves; two deletions make a batch."""
    world.clock.frozen = NOON
    monkeypatch.setattr("chalicelib.services.snapshot_job.DELETIONS", 2)
    return world


def filled(world: World) -> str:
    """Start over: 30 records, of which a snapshot that is ready to be committed lacks 5."""
    world.onboarding_queue.messages.clear()
    world.clock.offset = timedelta()
    world.integration_id, world.erp_key = world.new_integration()
    world.push("vendedor", sellers(*range(RECORDS)))
    world.clock.advance(seconds=1)
    snapshot = opened(world)
    into(world, snapshot, sellers(*range(GONE, RECORDS)))
    world.clock.advance(seconds=1)
    return snapshot


def redelivered(world: World, *, patience: int = 60) -> None:
    """Deliver the queue's messages as SQS does: one that was not worked off comes back."""
    messages = world.onboarding_queue.messages
    for number in range(patience):
        if not messages:
            return
        message = messages[0]
        try:
            onboarding_wiring.chain(message["kind"]).advance(message, f"worker-{number}")
        except (LeaseHeld, SliceFailed):
            world.clock.advance(seconds=200)
            continue
        messages.popleft()
    raise AssertionError("the work has not ended")


def settled(world: World, snapshot: str, told: str) -> None:
    """Check that everything is as if nobody had died."""
    found = one(world, "GET", snapshot).body
    assert (found["status"], found["stored"], found["missing"]) == ("committed", RECORDS, GONE), told
    assert (found["deleted"], found["kept_newer"]) == (GONE, 0), told
    here = world.integration_id
    assert live(world) == [f"{number:04}" for number in range(GONE, RECORDS)], told
    assert counters(here, "vendedor") == recounted(here, "vendedor"), told
    logged = [item for item in entries(here, "vendedor", f"{NOON:%Y-%m-%d}") if item.kind == SNAPSHOT]
    assert sum(item.counts["deleted"] for item in logged) == GONE, told
    assert {item.status for item in logged} == {200}, told


def test_a_worker_that_dies_at_any_call_is_followed_by_another(still_world: World) -> None:
    snapshot = filled(still_world)
    assert one(still_world, "POST", snapshot, "/commit").status == 202
    with living(still_world) as life:
        still_world.work_off_onboarding()
    settled(still_world, snapshot, "undisturbed")
    moments: tuple[Moment, ...] = ("before", "after")
    for number in range(1, life.calls + 1, 2):  # before a call is after the one before it
        for when in moments:
            snapshot = filled(still_world)
            one(still_world, "POST", snapshot, "/commit")
            with living(still_world, when, number) as short:
                redelivered(still_world)
            told = f"died {when} call {number} of {life.calls}"
            assert short.dead, told
            still_world.clock.advance(seconds=400)
            one(still_world, "GET", snapshot)
            redelivered(still_world)
            settled(still_world, snapshot, told)


def test_a_commit_that_dies_at_any_call_can_be_asked_for_again(still_world: World) -> None:
    for when in ("before", "after"):
        for number in range(1, 30):
            snapshot = filled(still_world)
            with living(still_world, when, number) as life:
                one(still_world, "POST", snapshot, "/commit")
            if not life.dead:
                break
            still_world.clock.advance(seconds=400)
            assert one(still_world, "POST", snapshot, "/commit").status == 202
            redelivered(still_world)
            settled(still_world, snapshot, f"died {when} call {number}")
        assert 5 < number < 29


def test_a_delivery_that_dies_at_any_call_and_is_sent_again_loses_nothing(still_world: World) -> None:
    for when in ("before", "after"):
        for number in range(1, 40):
            snapshot = filled(still_world)
            with living(still_world, when, number) as life:
                into(still_world, snapshot, sellers(0, 1, 2, 200))
            if not life.dead:
                break
            assert into(still_world, snapshot, sellers(0, 1, 2, 200)).status == 200
            found = committed(still_world, snapshot)
            told = f"died {when} call {number}"
            assert (found["status"], found["records"], found["deleted"]) == ("committed", 29, 2), told
            assert len(live(still_world)) == 29, told
        assert 8 < number < 39


def test_slices_without_time_get_on_step_by_step(still_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absence, "KEYS", 2)
    snapshot = filled(still_world)
    chain = replace(onboarding_wiring.snapshot_chain(), clockwork=Clockwork(0, 150))
    one(still_world, "POST", snapshot, "/commit")
    slices = 0
    while still_world.onboarding_queue.messages:
        message = still_world.onboarding_queue.messages.popleft()
        chain.advance(message, f"worker-{slices}")
        assert chain.advance(message, "late") == "dropped", "a message that comes twice"
        slices += 1
    assert slices > 20
    settled(still_world, snapshot, "step by step")


def test_a_batch_that_was_half_written_is_written_to_its_end_and_counted_once(
    still_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    still_world.push("vendedor", sellers(*range(60)))
    still_world.clock.advance(seconds=1)
    gone = [number for number in range(60) if keys.bucket(f"{number:04}") == keys.bucket("0000")][:3]
    snapshot = opened(still_world)
    into(still_world, snapshot, sellers(*(number for number in range(60) if number not in gone)))
    one(still_world, "POST", snapshot, "/commit")
    commit = Records.commit

    def half(self: Records, here: str, table: str, writes: Any, label: str, at: str) -> Any:
        if label.endswith("#1"):
            raise RuntimeError("no more today")
        return commit(self, here, table, writes, label, at)

    monkeypatch.setattr("chalicelib.services.snapshot_job.DELETIONS", 7)
    monkeypatch.setattr(rewriting, "RECORDS_PER_TRANSACTION", 1)
    with monkeypatch.context() as patch:
        patch.setattr(Records, "commit", half)
        message = still_world.onboarding_queue.messages[0]
        with pytest.raises(SliceFailed):
            onboarding_wiring.snapshot_chain().advance(message, "worker")
    assert len(live(still_world)) == 58, "two of three transactions were done"
    redelivered(still_world)
    found = one(still_world, "GET", snapshot).body
    assert (found["status"], found["deleted"], len(live(still_world))) == ("committed", 3, 57)
    here = still_world.integration_id
    assert counters(here, "vendedor") == recounted(here, "vendedor")


def test_a_delivery_that_races_with_the_deletion_of_its_record_wins(
    still_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = filled(still_world)
    rewrite = Records.rewrite

    def overtaken(self: Records, *arguments: Any, **options: Any) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Records, "rewrite", rewrite)
            still_world.push("vendedor", sellers(3, ativo=True))
        rewrite(self, *arguments, **options)

    one(still_world, "POST", snapshot, "/commit")
    with monkeypatch.context() as patch:
        patch.setattr(Records, "rewrite", overtaken)
        still_world.work_off_onboarding()
    found = one(still_world, "GET", snapshot).body
    assert (found["missing"], found["deleted"], found["kept_newer"]) == (5, 4, 1)
    assert "0003" in live(still_world)
    here = still_world.integration_id
    assert counters(here, "vendedor") == recounted(here, "vendedor")
    still_world.clock.advance(seconds=1)
    still_world.run()
    assert unapplied(here, "vendedor") == []


def test_a_delivery_whose_snapshot_is_committed_meanwhile_is_refused_and_writes_nothing(
    still_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = filled(still_world)
    desk, snapshots = onboarding_wiring.snapshot_desk(), onboarding_wiring.snapshots()
    note = snapshots.note

    def late(*arguments: Any) -> None:
        desk.commit(still_world.integration_id, "vendedor", snapshot, "ERP")
        note(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(snapshots, "note", late)
        answer = into(still_world, snapshot, sellers(0, 300))
    assert (answer.status, answer.body["code"]) == (409, "snapshot_closed")
    assert "0300" not in live(still_world)


def test_a_worker_that_never_gets_on_ends_as_failed_and_can_be_asked_again(
    still_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = filled(still_world)

    def fail(*arguments: Any, **options: Any) -> None:
        raise RuntimeError("no reading today")

    one(still_world, "POST", snapshot, "/commit")
    with monkeypatch.context() as patch:
        patch.setattr(wiring.records(), "known", fail)
        redelivered(still_world)
    found = one(still_world, "GET", snapshot).body
    assert (found["status"], found["deleted"], len(live(still_world))) == ("failed", 0, RECORDS)
    assert found["error"]["code"] == "job_failed"
    assert "no reading today" in found["error"]["message"]
    committed(still_world, snapshot)
    settled(still_world, snapshot, "asked again")


def test_one_that_failed_is_given_up_for_the_next_one(
    still_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = filled(still_world)
    one(still_world, "POST", snapshot, "/commit")
    with monkeypatch.context() as patch:
        patch.setattr(wiring.records(), "known", None)
        redelivered(still_world)
    assert one(still_world, "GET", snapshot).body["status"] == "failed"
    assert opened(still_world) != snapshot
    assert one(still_world, "GET", snapshot).body["status"] == "abandoned"
    assert one(still_world, "POST", snapshot, "/commit", {"force": True}).status == 409
