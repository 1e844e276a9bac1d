"""Measure tasks in turns."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass

WARM_UP = 8
"""Rounds until the engine, a Java program, has compiled what is asked of it often."""


@dataclass(frozen=True)
class Task:
    """Something to measure; `prepare` readies a repetition, and its time does not count."""

    name: str
    run: Callable[[], object]
    prepare: Callable[[], object] = lambda: None


@dataclass(frozen=True)
class Comparison:
    """A ratio to print: a task's time to that of the bare calls `floor`, and what it may be at most."""

    task: str
    floor: str
    target: float | None = None


def measure(tasks: list[Task], repetitions: int) -> dict[str, list[float]]:
    """Run every task once a round, each round beginning with another one; answers seconds by name."""
    times: dict[str, list[float]] = {task.name: [] for task in tasks}
    for number in range(repetitions + WARM_UP):
        turn = number % len(tasks)
        for task in tasks[turn:] + tasks[:turn]:
            seconds = _timed(task)
            if number >= WARM_UP:
                times[task.name].append(seconds)
    return times


def _timed(task: Task) -> float:
    task.prepare()
    gc.collect()
    started = time.perf_counter()
    task.run()
    return time.perf_counter() - started
