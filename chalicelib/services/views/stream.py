"""The rows of a view, page by page, in the order of their keys, from few large statements.

A page never ends between rows whose keys the database may take for equal: what lies behind the last row is
asked for by its key, and a collation that ignores case, accents or spaces would leave its equals out.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from ...domain.view_plan import Fetched, Plan
from ...domain.view_problems import TableRefused

PAGE_ROWS: Final = 1_000
STATEMENT_ROWS: Final = 10_000
MAX_EQUAL: Final = 160_000


class Pages(Protocol):
    """Reads rows behind a key."""

    @property
    def place(self) -> str: ...
    def page(self, plan: Plan, after: Sequence[Any] | None, since: Any, limit: int) -> Fetched: ...


@dataclass(frozen=True, slots=True)
class RowPage:
    """Rows, the key of the last one, whether any are left, and the statement that brought them."""

    rows: list[tuple[Any, ...]]
    last: tuple[Any, ...] | None
    end: bool
    fetched: Fetched


@dataclass(slots=True)
class RowStream:
    """What has been fetched and not yet taken lies between `taken` and the end of `fetched.rows`."""

    database: Pages
    plan: Plan
    fetched: Fetched | None = None
    taken: int = 0
    position: tuple[Any, ...] | None = None
    since: Any = None
    _limit: int = field(default=STATEMENT_ROWS)

    def take(self, after: tuple[Any, ...] | None, since: Any) -> RowPage:
        """Take the rows behind the key `after`: from what was fetched if they follow, else by a statement."""
        if self.fetched is None or self.position != after or self.since != since or self._used_up():
            self._fetch(after, since, STATEMENT_ROWS)
        while (cut := self._cut()) is None:
            if self._limit >= MAX_EQUAL:
                raise TableRefused(
                    "view_keys_alike",
                    host=self.database.place,
                    view=self.plan.view.title,
                    cause=", ".join(self.plan.keys),
                )
            self._fetch(after, since, self._limit * 4)
        assert self.fetched is not None, "it was fetched"
        rows = self.fetched.rows[self.taken : cut]
        self.taken = cut
        if rows:
            self.position = self.plan.row_key(rows[-1])
        return RowPage(rows, self.position, self._used_up() and self.fetched.complete, self.fetched)

    def _fetch(self, after: tuple[Any, ...] | None, since: Any, limit: int) -> None:
        self._limit = limit
        self.fetched = self.database.page(self.plan, after, since, limit)
        self.taken, self.position, self.since = 0, after, since

    def _used_up(self) -> bool:
        """Tell whether nothing is left that may be taken: the last equal rows may have more behind them."""
        return self.fetched is None or self._cut() in (self.taken, None)

    def _cut(self) -> int | None:
        """Find where a page of what is left may end; None: everything fetched has the same key."""
        assert self.fetched is not None, "it was fetched"
        rows, end = self.fetched.rows, self.taken + PAGE_ROWS
        while end < len(rows) and self._alike(rows[end - 1], rows[end]):
            end += 1
        if end < len(rows):
            return end
        if self.fetched.complete:
            return len(rows)
        end = len(rows) - 1
        while end > self.taken and self._alike(rows[end - 1], rows[end]):
            end -= 1
        return end if end > self.taken or self.taken else None

    def _alike(self, one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
        return loosely(self.plan.row_key(one)) == loosely(self.plan.row_key(other))


def loosely(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Give a key as the most lenient collation sees it: without case, accents, widths and outer spaces."""
    return tuple(_loose(part) if isinstance(part, str) else part for part in key)


def _loose(text: str) -> str:
    if text.isascii():
        return text.strip().lower()
    plain = unicodedata.normalize("NFKD", text)
    return "".join(one for one in plain if not unicodedata.combining(one)).strip().casefold()
