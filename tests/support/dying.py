"""Jobs worked off by workers that die as planned."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from chalicelib.domain.runs import LeaseHeld
from chalicelib.services.job_chain import SliceFailed
from tests.support.faults import NEVER, Moment, living
from tests.support.world import World

Deaths = Iterable[tuple[Moment, int]]


def work_off(
    world: World,
    messages: deque[dict[str, Any]],
    advance: Callable[[dict[str, Any], str], object],
    deaths: Deaths,
    *,
    attempts: int,
) -> int:
    """Deliver the messages to `advance`, each worker dying as the plan says, until none is left.

    A message that was not done comes back. Answers how many workers died; fails after so many `attempts`.
    """
    plan = iter(deaths)
    died = number = 0
    while messages:
        number += 1
        assert number < attempts, "the job gets on"
        when, call = next(plan, ("after", NEVER))
        with living(world, when, call) as life:
            try:
                life.result = advance(messages[0], f"worker-{number}")
            except (LeaseHeld, SliceFailed) as error:
                life.result = error
        died += life.dead
        if life.dead or isinstance(life.result, Exception):
            world.clock.advance(seconds=151)  # its lease runs out, and the message is visible again
        else:
            messages.popleft()
    return died


def every_call(when: Moment, calls: int) -> Iterator[tuple[Moment, int]]:
    """Die at the first call, then at the second, and so on; now and then let one live, so that it gets on."""
    number = 0
    while True:
        number += 1
        yield when, (number - 1) % calls + 1
        if number % 3 == 0:
            yield when, NEVER
