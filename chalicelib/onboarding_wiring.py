"""Composition root of the onboarding, beside `wiring`: jobs by the kind their messages name."""

from typing import TYPE_CHECKING, Any

from .settings import settings

if TYPE_CHECKING:
    from .services.job_chain import JobChain
    from .services.run_parts import Clockwork, SliceQueue


def chain(kind: str) -> "JobChain[Any]":
    """Find the jobs of a kind, with what works on them; raises KeyError."""
    from . import upload_wiring

    kinds: dict[str, Any] = {"upload": upload_wiring.chain}
    found: JobChain[Any] = kinds[kind]()
    return found


def queue() -> "SliceQueue":
    """Where slices of the onboarding's jobs are asked for."""
    from .adapters import queue

    return queue.Queue(settings().onboarding_queue_url)


def clockwork() -> "Clockwork":
    """The times the jobs live by."""
    from .services.run_parts import Clockwork

    return Clockwork(settings().slice_seconds, settings().lease_seconds)
