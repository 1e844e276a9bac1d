"""A request in the request log: written ahead beside the work, completed before its answer leaves."""

from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ..domain.request_log import RequestEntry
from .background import Background

if TYPE_CHECKING:
    from ..storage.requests import RequestLog

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Logged:
    """One request's entry; `named`: keys that its records are stored under."""

    log: "RequestLog"
    background: Background
    entry: RequestEntry
    ahead: "Future[dict[str, Any]] | None" = None
    aside: "Future[None] | None" = None
    named: Collection[str] = ()

    def begin(self, body: bytes) -> None:
        """Start writing ahead; `wait` before the first write of the work."""
        self.ahead = self.background(lambda: self.log.begin(self.entry, body))

    def wait(self) -> None:
        """Make sure that the entry is written."""
        if self.ahead:
            self.ahead.result()

    def complete(self, entry: RequestEntry, answer: bytes) -> None:
        """Write the finished entry and the answer."""
        # Of somebody we do not trust, keep that it happened, but nothing of what they sent.
        ahead = self.ahead.result() if self.ahead else {}
        self.log.complete(entry, ahead, answer, self.named)

    def beside(self, job: Callable[[], None]) -> None:
        """Do the last of the work while the answer is being written; `end` before it leaves."""
        self.aside = self.background(job)

    def end(self) -> None:
        """Wait for the last of the work; raises what it failed of."""
        if self.aside:
            self.aside.result()
