"""Where the reading of one view stands within a run, and what is remembered of it for the next one."""

from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any, Final

from .fingerprints import digest_of
from .view_source import ViewSource, ViewTable

COUNTS: Final = ("rows", "created", "updated", "unchanged", "deleted", "rejected", "held")


@dataclass(frozen=True, slots=True)
class Progress:
    """The reading of one table.

    phase    "open", "rows", "keyless", "compare", "sweep", "done"
    version  of the source that the reading began with; another one begins it anew
    at       canonical instant of the last piece of the reading
    whole    every row is read, not only those changed since the watermark
    first    nothing was stored of the table when its reading began: nothing can have vanished
    fresh    nor can what this page brings be stored: it need not be read to be compared
    after    key of the last row taken, dumped; None at the start
    since, high   watermark to read from, and the highest one when reading began; dumped
    pages    pages of keys met, kept for the comparison
    live     records before the reading began
    bucket, behind  where comparing or sweeping stands
    vanished   keys gone in each partition; `gone`: of those, how many are records, and not only refused
    """

    name: str
    version: int = 0
    phase: str = "open"
    at: str = ""
    view: str = ""
    whole: bool = True
    first: bool = False
    fresh: bool = False
    after: list[Any] | None = None
    since: list[Any] | None = None
    high: list[Any] | None = None
    pages: int = 0
    live: int = 0
    bucket: int = 0
    behind: str | None = None
    vanished: tuple[int, ...] = ()
    gone: int = 0
    held: bool = False
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))

    def to_json(self) -> dict[str, Any]:
        """Shape it for the run's cursor."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @staticmethod
    def from_json(saved: dict[str, Any], name: str, version: int) -> "Progress":
        """Read what `to_json` wrote; another table, or other settings, begin anew."""
        if saved.get("name") != name or (version and saved.get("version") != version):
            return Progress(name, version)
        return Progress(**{**saved, "vanished": tuple(saved.get("vanished", ()))})

    @property
    def compares(self) -> bool:
        """Whether the keys met are compared with those stored."""
        return self.whole and not self.first

    def counted(self, **more: int) -> "Progress":
        """Add to the counts."""
        return replace(
            self, counts={name: number + more.get(name, 0) for name, number in self.counts.items()}
        )

    def state(self, known: dict[str, Any], run_id: str, source: ViewSource, place: str) -> dict[str, Any]:
        """Say what the next run has to know; `place`: the database that was read."""
        held = {"records": self.gone, "of": self.live, "run_id": run_id, "at": self.at} if self.held else None
        return {
            "likeness": likeness(source, source.tables[self.name], place),
            "watermark": self.high if self.high is not None else known.get("watermark"),
            "read_at": self.at,
            "whole_at": self.at if self.whole else known.get("whole_at"),
            "held": held if self.whole else known.get("held"),
            "counts": self.counts,
            "run_id": run_id,
        }


def likeness(source: ViewSource, view: ViewTable, place: str) -> str:
    """Fingerprint what a watermark means something for: another database, view or column is read whole."""
    watermark = view.watermark.column if view.watermark else ""
    parts = [source.engine, place, source.timezone, view.title, watermark]
    parts += [f"{field}={column}" for field, column in sorted(view.columns.items())]
    return digest_of("\n".join(parts))


def due_whole(view: ViewTable, state: dict[str, Any], source: ViewSource, place: str, now: datetime) -> bool:
    """Tell whether every row has to be read: for want of a watermark, or to find what is gone."""
    if view.watermark is None or not state.get("watermark") or not state.get("whole_at"):
        return True
    if state.get("likeness") != likeness(source, view, place):
        return True
    if not view.full_read_days:
        return False
    # Half a day less: a nightly run that begins a little earlier than the last one is a day later too.
    due = datetime.fromisoformat(state["whole_at"]) + timedelta(days=view.full_read_days, hours=-12)
    return now >= due
