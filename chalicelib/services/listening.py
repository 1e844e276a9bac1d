"""Listen to an ERP: what did it deliver since the last scheduled run, and what does it usually?"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ..domain import silence
from ..domain.history import Period
from ..domain.silence import Window
from ..domain.tables import NAMES
from ..domain.troubles import Facts, Silence
from ..domain.values import instant_text
from ..domain.watch import Watch, listens
from .background import Background

if TYPE_CHECKING:
    from ..storage.requests import RequestLog

PAGE: Final = 20


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Of one table in a time: whether any data was taken, and how many requests were refused."""

    taken: bool
    refused: int


@dataclass(frozen=True, slots=True)
class Listener:
    """Reads the request log; `retention_days` is how far back it reaches."""

    log: "RequestLog"
    background: Background
    is_working: Callable[[date], bool]
    retention_days: int

    def wanted(self, watch: Watch, facts: Facts) -> bool:
        """Tell whether it is time: an hour before a run, or while tables are silent."""
        if not listens(facts.integration):
            return False
        if any(one.kind == "erp_silent" for one in watch.open):
            return True
        at, _ = silence.next_check(facts.integration.schedule, facts.now, watch.checked, facts.hour)
        return facts.now >= at

    def listen(self, watch: Watch, facts: Facts) -> tuple[Watch, Silence]:
        """Learn what came, and find the tables that are silent.

        A window that is not known yet is read, once; windows from before the integration are not counted.
        """
        integration, now = facts.integration, facts.now
        schedule = integration.schedule
        oldest = now - timedelta(days=self.retention_days)
        if integration.created_at:
            oldest = max(oldest, datetime.fromisoformat(integration.created_at))
        *past, current = silence.windows(schedule, now, self.is_working, facts.hour)
        past = [one for one in past if one.since >= oldest]
        heard = {one.day: watch.heard[one.day] for one in past if one.day in watch.heard}
        heard |= {
            one.day: self._heard(integration.integration_id, one)[0] for one in past if one.day not in heard
        }
        tables, refused = self._heard(integration.integration_id, current)
        heard[current.day] = tables
        at, name = silence.next_check(schedule, now, watch.checked, facts.hour)
        silent = set(self._still_silent(watch, facts))
        if now >= at:
            silent |= set(silence.silent_tables(past, current, heard))
        del heard[current.day]  # the window goes on: what is learned of it is learned when it is over
        learned = replace(watch, checked=name if now >= at else watch.checked, heard=heard)
        since = next((one.since for one in watch.open if one.kind == "erp_silent"), None)
        return learned, Silence(
            tuple(sorted(silent)), since or instant_text(current.since), bool(tables), refused
        )

    def _still_silent(self, watch: Watch, facts: Facts) -> Iterable[str]:
        """List the tables that an open incident names and that have received nothing since it began."""
        for one in watch.open:
            if one.kind == "erp_silent":
                since = datetime.fromisoformat(one.since)
                window = Window(since, facts.now, "", True)
                heard, _ = self._heard(facts.integration.integration_id, window, one.facts["tables"])
                return [table for table in one.facts["tables"] if table not in heard]
        return []

    def _heard(
        self, integration_id: str, window: Window, tables: Iterable[str] = NAMES
    ) -> tuple[frozenset[str], int]:
        """Find the tables that received data in a window, and count refused requests."""
        days = list(Period(window.since, window.until).days())
        asked = {
            (table, number): self.background(_question(self.log, integration_id, table, day))
            for table in tables
            for number, day in enumerate(days)
        }
        found = {where: answer.result() for where, answer in asked.items()}
        heard = frozenset(table for (table, _), one in found.items() if one.taken)
        return heard, sum(one.refused for one in found.values())


def _question(log: "RequestLog", integration_id: str, table: str, day: Period) -> Callable[[], Deliveries]:
    def ask() -> Deliveries:
        """Look for a delivery whose data was taken, newest first."""
        refused, after = 0, None
        while True:
            page = log.page(
                integration_id, table, day.since, day.until, after=after, newest_first=True, limit=PAGE
            )
            for entry in (one.entry for one in page.items):
                if entry.counts.get("received", 0) > entry.counts.get("rejected", 0):
                    return Deliveries(True, refused)
                refused += (entry.status or 0) >= 400
            if page.more is None:
                return Deliveries(False, refused)
            after = page.more

    return ask
