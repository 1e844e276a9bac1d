"""A run's worker may die before or after any call: the run ends as if nothing had happened."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain import runs
from chalicelib.domain.runs import LeaseHeld
from chalicelib.settings import settings
from tests.support.digest import counters, digest, recounted, unapplied
from tests.support.faults import NEVER, Moment, living
from tests.support.slices import one_step_slices
from tests.support.world import World

NOON = datetime(2026, 7, 1, 15, tzinfo=UTC)
TABLES = ("vendedor", "empresa", "contato", "nota", "fatura")

Death = Callable[[int], tuple[Moment, int] | None]
"""Plans a worker's death from the number of the attempt, counted since the run last moved."""


def nota(number: int, client: int, total: str, **fields: Any) -> dict[str, Any]:
    return {
        "numero": str(number),
        "serie": "1",
        "empresa_codigo": str(client),
        "emitida_em": "2026-06-01",
        "situacao": "autorizada",
        "valor_total": total,
        **fields,
    }


def empresa(code: int) -> dict[str, Any]:
    return {"codigo": str(code), "razao_social": f"Empresa {code}", "vendedor_codigo": "1"}


def taken(world: World, table: str, records: list[Any]) -> None:
    assert world.push(table, records).status == 200


def after_the_first_night(world: World) -> None:
    """Start over with an integration of its own: three companies with notas, applied by a run."""
    world.clock.frozen, world.clock.offset = NOON, NOON - NOON
    world.integration_id, world.erp_key = world.new_integration()
    taken(world, "vendedor", [{"codigo": "1", "nome": "Ana"}])
    taken(world, "empresa", [empresa(code) for code in (1, 2, 3)])
    taken(world, "nota", [nota(number, number % 3 + 1, f"{number}00") for number in range(1, 7)])
    world.clock.advance(seconds=1)
    assert world.run()["status"] == "success"
    world.clock.advance(days=1)


def with_work_for_the_second(world: World) -> None:
    """Deliver new, changed, moved, deleted, orphaned and invalid records."""
    after_the_first_night(world)
    taken(world, "empresa", [{"codigo": "3", "excluido": True}, empresa(4)])
    taken(world, "contato", [{"codigo": "9", "nome": "Rui"}])
    changed = [nota(1, 2, "7000"), nota(2, 1, "900"), nota(3, 1, "0", excluido=True), nota(7, 5, "50")]
    taken(world, "nota", [*changed, nota(4, 2, "much"), nota(8, 4, "1", serie=None)])
    due = {"numero": "1", "parcela": 1, "vence_em": "2026-01-01", "valor": 5, "saldo": 5}
    taken(world, "fatura", [{**due, "contato_codigo": "9"}])
    world.clock.advance(seconds=1)


def undisturbed(world: World) -> tuple[dict[str, Any], int]:
    """Let the second night's run go as it should; answers the digest after it, and its calls."""
    with_work_for_the_second(world)
    world.start_run()
    with living(world) as life:
        world.work_off()
    return digest(world.integration_id, TABLES), life.calls


def work_off(world: World, death: Death) -> int:
    """Deliver messages until none is left, each to a worker that may die; answers how many did.

    A message whose worker died, or found the lease held, comes back after the others and the lease.
    """
    deaths, attempt = 0, 1
    while world.queue.messages:
        message = world.queue.messages.popleft()
        stood = standing(world)
        when, number = death(attempt) or ("after", NEVER)
        with living(world, when, number) as life:
            life.result = delivered(message, f"worker {deaths} {attempt}")
        if life.dead or not life.result:
            world.queue.messages.append(message)
        deaths += life.dead
        world.clock.advance(seconds=settings().lease_seconds + 1)
        attempt = 1 if standing(world) != stood else attempt + 1
        assert attempt < 100, "the run does not move any more"
    return deaths


def standing(world: World) -> Any:
    """Tell where the run that is on stands; None when none is."""
    run = wiring.runs().state(world.integration_id).run
    return run and (run.hop, run.stage, run.cursor, run.log_lines)


def once(number: int) -> Death:
    """Plan a single death, after the first worker's n-th call."""
    plan: list[tuple[Moment, int]] = [("after", number)]
    return lambda attempt: plan.pop() if plan else None


def delivered(message: dict[str, Any], owner: str) -> bool:
    """Hand a message to a worker; False when it has to come back."""
    try:
        wiring.sync_runs().advance(message, owner)
    except LeaseHeld:
        return False
    return True


@pytest.fixture(params=["one step a slice", "all steps in a slice"])
def sliced_world(request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    if request.param == "one step a slice":
        one_step_slices(monkeypatch)
    return world


@pytest.mark.parametrize(
    ("sliced_world", "when"),
    [("one step a slice", "before"), ("one step a slice", "after"), ("all steps in a slice", "after")],
    indirect=["sliced_world"],
)
def test_workers_that_die_at_every_call_of_every_step_leave_the_undisturbed_state(
    sliced_world: World, when: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "MAX_ATTEMPTS", NEVER)  # so many deaths in a row would end the run
    expected, calls = undisturbed(sliced_world)
    with_work_for_the_second(sliced_world)
    sliced_world.start_run()
    deaths = work_off(sliced_world, lambda attempt: (when, attempt))
    assert deaths > calls / 2, "each step was meant to be interrupted at each of its calls"
    assert digest(sliced_world.integration_id, TABLES) == expected


def test_a_single_death_anywhere_leaves_the_undisturbed_state(world: World) -> None:
    expected, calls = undisturbed(world)
    for number in range(3, calls, calls // 5):
        with_work_for_the_second(world)
        world.start_run()
        assert work_off(world, once(number)) == 1
        assert digest(world.integration_id, TABLES) == expected, f"died after call {number} of {calls}"


def test_every_message_delivered_twice_leaves_the_undisturbed_state(sliced_world: World) -> None:
    expected, _ = undisturbed(sliced_world)
    with_work_for_the_second(sliced_world)
    sliced_world.start_run()
    while sliced_world.queue.messages:
        message = sliced_world.queue.messages.popleft()
        for copy in ("first", "second"):
            delivered(message, f"worker of the {copy} copy")
        assert len(sliced_world.queue.messages) <= 1, "a copy has begun a second chain"
    assert digest(sliced_world.integration_id, TABLES) == expected


@pytest.mark.parametrize("slices_before", [1, 2], ids=["in the first step of load", "in the second"])
def test_a_cancelled_run_whose_worker_died_at_any_call_leaves_exact_counters(
    world: World, monkeypatch: pytest.MonkeyPatch, slices_before: int
) -> None:
    one_step_slices(monkeypatch)
    world.clock.frozen = NOON
    for number in range(1, 30):
        world.integration_id, world.erp_key = world.new_integration()
        taken(world, "nota", [nota(1, 1, "1"), nota(2, 1, "2")])
        world.clock.advance(seconds=1)
        run_id = world.start_run()
        for _ in range(slices_before):
            assert delivered(world.queue.messages.popleft(), "worker")
        message = world.queue.messages[0]
        with living(world, "after", number) as life:
            delivered(message, "dying worker")
        world.as_user("admin", "POST", f"/runs/{run_id}/cancel")
        world.clock.advance(seconds=settings().lease_seconds + 1)
        work_off(world, lambda attempt: None)
        here = world.integration_id
        assert counters(here, "nota") == recounted(here, "nota"), f"died after call {number}"
        if not life.dead:
            return
    raise AssertionError("a step makes fewer calls")


def test_a_run_whose_start_died_is_driven_on_by_the_watchman_or_can_be_started_again(world: World) -> None:
    world.clock.frozen = NOON
    for number in range(1, 30):
        world.integration_id, world.erp_key = world.new_integration()
        taken(world, "nota", [nota(1, 1, "1")])
        world.clock.advance(seconds=1)
        with living(world, "after", number) as life:
            world.as_user("admin", "POST", "/runs", {})
        if not life.dead:
            return
        world.queue.messages.clear()
        if wiring.runs().state(world.integration_id).run is None:
            world.start_run()
        else:
            world.clock.advance(seconds=settings().lease_seconds * 2 + 1)
            assert wiring.lost_runs().watch() == {"redriven": 1, "failed": 0}
        world.work_off()
        [run] = world.listed("/runs")
        assert run["status"] == "success", f"died after call {number}"
        assert unapplied(world.integration_id, "nota") == []
    raise AssertionError("starting a run makes fewer calls")
