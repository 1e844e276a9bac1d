"""Send what waits in the outbox: each integration's notices in their order, at least once.

A notice is claimed, sent, and marked as sent. Whoever dies in between leaves it claimed for a while, then
it is sent again, word for word and under the same id.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Protocol

from ..domain.incidents import Mail, Notice
from .alert_mail import bare_mail

if TYPE_CHECKING:
    from ..storage.alerts import Alerts

PER_SHARD: Final = 250
CLAIM_SECONDS: Final = 150
"""Longer than a watchdog may live: it does not send any more when somebody else begins to."""


class Topics(Protocol):
    """Where an integration's alerts go."""

    def publish(self, integration_id: str, mail: Mail) -> None: ...


@dataclass(frozen=True, slots=True)
class AlertSender:
    """Empties the outbox; `write` makes a message of a notice."""

    alerts: "Alerts"
    topics: Topics
    write: Callable[[Notice], Mail]
    parallel: Callable[[Callable[[Any], Any], Iterable[Any]], list[Any]]
    now: Callable[[], datetime]

    def send_waiting(
        self,
        holds: Callable[[Notice], bool],
        deadline: float,
        sent: list[str],
        broken: dict[str, Exception],
    ) -> None:
        """Send until `deadline` (monotonic seconds); adds the ids of what was sent, and what could not be.

        A notice of trouble that is over by now (`holds` says no) is withdrawn: the one that says so follows.
        """

        def send_all(notices: list[Notice]) -> None:
            for notice in notices:
                if time.monotonic() >= deadline or not self._settled(notice, holds, sent, broken):
                    return  # later ones wait as well: people read them in order

        while True:
            waiting = self.alerts.waiting(PER_SHARD)
            ordered = sorted(waiting, key=lambda one: (one.incident.integration_id, one.at, one.message_id))
            before = len(sent)
            self.parallel(
                send_all,
                [list(group) for _, group in groupby(ordered, lambda one: one.incident.integration_id)],
            )
            if len(waiting) < PER_SHARD or len(sent) == before or time.monotonic() >= deadline:
                return

    def _settled(
        self,
        notice: Notice,
        holds: Callable[[Notice], bool],
        sent: list[str],
        broken: dict[str, Exception],
    ) -> bool:
        """Send or withdraw one notice; False when somebody else is at it, or it cannot be sent now."""
        try:
            if not self.alerts.claim(notice, self.now(), CLAIM_SECONDS):
                return False
            try:
                if not holds(notice):
                    self.alerts.withdraw(notice)
                    return True
                mail = self._written(notice, broken)
                self.topics.publish(notice.incident.integration_id, mail)
            except Exception:
                self.alerts.release(notice)
                raise
            self.alerts.sent(notice, mail.subject, self.now())
            sent.append(notice.message_id)
        except Exception as error:
            broken[notice.message_id] = error
            return False
        return True

    def _written(self, notice: Notice, broken: dict[str, Exception]) -> Mail:
        """Write a message; one that cannot be written is sent as it is, for else it would be stuck."""
        try:
            return self.write(notice)
        except Exception as error:
            broken[notice.message_id] = error
            return bare_mail(notice)
