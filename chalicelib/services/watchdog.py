"""The watchdog: look at what is due, move incidents, and have people told."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from ..domain.incidents import Notice
from ..domain.runs import State
from ..domain.troubles import Facts
from ..domain.watch import Decision, Overtaken, Watched, decide
from .alert_sender import AlertSender
from .listening import Listener

if TYPE_CHECKING:
    from ..storage.runs import Runs
    from ..storage.watches import Watches

PER_SHARD: Final = 250
LATER: Final = timedelta(minutes=1)
ATTEMPTS: Final = 3
LOOKING_SHARE: Final = 0.6
"""Of a round's time; the rest is for sending, which must not wait for ever behind looking."""
Look = tuple[Watched, Facts]


@dataclass(slots=True)
class Round:
    """What one round came to; `broken` tells by integration or message what could not be done."""

    looked: int = 0
    told: int = 0
    sent: list[str] = field(default_factory=list)
    broken: dict[str, Exception] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Watchdog:
    """The watchdog's use cases; `hour` is the hour that limits and reminders count in."""

    watches: "Watches"
    runs: "Runs"
    listener: Listener
    sender: AlertSender
    parallel: Callable[[Callable[[Any], Any], Iterable[Any]], list[Any]]
    now: Callable[[], datetime]
    hour: timedelta

    def tick(self, seconds: float) -> Round:
        """Look at everything that is due and send what waits; begins nothing new after so many seconds.

        One that cannot be looked after stands in nobody's way: it is reported, and due again.
        """
        begun = time.monotonic()
        deadline = begun + seconds * LOOKING_SHARE
        this = Round()
        before: list[tuple[str, str]] = []
        while (due := self.watches.due(self.now(), PER_SHARD)) != before:
            self._look_at(due, deadline, this)
            before = due
            if len(due) < PER_SHARD or time.monotonic() >= deadline:
                break  # no shard can have held more
        self.sender.send_waiting(self._holds, begun + seconds, this.sent, this.broken)
        return this

    def _look_at(self, due: list[tuple[str, str]], deadline: float, this: Round) -> None:
        looks = self._read_all(due, this)
        this.looked += len(looks)
        listening: list[Look] = []
        others: list[Look] = []
        for look in looks:
            (listening if self.listener.wanted(look[0].watch, look[1]) else others).append(look)
        self.parallel(lambda look: self._guarded(self._moved, look, this), others)
        for look in listening:
            if time.monotonic() >= deadline or not self._guarded(self._listened, look, this):
                self._guarded(self._put_off, look, this)

    def settle(self, tenant_id: str, integration_id: str) -> Watched | None:
        """Bring what is remembered of one integration up to date, now; None when there is none.

        Gives up after a few rivals: then the watchdog's next round does it.
        """
        for _ in range(ATTEMPTS):
            found = self._read([(tenant_id, integration_id)])
            if not found:
                return None
            watched, facts = found[0]
            decision = decide(watched.watch, facts)
            try:
                self._write(watched, decision)
            except Overtaken:
                continue
            return replace(watched, watch=decision.watch)
        return None

    def _read_all(self, wanted: list[tuple[str, str]], this: Round) -> list[Look]:
        """Read everything at once or, if something in it cannot be read, one by one."""
        try:
            return self._read(wanted)
        except Exception:
            found: list[Look] = []
            for one in wanted:
                try:
                    found += self._read([one])
                except Exception as error:
                    this.broken[one[1]] = error
            return found

    def _read(self, wanted: list[tuple[str, str]]) -> list[Look]:
        """Read integrations first, then their runs: a run that ends in between raises the revision read."""
        found = self.watches.read(wanted)
        states = self.runs.states(one.integration.integration_id for one in found)
        now = self.now()
        return [
            (one, one.facts(states.get(one.integration.integration_id, State()).outcomes, now, self.hour))
            for one in found
        ]

    def _guarded(self, act: Callable[[Watched, Facts], int], look: Look, this: Round) -> bool:
        """Act; a rival's turn is left to the rival, any other failure is noted and answered with False."""
        try:
            this.told += act(*look)
        except Overtaken:
            return True
        except Exception as error:
            this.broken[look[0].integration.integration_id] = error
            return False
        return True

    def _moved(self, watched: Watched, facts: Facts) -> int:
        """Decide and write; answers how many notices were given."""
        decision = decide(watched.watch, facts)
        self._write(watched, decision)
        return len(decision.notices)

    def _listened(self, watched: Watched, facts: Facts) -> int:
        """Listen to the ERP before deciding."""
        watch, silence = self.listener.listen(watched.watch, facts)
        return self._moved(replace(watched, watch=watch), replace(facts, silence=silence))

    def _put_off(self, watched: Watched, facts: Facts) -> int:
        """Decide without listening, which takes too long or failed, and come back soon."""
        decision = decide(watched.watch, facts)
        self._write(watched, replace(decision, due_at=facts.now + LATER))
        return len(decision.notices)

    def _holds(self, notice: Notice) -> bool:
        """Whether what a notice says is still so, when it is about to be sent."""
        if not notice.incident.open:
            return True
        found = self._read([(notice.incident.tenant_id, notice.incident.integration_id)])
        return any(
            one.incident_id == notice.incident.incident_id
            for watched, facts in found
            for one in decide(watched.watch, facts).watch.open
        )

    def _write(self, watched: Watched, decision: Decision) -> None:
        self.watches.move(watched, decision.watch, decision.due_at, decision.changed, decision.notices)
