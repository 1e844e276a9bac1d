"""Work that goes on beside the work: what use cases ask for, and the wiring gives them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

Answer = TypeVar("Answer")


class Background(Protocol):
    """Runs calls side by side; whoever asked waits for them before its own answer leaves."""

    def __call__(self, job: Callable[[], Answer]) -> "Future[Answer]": ...
