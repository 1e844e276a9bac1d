"""A run's log as a workbook."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .history import Texts
from .rows import Kind, serial
from .shell import DATE_FORMATS
from .workbooks import workbook

_COLUMNS: Final[tuple[tuple[str, Kind, float], ...]] = (
    ("at", "instant", 24),
    ("level", "label", 12),
    ("stage", "label", 16),
    ("message", "text", 120),
)


@dataclass(frozen=True, slots=True)
class LogBook:
    """Writes log lines: local time, level, stage, message."""

    texts: Texts

    def __call__(self, lines: Iterable[Sequence[Any]], language: str) -> bytes:
        """Write the lines as a workbook of one sheet, or of several if they are too many."""
        return workbook(
            self.texts("sheet_log", {}, language),
            [self.texts(f"column_{name}", {}, language) for name, _, _ in _COLUMNS],
            [width for _, _, width in _COLUMNS],
            [kind for _, kind, _ in _COLUMNS],
            ((serial(at), level, stage, message) for at, level, stage, message in lines),
            DATE_FORMATS[language],
            continued=1,
        )
