"""What `make run` shows: steps that are done, and one line of progress where there is a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

WIDTH = 30


class Screen:
    """Writes to a terminal or to a file; a file gets each step once and no progress."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._live = out, out.isatty()

    def done(self, text: str) -> None:
        """Tell that a step is done."""
        self.line(f"  ✓ {text}")

    def line(self, text: str = "") -> None:
        """Write a line that stays."""
        self._clear()
        print(text, file=self._out, flush=True)

    def note(self, text: str) -> None:
        """Show what is going on, until the next line."""
        if self._live:
            self._clear()
            print(f"  … {text}", end="", file=self._out, flush=True)

    def progress(self, text: str, done: int, total: int) -> None:
        """Show how far a step has come."""
        filled = WIDTH * done // max(1, total)
        self.note(f"{text} {'█' * filled}{'░' * (WIDTH - filled)} {done:,} / {total:,}")

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write a table: the first column left, the others right."""
        widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
        for number, row in enumerate((head, *rows)):
            cells = [
                cell.rjust(width) if at else cell.ljust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            self.line("    " + "  ".join(cells))
            if not number:
                self.line("    " + "  ".join("─" * width for width in widths))
        self.line()

    def _clear(self) -> None:
        if self._live:
            print("\r\033[K", end="", file=self._out)
