"""Rows in pages: none is lost, whatever the database takes for equal, and however it changes meanwhile."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.tables import TABLES
from chalicelib.domain.view_plan import Fetched, FoundView, Plan, plan
from chalicelib.domain.view_problems import TableRefused
from chalicelib.domain.view_source import ViewTable
from chalicelib.services.views import stream
from chalicelib.services.views.stream import RowStream

PLAN = plan(TABLES["vendedor"], ViewTable(view="v"), FoundView("v", None, {"codigo": "TEXT", "nome": "TEXT"}))


def collated(text: str) -> str:
    """Order as databases of the region do: without case, accents and trailing spaces."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(one for one in plain if not unicodedata.combining(one)).casefold().rstrip(" ")


@dataclass
class Table:
    """A view under such a collation, whose ties come in any order; `change` happens between statements."""

    keys: list[str]
    most: int = 1_000_000
    statements: int = 0
    changes: dict[int, Sequence[str]] = field(default_factory=dict)
    place: str = "table"

    def page(self, plan: Plan, after: Sequence[Any] | None, since: Any, limit: int) -> Fetched:
        self.statements += 1
        self.keys = [*self.keys, *self.changes.get(self.statements, ())]
        behind = [key for key in self.keys if after is None or collated(key) > collated(after[0])]
        ordered = sorted(behind, key=lambda key: (collated(key), hash((key, self.statements))))
        taken = ordered[: min(limit, self.most)]
        return Fetched([(key, "x") for key in taken], len(taken) == len(ordered), "", {}, 0)


def read(table: Table) -> list[str]:
    """Read everything, with a stream that is new now and then, as slices have it."""
    found: list[str] = []
    position: tuple[Any, ...] | None = None
    rows = RowStream(table, PLAN)
    for number in range(10_000):
        page = rows.take(position, None)
        found += [row[0] for row in page.rows]
        position = page.last
        if page.end:
            return found
        assert page.rows, "it gets on"
        if number % 3 == 2:
            rows = RowStream(table, PLAN)
    raise AssertionError("it never ends")


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PAGE_ROWS", 3)
    monkeypatch.setattr(stream, "STATEMENT_ROWS", 7)
    monkeypatch.setattr(stream, "MAX_EQUAL", 448)


KEYS = st.lists(st.text(st.sampled_from("aAáÁbB 1é"), min_size=1, max_size=3), max_size=60)


@settings(max_examples=300)
@given(KEYS, st.sampled_from([3, 4, 7, 100]))
def test_every_row_is_read_once_whatever_counts_as_equal(keys: list[str], most: int) -> None:
    table = Table(keys, most=100_000)
    found = read(table)
    assert sorted(found) == sorted(keys)


@settings(max_examples=200)
@given(KEYS, st.lists(KEYS, max_size=4))
def test_rows_that_were_there_all_the_time_are_read_while_others_come(
    keys: list[str], coming: list[list[str]]
) -> None:
    found = read(Table(keys, changes=dict(enumerate(coming, start=2))))
    for key in keys:
        assert found.count(key) >= keys.count(key)


def test_few_statements_bring_many_pages() -> None:
    table = Table([f"{one:04}" for one in range(70)])
    rows = RowStream(table, PLAN)
    position, pages = None, 0
    while True:
        page = rows.take(position, None)
        position, pages = page.last, pages + 1
        if page.end:
            break
    assert table.statements <= 70 // 6 + 1
    assert pages >= 23


def test_a_key_that_tells_no_rows_apart_is_refused_by_name() -> None:
    with pytest.raises(TableRefused) as caught:
        read(Table(["same"] * 2_000))
    assert caught.value.code == "view_keys_alike"
    assert caught.value.params["cause"] == "codigo"


def test_a_group_of_equals_larger_than_a_statement_is_read_whole() -> None:
    keys = ["a", *["B"] * 60, *["b"] * 60, "c"]
    assert sorted(read(Table(keys))) == sorted(keys)


def test_no_rows_are_an_end() -> None:
    page = RowStream(Table([]), PLAN).take(None, None)
    assert (page.rows, page.last, page.end) == ([], None, True)
