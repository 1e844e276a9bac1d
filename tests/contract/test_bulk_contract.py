from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.errors import Busy
from chalicelib.storage import bulk, connection
from chalicelib.storage.bulk import Contended, Item, Key, text

STRANGE_KEYS = [
    "simple",
    "with spaces, \"quotes\" and 'apostrophes'",
    "São João | 12/2026 | ñ ü 漢字 🧾",
    "#hash#and|pipe%20and\\backslash",
    "\x01control",
    "é" * 450,
]


@pytest.fixture
def table(engine: Any) -> str:
    return str(engine.tables["CRM_TABLE"])


def item(pk: str, sk: str, content: str = "x") -> Item:
    return {**bulk.key(pk, sk), "content": text(content)}


def numbered(pk: str, count: int, content: str = "x") -> list[Item]:
    return [item(pk, f"{number:04d}", content) for number in range(count)]


def keys_of(items: list[Item]) -> list[Key]:
    return [(one["pk"]["S"], one["sk"]["S"]) for one in items]


def sort_keys(items: Iterator[Item] | list[Item]) -> list[str]:
    return [one["sk"]["S"] for one in items]


@pytest.mark.parametrize("key", STRANGE_KEYS, ids=range(len(STRANGE_KEYS)))
def test_any_key_finds_its_item_again(table: str, here: str, key: str) -> None:
    bulk.write_many(table, [item(f"{here}{key}", key)])
    assert bulk.get_many(table, [(f"{here}{key}", key)]) == [item(f"{here}{key}", key)]
    assert sort_keys(bulk.query(table, f"{here}{key}")) == [key]


def test_more_items_than_a_call_takes_are_written_and_read(table: str, here: str) -> None:
    items = numbered(here, 260)
    bulk.write_many(table, items)
    wanted = [*keys_of(items), *keys_of(items)[:5], (here, "absent")]
    assert sorted(sort_keys(bulk.get_many(table, wanted))) == sort_keys(items)
    bulk.write_many(table, deletes=keys_of(items)[:250])
    assert sort_keys(bulk.query(table, here)) == sort_keys(items[250:])


def test_of_two_puts_of_a_key_the_last_counts_and_a_deletion_counts_over_both(table: str, here: str) -> None:
    bulk.write_many(
        table, [item(here, "a", "first"), item(here, "a", "last"), item(here, "b")], [(here, "b")]
    )
    assert list(bulk.query(table, here)) == [item(here, "a", "last")]


def test_only_the_attributes_asked_for_are_read(table: str, here: str) -> None:
    bulk.write_many(table, [item(here, "a")])
    assert bulk.get_many(table, [(here, "a")], attributes="pk sk") == [bulk.key(here, "a")]


def test_what_does_not_fit_one_answer_is_asked_for_again(table: str, here: str) -> None:
    items = numbered(here, 45, "x" * 390_000)
    bulk.write_many(table, items)
    assert sorted(sort_keys(bulk.get_batch(table, keys_of(items)))) == sort_keys(items)


def test_a_query_goes_on_beyond_a_megabyte(table: str, here: str) -> None:
    items = numbered(here, 8, "x" * 300_000)
    bulk.write_many(table, items)
    pages = list(bulk.query_pages(table, here))
    assert len(pages) > 1
    assert [sk for page in pages for sk in sort_keys(page["Items"])] == sort_keys(items)


def test_a_query_goes_on_behind_a_key(table: str, here: str) -> None:
    bulk.write_many(table, numbered(here, 10))
    [page, *_] = bulk.query_pages(table, here, after="0003", Limit=2)
    assert sort_keys(page["Items"]) == ["0004", "0005"]


class Stingy:
    """A client in front of the engine that handles a single item of each batch and leaves the rest."""

    def __init__(self, client: Any, *, generous_after: int) -> None:
        self._client, self._left = client, generous_after

    def batch_write_item(self, RequestItems: dict[str, list[Item]]) -> Item:  # noqa: N803
        if self._left == 0:
            answer: Item = self._client.batch_write_item(RequestItems=RequestItems)
            return answer
        self._left -= 1
        [(table, requests)] = RequestItems.items()
        self._client.batch_write_item(RequestItems={table: requests[:1]})
        return {"UnprocessedItems": {table: requests[1:]} if requests[1:] else {}}

    def batch_get_item(self, RequestItems: dict[str, Item]) -> Item:  # noqa: N803
        [(table, request)] = RequestItems.items()
        first, rest = request["Keys"][:1], request["Keys"][1:]
        answer: Item = self._client.batch_get_item(RequestItems={table: {**request, "Keys": first}})
        return {**answer, "UnprocessedKeys": {table: {**request, "Keys": rest}} if rest else {}}


@pytest.mark.usefixtures("no_pauses")
def test_what_the_engine_leaves_of_a_batch_is_sent_again(
    table: str, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stingy = Stingy(connection.client(), generous_after=3)
    monkeypatch.setattr(connection, "client", lambda: stingy)
    items = numbered(here, 8)
    bulk.write_many(table, items)
    assert sorted(sort_keys(bulk.get_many(table, keys_of(items)))) == sort_keys(items)


@pytest.mark.usefixtures("no_pauses")
def test_an_engine_that_keeps_leaving_items_is_busy(
    table: str, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stingy = Stingy(connection.client(), generous_after=1_000)
    monkeypatch.setattr(connection, "client", lambda: stingy)
    with pytest.raises(Busy):
        bulk.write_many(table, numbered(here, 25))
    with pytest.raises(Busy):
        bulk.get_many(table, keys_of(numbered(here, 25)))


def put(table: str, content: Item, condition: str = "") -> Item:
    action: Item = {"TableName": table, "Item": content}
    if condition:
        action["ConditionExpression"] = condition
    return {"Put": action}


def test_a_transaction_writes_all_or_nothing(table: str, here: str) -> None:
    bulk.transact([put(table, one) for one in numbered(here, 100)])
    assert len(list(bulk.query(table, here))) == 100
    with pytest.raises(Contended):
        bulk.transact(
            [
                put(table, item(here, "new")),
                put(table, item(here, "0000", "changed"), "attribute_not_exists(pk)"),
            ]
        )
    assert bulk.get_many(table, [(here, "new"), (here, "0000")]) == [item(here, "0000")]


def test_a_transaction_that_can_never_succeed_is_no_lost_race(table: str, here: str) -> None:
    with pytest.raises(connection.client().exceptions.ClientError):
        bulk.transact([put(table, item(here, "a")), put(table, item(here, "a"))])


def test_items_of_several_tables_are_read_in_one_call(engine: Any, table: str, here: str) -> None:
    other = str(engine.tables["RUNS_TABLE"])
    bulk.write_many(table, [item(here, "a", "of the crm")])
    assert bulk.get_across({table: (here, "a"), other: (here, "a")}) == {table: item(here, "a", "of the crm")}
    bulk.write_many(other, [item(here, "a", "of the runs")])
    assert bulk.get_across({table: (here, "a"), other: (here, "a")}) == {
        table: item(here, "a", "of the crm"),
        other: item(here, "a", "of the runs"),
    }
