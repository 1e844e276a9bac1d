"""Several clients that act at the same moment, each in a process of its own, as Lambda runs them.

Threads would not do: Chalice keeps its current request on the app, and its test client swaps the environment.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from chalicelib.storage import connection
from tests.support.world import forget_wiring

PATIENCE_SECONDS = 60

Move = Callable[[int], Any]
"""What one client does in round n; its result must survive pickling."""


class Rivals:
    """The waiting clients; `play` lets all move at once."""

    def __init__(self, lines: list[Connection]) -> None:
        self._lines = lines

    def start(self, number: int) -> None:
        """Let every client begin its move of round `number`."""
        for line in self._lines:
            line.send(number)

    def busy(self) -> bool:
        """Tell whether any client is still at its move."""
        return not all(line.poll() for line in self._lines)

    def results(self) -> list[Any]:
        """Wait for every client's result, in the order of the clients."""
        found = []
        for line in self._lines:
            assert line.poll(PATIENCE_SECONDS), "a client does not answer"
            found.append(line.recv())
        for one in found:
            if isinstance(one, Exception):
                raise one
        return found

    def play(self, number: int) -> list[Any]:
        """Play a round."""
        self.start(number)
        return self.results()


@contextmanager
def rivals(*moves: Move) -> Iterator[Rivals]:
    """Start a process for each client; they share the world as it is now, but no memory from here on."""
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(len(moves))
    lines, processes = [], []
    for move in moves:
        ours, theirs = context.Pipe()
        process = context.Process(target=_live, args=(move, barrier, theirs), daemon=True)
        process.start()
        theirs.close()
        lines.append(ours)
        processes.append(process)
    try:
        yield Rivals(lines)
    finally:
        for line in lines:
            line.send(None)
        for process in processes:
            process.join(PATIENCE_SECONDS)


def _live(move: Move, barrier: Barrier, line: Connection) -> None:
    """Move whenever the line says so, all at once, until it says no more."""
    forget_wiring()
    connection.pool.cache_clear()  # its threads did not come along
    while (number := line.recv()) is not None:
        barrier.wait(PATIENCE_SECONDS)
        try:
            line.send(move(number))
        except Exception as error:
            line.send(RuntimeError(f"{type(error).__name__}: {error}"))
