"""A worker may die before or after any call: every line is accounted for, no record is lost or doubled."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import onboarding_wiring, upload_wiring, wiring
from chalicelib.services.job_chain import SliceFailed
from tests.support import dying
from tests.support.digest import counters, recounted, staged_records
from tests.support.dying import Deaths
from tests.support.faults import Moment, living
from tests.support.slices import slices_of
from tests.support.uploads import asked, ndjson, put, rejected_lines, rejected_rows, sent, stood
from tests.support.world import World

CALLS = 12

SELLERS: list[Any] = [{"codigo": f"{number:02}", "nome": f"Vendedor {number}"} for number in range(56)]
LINES = [*SELLERS[:6], b"{", {"codigo": "x"}, *SELLERS[6:], {"codigo": "03", "nome": "Outro"}, {"nome": "?"}]
CSV = b"codigo;nome\r\n" + b"".join(
    f"{one['codigo']};{one['nome']}\r\n".encode() if isinstance(one, dict) and len(one) == 2 else b";;;\r\n"
    for one in LINES
)


@pytest.fixture
def world(own_world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Slices of one step, pieces of five lines, batches of two."""
    own_world.onboarding_queue.messages.clear()
    slices_of(monkeypatch, seconds=0)
    monkeypatch.setattr("chalicelib.domain.upload_pieces.PIECE_LINES", 5)
    monkeypatch.setattr("chalicelib.domain.upload_pieces.BATCH_LINES", 2)
    yield own_world
    monkeypatch.undo()
    slices_of(monkeypatch, seconds=45)


def work_off(world: World, deaths: Deaths) -> int:
    """Work the upload off; answers how many workers died of it."""
    messages = world.onboarding_queue.messages
    return dying.work_off(world, messages, onboarding_wiring.chain("upload").advance, deaths, attempts=600)


def check(world: World, upload_id: str) -> dict[str, Any]:
    """See that every line was taken or rejected, that all records are there, and nothing is left over."""
    found = stood(world, upload_id)
    assert (found["status"], found["error"]) == ("done", None)
    assert (found["lines"], found["accepted"], found["rejected"]) == (60, 57, 3)
    staged = {one.key: one for one in staged_records(world.integration_id, "vendedor") if one.live}
    assert sorted(staged) == sorted(one["codigo"] for one in SELLERS)
    assert '"Outro"' in staged["03"].data
    assert counters(world.integration_id, "vendedor") == recounted(world.integration_id, "vendedor")
    mine = [name for name in world.files.objects if upload_id in name]
    assert [name.partition("/")[0] for name in mine] == ["rejected"]
    return found


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_dies_at_any_call_leaves_every_line_accounted_for(world: World, when: Moment) -> None:
    upload_id = sent_only(world, ndjson(LINES))
    died = work_off(world, dying.every_call(when, CALLS))
    assert died > 40
    found = check(world, upload_id)
    assert [one["linha"] for one in rejected_lines(world, found)] == [7, 8, 60]


@pytest.mark.parametrize("when", ["before", "after"])
def test_so_does_one_that_reads_a_csv(world: World, when: Moment) -> None:
    upload_id = sent_only(world, CSV, format="csv")
    assert work_off(world, dying.every_call(when, CALLS)) > 40
    rows = rejected_rows(world, check(world, upload_id))
    assert rows[0] == ["_linha", "_erros", "codigo", "nome"]
    assert [row[0] for row in rows[1:]] == ["8", "9", "61"]


def test_the_history_has_each_batch_once_whoever_died_of_it(world: World) -> None:
    upload_id = sent_only(world, ndjson(LINES))
    work_off(world, dying.every_call("after", CALLS))
    found = [one for one in world.listed("/requests") if one["path"].startswith(upload_id)]
    assert len({one["path"] for one in found}) == len(found) == 36
    assert {one["status"] for one in found} == {200}
    assert sum(one["counts"]["received"] for one in found) == 60


def test_every_message_delivered_twice_changes_nothing(world: World) -> None:
    upload_id = sent_only(world, ndjson(LINES))
    seen: list[dict[str, Any]] = []
    while world.onboarding_queue.messages:
        message = world.onboarding_queue.messages.popleft()
        seen.append(message)
        for _ in range(2):
            onboarding_wiring.chain("upload").advance(message, f"worker-{len(seen)}")
    assert len(seen) > 10
    for message in seen:
        assert onboarding_wiring.chain("upload").advance(message, "late") == "dropped"
    check(world, upload_id)


def test_a_worker_that_never_gets_on_ends_the_upload_and_says_how_far_it_came(world: World) -> None:
    upload_id = sent_only(world, ndjson(LINES))
    work_off_some(world, 20)
    taken = stood(world, upload_id)
    assert (taken["status"], 0 < taken["received"] < 60) == ("importing", True)
    assert work_off(world, [("after", 2)] * 8) == 8
    ended = stood(world, upload_id)
    assert (ended["status"], ended["error"]["code"]) == ("failed", "job_worker_lost")
    assert (ended["received"], ended["rejected_file"]) == (taken["received"], None)
    assert [name for name in world.files.objects if upload_id in name] == []


def test_no_record_is_written_before_its_batch_is_in_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = sent_only(world, ndjson(LINES[:5]))
    monkeypatch.setattr(wiring.request_log(), "begin", fail)
    for _ in range(3):
        advance(world)
    assert staged_records(world.integration_id, "vendedor") == []
    found = stood(world, upload_id)
    assert (found["status"], found["received"], found["error"]) == ("importing", 0, None)


@pytest.mark.parametrize("broken", ["complete", "put"])
def test_a_batch_counts_when_its_log_and_its_rejected_lines_are_written(
    world: World, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    upload_id = sent_only(world, ndjson([b"{", *LINES[:5]]))
    advance(world)
    with monkeypatch.context() as patch:
        patch.setattr(wiring.request_log() if broken == "complete" else world.files, broken, fail)
        advance(world)
    assert stood(world, upload_id)["received"] == 0
    world.clock.advance(seconds=400)
    stood(world, upload_id)
    world.work_off_onboarding()
    done = stood(world, upload_id)
    assert (done["accepted"], done["rejected"], len(rejected_lines(world, done))) == (5, 1, 1)


def test_what_was_saved_within_a_slice_is_not_done_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    slices_of(monkeypatch, seconds=45)
    upload = asked(world, "vendedor", ndjson(LINES)).body
    put(world, upload, ndjson(LINES))
    world.clock.advance(seconds=1)
    stood(world, upload["upload_id"])
    message = world.onboarding_queue.messages[0]
    with living(world, "before", 120) as life:
        onboarding_wiring.chain("upload").advance(message, "first")
    assert life.dead
    half = stood(world, upload["upload_id"])
    assert (half["status"], half["received"] > 10) == ("importing", True)
    world.clock.advance(seconds=151)
    work_off(world, ())
    check(world, upload["upload_id"])


def test_the_pieces_that_a_lost_worker_did_not_count_are_deleted_too(world: World) -> None:
    upload_id = sent_only(world, ndjson(LINES))
    advance(world)
    found = upload_wiring.uploads().find(world.integration_id, upload_id)
    assert found is not None
    left = [found.piece_name(found.pieces), found.rejects_name(0)]
    world.files.objects |= dict.fromkeys(left, b"")
    upload_wiring.worker().tidy(found)
    assert [name for name in world.files.objects if upload_id in name] == []


def test_blank_lines_do_not_keep_a_turn_from_ending(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.services.uploads.checking.SEEN_LINES", 100)
    upload_id = sent_only(world, b"\n" * 1_000 + ndjson(LINES[:1]) + b"\n" * 1_000)
    hops = 0
    while stood(world, upload_id)["status"] == "checking":
        hops += 1
        onboarding_wiring.chain("upload").advance(world.onboarding_queue.messages.popleft(), f"worker-{hops}")
    assert hops == 20
    world.work_off_onboarding()
    assert stood(world, upload_id)["created"] == 1


def test_rejected_lines_that_the_bucket_forgot_halfway_are_joined_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.services.uploads.rejects.PART_BYTES", 10)
    monkeypatch.setattr("tests.support.bodies.MIN_PART_BYTES", 1)
    upload_id = sent_only(world, ndjson(LINES))
    upload_part, forgotten = world.files.upload_part, [True, True]

    def forget(*part: Any) -> str:
        if forgotten:
            forgotten.pop()
            world.files.uploads.clear()
        return upload_part(*part)

    monkeypatch.setattr(world.files, "upload_part", forget)
    world.work_off_onboarding()
    assert forgotten == []
    assert [one["linha"] for one in rejected_lines(world, check(world, upload_id))] == [7, 8, 60]


def sent_only(world: World, content: bytes, **body: Any) -> str:
    """Send a file; its first slice is still to come."""
    upload_id = sent(world, "vendedor", content, **body)
    [_] = world.onboarding_queue.messages
    return upload_id


def fail(*arguments: Any, **options: Any) -> None:
    raise OSError("out of reach")


def advance(world: World) -> None:
    """Deliver one message; one that has to be tried again waits in the queue."""
    message = world.onboarding_queue.messages.popleft()
    try:
        onboarding_wiring.chain("upload").advance(message, "worker")
    except SliceFailed:
        world.onboarding_queue.messages.append(message)


def work_off_some(world: World, count: int) -> None:
    for number in range(count):
        onboarding_wiring.chain("upload").advance(
            world.onboarding_queue.messages.popleft(), f"first-{number}"
        )


@pytest.mark.parametrize("step", [4, 5, 6, 7])
def test_a_batch_of_many_transactions_is_counted_once_whichever_of_them_its_workers_died_of(
    world: World, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr("chalicelib.domain.upload_pieces.PIECE_LINES", 100)
    monkeypatch.setattr("chalicelib.domain.upload_pieces.BATCH_LINES", 50)
    monkeypatch.setattr("chalicelib.storage.rewriting.RECORDS_PER_TRANSACTION", 3)
    upload_id = sent_only(world, ndjson(LINES))
    assert work_off(world, (("after", number) for number in range(step - 3, 44, step))) > 0
    check(world, upload_id)
