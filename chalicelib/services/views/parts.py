"""What reading views works with, and the session that a slice keeps open between its steps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ...domain.errors import FieldIssue
from ...domain.tables import TABLES
from ...domain.view_plan import Fetched, FoundView, Plan, plan
from ...domain.view_problems import SourceLost
from ...domain.view_source import ViewSource, ViewTable
from ..background import Background
from .stream import RowStream

if TYPE_CHECKING:
    from ...storage.journal import Journal
    from ...storage.requests import RequestLog
    from ...storage.seen_keys import Met, SeenKeys
    from ...storage.view_sources import ViewSources

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 8.0
Answer = TypeVar("Answer")


class SourceDatabase(Protocol):
    """An ERP's database; its errors are those of `domain.view_problems`."""

    @property
    def place(self) -> str: ...
    def connect(self) -> None: ...
    def find(self, wanted: ViewTable) -> FoundView: ...
    def page(self, plan: Plan, after: Sequence[Any] | None, since: Any, limit: int) -> Fetched: ...
    def keyless(self, plan: Plan, limit: int) -> Fetched: ...
    def sample(self, plan: Plan, limit: int) -> Fetched: ...
    def repeated(self, plan: Plan, columns: Sequence[str], limit: int) -> Fetched: ...
    def count(self, plan: Plan) -> int: ...
    def count_keyless(self, plan: Plan) -> int: ...
    def highest(self, plan: Plan) -> Any: ...
    def close(self) -> None: ...


@dataclass(slots=True)
class Session:
    """A source that is open, and the table that is being read from it."""

    database: SourceDatabase
    source: ViewSource
    owner: tuple[str, int]
    plans: dict[str, Plan] = field(default_factory=dict)
    streams: dict[str, RowStream] = field(default_factory=dict)
    met: dict[str, "Met"] = field(default_factory=dict)
    reached: dict[str, list[Any] | None] = field(default_factory=dict)

    def goes_on(self, name: str, after: list[Any] | None) -> bool:
        """Tell whether a table stands where this very session has brought it.

        Elsewhere a worker may have come further than it could save: what it wrote has to be looked for.
        """
        return name in self.reached and self.reached[name] == after

    def plan(self, name: str) -> Plan:
        """Match a table's settings with the catalogue, once."""
        if name not in self.plans:
            wanted = self.source.tables[name]
            self.plans[name] = plan(TABLES[name], wanted, self.database.find(wanted))
        return self.plans[name]

    def stream(self, name: str) -> RowStream:
        """Give a table's rows; those already fetched wait in it."""
        return self.streams.setdefault(name, RowStream(self.database, self.plan(name)))


@dataclass(slots=True)
class ViewParts:
    """Everything that reading views needs.

    open      opens a source
    journal   writes of a table, without reading when nothing is stored yet
    seen      keys met, by the folder of a reading
    beside    runs a job in the background
    together  runs jobs and answers what they do; side by side if that is allowed
    rendered  writes issues as an answer shows them, in Portuguese
    patience  seconds that a lost connection is waited for within a slice
    """

    sources: "ViewSources"
    open: Callable[[ViewSource], SourceDatabase]
    journal: Callable[[bool], "Journal"]
    seen: Callable[[str], "SeenKeys"]
    log: "RequestLog"
    beside: Background
    together: "Together"
    rendered: Callable[[Sequence[FieldIssue]], list[dict[str, Any]]]
    sleep: Callable[[float], None]
    patience: float
    session: Session | None = None

    def session_of(self, source: ViewSource, owner: tuple[str, int]) -> Session:
        """Give the slice's session; another slice, or changed settings, begin a new one."""
        known = self.session
        if known is None or known.owner != owner or known.source != source:
            self.close()
            known = self.session = Session(self.open(source), source, owner)
        return known

    def close(self) -> None:
        """End the session: a frozen worker must not keep a connection."""
        if self.session is not None:
            self.session.database.close()
            self.session = None

    def patiently(self, job: Callable[[], Answer]) -> Answer:
        """Do a job, again and again while the database is lost, with growing pauses; raises SourceLost."""
        waited, pause = 0.0, FIRST_PAUSE
        while True:
            try:
                return job()
            except SourceLost:
                if waited >= self.patience:
                    raise
            self.sleep(pause)
            waited += pause
            pause = min(pause * 2, LONGEST_PAUSE)


class Together(Protocol):
    """Runs jobs."""

    def __call__(self, jobs: Sequence[Callable[[], Answer]], at_once: bool) -> list[Answer]: ...
