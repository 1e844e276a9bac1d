"""Work beside the work, without any threads."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Answer = TypeVar("Answer")


def at_once(job: Callable[[], Answer]) -> "Future[Answer]":
    """Do a job before going on, as a background that is in no hurry."""
    done: Future[Answer] = Future()
    done.set_result(job())
    return done
