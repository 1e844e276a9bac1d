"""SQS delivers at least once and in any order: whatever comes again, the outcome is the undisturbed one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.runs import LeaseHeld
from tests.support.digest import digest
from tests.support.slices import deliver, deliver_dead_letter, one_step_slices, slices_of
from tests.support.world import World

ENGINE = "dynamodb_local"  # clients meet here

NIGHT = datetime(2026, 11, 24, 3, tzinfo=UTC)
TABLES = ("vendedor", "empresa", "contato", "nota", "itens_nota", "fatura")
Message = dict[str, Any]
Delivery = Callable[[World, Message, list[Message]], None]


def nota(number: int, client: str, total: str, **fields: Any) -> dict[str, Any]:
    kind, code = client.split()
    return {"numero": str(number), "serie": "1", f"{kind}_codigo": code, "emitida_em": "2026-10-01",
            "situacao": "autorizada", "valor_total": total, **fields}  # fmt: skip


FIRST: dict[str, list[dict[str, Any]]] = {
    "vendedor": [{"codigo": "1", "nome": "Ana"}, {"codigo": "2", "nome": "Rui", "ativo": False}],
    "empresa": [{"codigo": str(code), "razao_social": f"Loja {code}", "vendedor_codigo": str(code % 3)}
                for code in range(1, 9)],
    "contato": [{"codigo": "1", "nome": "Bia"}, {"codigo": "2"}],
    "nota": [nota(number, f"empresa {number % 9 + 1}", f"{number * 37}.5") for number in range(1, 31)],
    "itens_nota": [{"nota_numero": "1", "nota_serie": "1", "item": 1, "produto_codigo": "P",
                    "quantidade": 1, "valor_unitario": "37.5", "valor_total": "37.5"}],
    "fatura": [{"numero": "1", "parcela": 1, "contato_codigo": "1", "vence_em": "2026-11-01",
                "valor": "10", "saldo": "4"}],
}  # fmt: skip
SECOND: dict[str, list[dict[str, Any]]] = {
    "vendedor": [{"codigo": "2", "nome": "Rui", "ativo": True}],
    "empresa": [{"codigo": "8", "excluido": True}, {"codigo": "10", "razao_social": "Loja nova"}],
    "nota": [nota(1, "contato 1", "37.5"), nota(2, "empresa 3", "0.01"), nota(3, "empresa 4", "x"),
             {"numero": "4", "serie": "1", "excluido": True}, nota(31, "empresa 10", "99999"),
             nota(5, "empresa 6", "185", situacao="cancelada")],
}  # fmt: skip


# ── ways in which messages come again ──
def _three_times(world: World, message: Message, old: list[Message]) -> None:
    for _ in range(3):
        assert deliver(world, message)


def _behind_the_next(world: World, message: Message, old: list[Message]) -> None:
    assert deliver(world, message)
    for earlier in old[-2:]:
        assert deliver(world, earlier)


def _before_its_turn(world: World, message: Message, old: list[Message]) -> None:
    assert not deliver(world, {**message, "hop": message["hop"] + 1})
    assert deliver(world, message)


def _at_once(world: World, message: Message, old: list[Message]) -> None:
    def work(number: int) -> bool:
        try:
            wiring.sync_runs().advance(message, f"worker {message['hop']} {number}")
        except LeaseHeld:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert any(pool.map(work, range(3)))


def _as_a_dead_letter_too(world: World, message: Message, old: list[Message]) -> None:
    assert deliver(world, message)
    if world.queue.messages:  # of a run that is still on
        assert deliver_dead_letter(world, message)


def _once(world: World, message: Message, old: list[Message]) -> None:
    assert deliver(world, message)


def two_nights(world: World, delivery: Delivery) -> dict[str, Any]:
    """Let two runs pass, their messages delivered in that way; answers the state after them."""
    world.clock.frozen, world.clock.offset = NIGHT, NIGHT - NIGHT
    world.integration_id, world.erp_key = world.new_integration()
    old: list[Message] = []
    for pushed in (FIRST, SECOND):
        for table, records in pushed.items():
            assert world.push(table, records).status == 200
        world.clock.advance(seconds=1)
        world.start_run()
        while world.queue.messages:
            message = world.queue.messages.popleft()
            delivery(world, message, old)
            old.append(message)
        world.clock.advance(hours=1)
    return digest(world.integration_id, TABLES)


@pytest.fixture
def sliced(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose slices end after each step."""
    one_step_slices(monkeypatch)
    return world


_UNDISTURBED: list[dict[str, Any]] = []


@pytest.fixture
def undisturbed(sliced: World) -> dict[str, Any]:
    """The state after two nights whose messages came once and in order; the same in every world."""
    if not _UNDISTURBED:
        _UNDISTURBED.append(two_nights(sliced, _once))
    return _UNDISTURBED[0]


@pytest.mark.parametrize(
    "delivery", [_three_times, _behind_the_next, _before_its_turn, _at_once, _as_a_dead_letter_too]
)
def test_messages_that_come_again_change_nothing(
    sliced: World, undisturbed: dict[str, Any], delivery: Delivery
) -> None:
    assert two_nights(sliced, delivery) == undisturbed


def test_the_undisturbed_state_has_what_could_be_counted_twice(undisturbed: dict[str, Any]) -> None:
    assert [run["status"] for run in undisturbed["runs"]] == ["partial", "partial"]
    assert undisturbed["movements"][1]
    assert min(run["hops"] for run in undisturbed["runs"]) > 20


def test_messages_of_the_first_night_that_come_again_in_the_second_change_nothing(
    sliced: World, undisturbed: dict[str, Any]
) -> None:
    def with_an_old_one(world: World, message: Message, old: list[Message]) -> None:
        for earlier in old:
            assert deliver(world, earlier)
        assert deliver(world, message)

    assert two_nights(sliced, with_an_old_one) == undisturbed


def test_every_message_again_after_the_end_changes_nothing(
    sliced: World, undisturbed: dict[str, Any]
) -> None:
    seen: list[Message] = []

    def remember(world: World, message: Message, old: list[Message]) -> None:
        seen.append(message)
        _once(world, message, old)

    two_nights(sliced, remember)

    for message in seen:
        assert deliver(sliced, message)
        assert deliver_dead_letter(sliced, message)

    assert digest(sliced.integration_id, TABLES) == undisturbed
    assert not sliced.queue.messages


def test_cutting_a_run_into_slices_changes_nothing_but_their_number(
    world: World, undisturbed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    slices_of(monkeypatch, seconds=45)

    whole = two_nights(world, _once)

    assert [run.pop("hops") for run in whole["runs"]] == [0, 0]
    cut = [{name: value for name, value in run.items() if name != "hops"} for run in undisturbed["runs"]]
    assert whole == {**undisturbed, "runs": cut}
