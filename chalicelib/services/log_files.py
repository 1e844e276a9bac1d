"""A run's log as a file: an Excel workbook or plain text, in the integration's time zone."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from ..domain.exports import TEXT, XLSX
from ..domain.runs import Run
from .access import User
from .exports import audit_entry

if TYPE_CHECKING:
    from ..storage.audit import Audit
    from ..storage.files import Files


class LogBook(Protocol):
    """Writes a log's lines as a workbook: local time, level, stage, message."""

    def __call__(self, lines: Iterable[Sequence[Any]], language: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class LogFiles:
    """Makes log files and hands out their links; `texts` translates codes, `now` tells the time."""

    files: "Files"
    audit: "Audit"
    book: LogBook
    texts: Callable[[str, Mapping[str, str], str], str]
    now: Callable[[], datetime]

    def offer(
        self,
        run: Run,
        lines: Iterable[dict[str, Any]],
        kind: str,
        zone: ZoneInfo,
        user: User,
        language: str,
    ) -> tuple[str, str]:
        """Write lines (as the API shows them) into a file; answers its link and its name."""
        filename = f"log-{run.run_id}.{kind}"
        rows = self._rows(lines, zone, language)
        if kind == "xlsx":
            content, content_type = self.book(rows, language), XLSX
        else:
            content, content_type = "".join(map(_plain, rows)).encode("utf-8", "backslashreplace"), TEXT
        now = self.now()
        if user.sees_personal_data:
            what = {"run_id": run.run_id, "format": kind}
            self.audit.add(audit_entry(run.integration_id, user, "run_log_link", what, now))
        place = f"{run.integration_id}/{now:%Y%m%dT%H%M%S%f}/{filename}"
        return self.files.offer(place, filename, content, content_type), filename

    def _rows(
        self, lines: Iterable[dict[str, Any]], zone: ZoneInfo, language: str
    ) -> Iterator[tuple[datetime, str, str, str]]:
        for line in lines:
            yield (
                datetime.fromisoformat(line["at"]).astimezone(zone),
                self.texts(f"level_{line['level']}", {}, language),
                self.texts(f"stage_{line['stage']}", {}, language),
                line["message"],
            )


def _plain(row: tuple[datetime, str, str, str]) -> str:
    at, level, stage, message = row
    said = message.replace("\r", " ").replace("\n", " ")
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d} {level:<10} {stage:<12} {said}\n"
