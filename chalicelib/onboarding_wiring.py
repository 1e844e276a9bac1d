"""Composition root of the onboarding, beside `wiring`: jobs by the kind their messages name."""

from functools import cache
from typing import TYPE_CHECKING, Any

from . import wiring
from .settings import settings

if TYPE_CHECKING:
    from .services.job_chain import JobChain
    from .services.run_parts import Clockwork, SliceQueue
    from .storage.controls import Controls


def chain(kind: str) -> "JobChain[Any]":
    """Find the jobs of a kind, with what works on them; raises KeyError."""
    kinds: dict[str, Any] = {}
    found: JobChain[Any] = kinds[kind]()
    return found


@cache
def controls() -> "Controls":
    """What ERPs say they have."""
    from .storage.controls import Controls

    return Controls(settings().onboarding_table, wiring.files())


def queue() -> "SliceQueue":
    """Where slices of the onboarding's jobs are asked for."""
    from .adapters import queue

    return queue.Queue(settings().onboarding_queue_url)


def clockwork() -> "Clockwork":
    """The times the jobs live by."""
    from .services.run_parts import Clockwork

    return Clockwork(settings().slice_seconds, settings().lease_seconds)
