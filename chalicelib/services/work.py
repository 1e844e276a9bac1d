"""What a stage works with, and what a step of it answers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from ..domain.crm import Document
from ..domain.customers import Customer
from ..domain.integrations import Integration
from ..domain.runs import Run

if TYPE_CHECKING:
    from ..storage.records import Records
    from .views.parts import ViewParts


class CrmSink(Protocol):
    """Where a run writes: our own tables, or another CRM behind the same few calls."""

    def apply(
        self,
        integration_id: str,
        documents: Iterable[Document],
        gone: Iterable[tuple[str, str, str | None]],
        dirty: Iterable[str],
    ) -> None: ...

    def documents(
        self, integration_id: str, wanted: Iterable[tuple[str, str, str | None]]
    ) -> dict[tuple[str, str], dict[str, Any]]: ...

    def of_clients(
        self, integration_id: str, places: Iterable[str]
    ) -> dict[str, list[tuple[str, str, dict[str, Any]]]]: ...

    def all_of(self, integration_id: str, table: str) -> list[dict[str, Any]]: ...

    def mark_dirty(self, integration_id: str, places: Iterable[str]) -> None: ...

    def dirty(self, integration_id: str, limit: int) -> list[str]: ...

    def clean(self, integration_id: str, places: Iterable[str]) -> None: ...

    def customers(self, integration_id: str, places: Iterable[str]) -> dict[str, Customer]: ...

    def page(
        self, integration_id: str, bucket: int, after: str | None, limit: int
    ) -> tuple[list[Customer], str | None]: ...

    def revenues(self, integration_id: str) -> Iterator[tuple[str, Any]]: ...

    def write_customers(
        self, integration_id: str, changed: Iterable[Customer], gone: Iterable[str] = ()
    ) -> None: ...

    def save_curve(self, integration_id: str, run_id: str, curve: dict[str, Any]) -> None: ...

    def publish_curve(self, integration_id: str, curve: dict[str, Any]) -> None: ...

    def curve(self, integration_id: str, run_id: str = ...) -> dict[str, Any] | None: ...

    def write_movements(self, integration_id: str, run_id: str, moved: Iterable[dict[str, Any]]) -> None: ...


@dataclass(frozen=True, slots=True)
class Work:
    """One slice's surroundings; `now` is the time of the step."""

    integration: Integration
    run: Run
    records: "Records"
    crm: CrmSink
    now: datetime
    views: "ViewParts | None" = None

    @property
    def as_of(self) -> date:
        """The analysis's date, in the integration's time zone; fixed when the run began."""
        return date.fromisoformat(self.run.as_of)

    @property
    def integration_id(self) -> str:
        """Shorthand: every storage call is scoped by it."""
        return self.integration.integration_id


class RunFailed(Exception):
    """The run cannot go on, and trying again would not help: a code of the catalogue and its parameters."""

    def __init__(self, code: str, params: dict[str, str]) -> None:
        super().__init__(code, params)
        self.code, self.params = code, params


class TableFailed(Exception):
    """A step failed at one table; the cause is what went wrong."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


@dataclass(frozen=True, slots=True)
class Line:
    """A log line: a code of the catalogue with its parameters; `details` are shown as they are."""

    code: str
    params: dict[str, str] = field(default_factory=dict)
    level: str = "info"
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """A step's answer: `cursor` None ends the stage; counts are added to the stage's account."""

    cursor: dict[str, Any] | None
    processed: int = 0
    rejected: int = 0
    lines: tuple[Line, ...] = ()
