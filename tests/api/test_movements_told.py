"""Who changed class and why; and what runs that are disturbed or fail leave to the next."""

from datetime import date
from decimal import Decimal

import pytest

from tests.support.books import (
    FIRST_DAY,
    Books,
    abc,
    change,
    customers,
    empresa,
    moved,
    nota,
    revenue,
    revenues,
)
from tests.support.slices import break_stage, deliver, deliver_dead_letter, one_step_slices
from tests.support.world import World

BOTH = ("pt-BR", "en")


@pytest.fixture
def books(world: World) -> Books:
    return Books(world)


# ── who moved ──
@pytest.fixture
def moving(books: Books) -> Books:
    """Four clients: 1 is A, 2 is B, 3 is C and about to leave the window, 4 has no purchase."""
    books.send("empresa", *[empresa(code) for code in range(1, 5)])
    books.send("nota", nota(1, "empresa 1", "800"), nota(2, "empresa 2", "150"))
    books.send("nota", nota(3, "empresa 3", "50", FIRST_DAY))
    books.night()
    return books


def test_the_first_night_moves_nobody(moving: Books) -> None:
    assert moved(moving.world) == {}
    classes = {code: one["abc_class"] for (_, code), one in customers(moving.world).items()}
    assert classes == {"1": "A", "2": "B", "3": "C", "4": "-"}


def test_each_movement_tells_why(moving: Books) -> None:
    moving.send("nota", nota(4, "empresa 4", "4000"), nota(5, "empresa 2", "10"))
    moving.world.clock.advance(days=1)
    moving.night()

    assert moved(moving.world) == {
        "empresa|1": ("A", "B", "others_moved"),
        "empresa|2": ("B", "C", "others_moved_more"),
        "empresa|3": ("C", "-", "left_window"),
        "empresa|4": ("-", "A", "first_purchase"),
    }


def test_movements_are_told_in_both_languages(moving: Books) -> None:
    moving.send("nota", nota(1, "empresa 1", "800", situacao="cancelada"))
    moving.night()

    [portuguese, english] = [
        {one["customer"]: one["reason"] for one in abc(moving.world, language)["movements"]}
        for language in BOTH
    ]

    assert portuguese.keys() == english.keys() == {"empresa|1", "empresa|2", "empresa|3"}
    assert "R$ 800,00" in portuguese["empresa|1"]
    assert "R$ 800.00" in english["empresa|1"]
    assert all(portuguese[one] != english[one] for one in portuguese)


def test_movements_are_those_of_the_latest_night_only(moving: Books) -> None:
    moving.send("nota", nota(4, "empresa 4", "4000"))
    moving.night()
    assert moved(moving.world)
    moving.night()
    assert moved(moving.world) == {}


# ── while a run is on, and after runs that failed ──
def deliver_until(world: World, stage: str) -> None:
    """Deliver slices until the run stands before that stage."""
    while world.as_user("viewer", "GET", "").body["current_run"]["stage"] != stage:
        assert deliver(world, world.queue.messages.popleft())


def test_a_window_changed_during_a_run_waits_for_the_next(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_step_slices(monkeypatch)
    books.send("nota", nota(1, "empresa 1", "10", date(2025, 1, 1)), nota(2, "empresa 2", "1"))
    books.night()
    books.send("nota", nota(3, "empresa 2", "1"))
    books.world.clock.advance(seconds=1)
    books.world.start_run()
    deliver_until(books.world, "analyse")
    for _ in range(2):
        deliver(books.world, books.world.queue.messages.popleft())
    change(books.world, abc_window_months=12)
    books.world.work_off()

    during = (abc(books.world)["window_months"], revenue(books.world))
    books.night()
    after = (abc(books.world)["window_months"], revenue(books.world))

    assert (during, after) == ((24, Decimal(12)), (12, Decimal(2)))


def test_a_nota_that_changes_hands_during_a_run_is_counted_once(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_step_slices(monkeypatch)
    books.send("nota", nota(1, "empresa 1", "10"))
    books.night()
    books.send("nota", nota(1, "empresa 1", "11"))
    books.world.clock.advance(seconds=1)
    books.world.start_run()
    books.world.clock.advance(seconds=1)
    books.send("nota", nota(1, "empresa 2", "12"))
    books.world.work_off()

    assert revenues(books.world) == {"empresa 2": "12.00"}
    books.night()
    assert revenues(books.world) == {"empresa 2": "12.00"}


def test_a_run_cancelled_before_it_gave_classes_leaves_the_curve_as_it_was(
    moving: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_step_slices(monkeypatch)
    before = abc(moving.world)
    moving.send("nota", nota(4, "empresa 4", "4000"))
    moving.world.clock.advance(seconds=1)
    run_id = moving.world.start_run()
    deliver_until(moving.world, "update")
    moving.world.as_user("admin", "POST", f"/runs/{run_id}/cancel")
    moving.world.work_off()
    assert abc(moving.world) == before

    moving.night()

    assert moved(moving.world)["empresa|4"] == ("-", "A", "first_purchase")
    assert revenue(moving.world) == Decimal(5000)


def test_after_a_run_that_failed_movements_are_told_from_the_last_one_that_did_not(
    moving: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving.send("nota", nota(4, "empresa 3", "9000"))
    moving.world.clock.advance(seconds=1)
    moving.world.start_run()
    message = moving.world.queue.messages.popleft()
    with monkeypatch.context() as patch:
        break_stage(patch, "update", RuntimeError("no"))
        deliver(moving.world, message)
    deliver_dead_letter(moving.world, message)

    moving.night()

    assert moved(moving.world)["empresa|3"] == ("C", "A", "revenue_rose")


def test_a_first_run_that_failed_does_not_make_everybody_move_in_the_next(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.send("nota", nota(1, "empresa 1", "800"))
    books.world.clock.advance(seconds=1)
    books.world.start_run()
    message = books.world.queue.messages.popleft()
    with monkeypatch.context() as patch:
        break_stage(patch, "update", RuntimeError("no"))
        deliver(books.world, message)
    deliver_dead_letter(books.world, message)

    books.night()

    assert moved(books.world) == {}
