"""Processes that die: after, or just before, the n-th call to AWS, as a killed worker does.

A call is a DynamoDB call, a message sent to a queue or a topic, or a call for a file, in the order in which
they begin. From its death on, every further call of the process fails before it is sent, whatever thread
makes it; calls that were under way end as they would have.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from botocore.client import BaseClient

from chalicelib.storage import connection
from tests.support.world import World

Moment = Literal["before", "after"]
NEVER = 1_000_000


class Died(BaseException):
    """The process is gone: nothing that catches `Exception` can go on from here."""


class Life:
    """One life of the process: counts its calls, and ends it `when` call `number` is made."""

    def __init__(self, when: Moment = "after", number: int = NEVER) -> None:
        self.calls = 0
        self.dead = False
        self.result: Any = None
        self._when, self._number = when, number
        self._lock = threading.Lock()

    def call(self, send: Callable[[], Any]) -> Any:
        """Send a call, unless the process is dead; raises Died when this is the call it dies of."""
        with self._lock:
            if self.dead:
                raise Died()
            self.calls += 1
            last = self.calls == self._number
            self.dead = last and self._when == "before"
        if self.dead and last:
            raise Died()
        try:
            return send()
        finally:
            if last:
                self.dead = True
                raise Died()


_FILE_CALLS = (
    "put",
    "get",
    "size",
    "found",
    "read",
    "begin_upload",
    "upload_part",
    "complete_upload",
    "delete",
)


def _counted(life: Life, act: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments, **options: life.call(lambda: act(*arguments, **options))


@contextmanager
def living(world: World, when: Moment = "after", number: int = NEVER) -> Iterator[Life]:
    """Let the process live until its n-th call; its death ends the block, and `life.dead` tells of it."""
    life = Life(when, number)
    sent = BaseClient._make_api_call  # type: ignore[attr-defined]
    enqueue = world.queue.send

    def make_api_call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        return life.call(lambda: sent(client, operation, parameters))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", make_api_call)
        patch.setattr(
            world.queue, "send", lambda *message, **options: life.call(lambda: enqueue(*message, **options))
        )
        for thing, name in (
            (world.exports_queue, "send"),
            (world.onboarding_queue, "send"),
            (world.proofs_queue, "send"),
            (world.topics, "publish"),
            *((world.files, name) for name in _FILE_CALLS),
        ):
            patch.setattr(thing, name, _counted(life, getattr(thing, name)))
        try:
            yield life
        except Died:
            life.dead = True
        finally:
            _let_threads_end()


def _let_threads_end() -> None:
    """Wait for what the dead process's threads still do, so that none of it happens in the next life."""
    connection.pool().shutdown(wait=True)
    connection.pool.cache_clear()
