"""Parallel batch calls and transactions on DynamoDB, with the retries they need.

Items here are plain dicts of `{"S": …}`/`{"N": …}` attribute values, built by the repositories.
"""

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from botocore.exceptions import ClientError

from ..domain.errors import Busy
from . import connection

Item = dict[str, Any]
Key = tuple[str, str]

READ_BATCH = 100
WRITE_BATCH = 25
TRANSACTION_ITEMS = 100
MAX_TRANSACTION_BYTES = 3_500_000
MAX_PK_BYTES, MAX_SK_BYTES = 2_048, 1_024
_ATTEMPTS = 8


class Contended(Exception):
    """A transaction lost against another writer, or was throttled: read again, decide again."""


def text(value: str) -> dict[str, str]:
    """Encode a text attribute."""
    return {"S": value}


def number(value: int | float | str) -> dict[str, str]:
    """Encode a number attribute."""
    return {"N": str(value)}


def key(pk: str, sk: str) -> Item:
    """Encode a primary key."""
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def get_many(
    table: str, wanted: Iterable[Key], *, attributes: str = "", consistent: bool = True
) -> list[Item]:
    """Read items by key, 100 a call, in parallel; absent ones are left out, impossible ones as well."""
    unique = [one for one in dict.fromkeys(wanted) if _possible(*one)]
    batches = [unique[at : at + READ_BATCH] for at in range(0, len(unique), READ_BATCH)]

    def read(batch: list[Key]) -> list[Item]:
        return get_batch(table, batch, attributes=attributes, consistent=consistent)

    return [item for found in connection.parallel(read, batches) for item in found]


def _possible(pk: str, sk: str) -> bool:
    """Tell whether DynamoDB can hold such a key: a request for any other is an error."""
    return 0 < len(pk.encode()) <= MAX_PK_BYTES and 0 < len(sk.encode()) <= MAX_SK_BYTES


def get_batch(table: str, batch: list[Key], *, attributes: str = "", consistent: bool = True) -> list[Item]:
    """Read at most 100 items in one call."""
    options: dict[str, Any] = {"Keys": [key(*one) for one in batch], "ConsistentRead": consistent}
    if attributes:
        names = attributes.split()
        options["ProjectionExpression"] = ", ".join(f"#{name}" for name in names)
        options["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
    return _until_done("batch_get_item", {table: options}, "UnprocessedKeys", table)


def get_across(wanted: dict[str, Key]) -> dict[str, Item]:
    """Read one item of each table in a single call; absent ones are left out."""
    request = {table: {"Keys": [key(*one)], "ConsistentRead": True} for table, one in wanted.items()}
    found: dict[str, Item] = {}
    for attempt in range(_ATTEMPTS):
        answer = connection.client().batch_get_item(RequestItems=request)
        found |= {table: items[0] for table, items in answer["Responses"].items() if items}
        request = answer.get("UnprocessedKeys") or {}
        if not request:
            return found
        pause(attempt)
    raise Busy()


def write_many(table: str, puts: Iterable[Item] = (), deletes: Iterable[Key] = ()) -> None:
    """Put and delete items, 25 a call, in parallel; of two puts of one key the last counts."""
    requests: dict[Key, Item] = {}
    for item in puts:
        requests[(item["pk"]["S"], item["sk"]["S"])] = {"PutRequest": {"Item": item}}
    for gone in deletes:
        requests[gone] = {"DeleteRequest": {"Key": key(*gone)}}
    waiting = list(requests.values())
    batches = [waiting[at : at + WRITE_BATCH] for at in range(0, len(waiting), WRITE_BATCH)]
    connection.parallel(
        lambda batch: _until_done("batch_write_item", {table: batch}, "UnprocessedItems", table), batches
    )


def _until_done(method: str, request: Item, leftover: str, table: str) -> list[Item]:
    found: list[Item] = []
    for attempt in range(_ATTEMPTS):
        answer = getattr(connection.client(), method)(RequestItems=request)
        found += answer.get("Responses", {}).get(table, [])
        request = answer.get(leftover) or {}
        if not request:
            return found
        pause(attempt)
    raise Busy()


def pause(attempt: int) -> None:
    """Wait with full jitter: up to 50 ms, 100 ms, 200 ms … 2 s."""
    time.sleep(random.uniform(0, min(2.0, 0.05 * 2**attempt)))  # jitter, not a secret  # nosec B311


def transact(actions: Sequence[Item]) -> None:
    """Write all or nothing.

    Raises Contended when a condition failed or another transaction was in the way.
    """
    try:
        connection.client().transact_write_items(TransactItems=list(actions))
    except ClientError as error:
        if error.response["Error"]["Code"] in {
            "TransactionCanceledException",
            "TransactionInProgressException",
            "TransactionConflictException",
        }:
            raise Contended() from error
        raise


def query(table: str, pk: str, **options: Any) -> Iterator[Item]:
    """Read a partition in key order, page by page."""
    for page in query_pages(table, pk, **options):
        yield from page["Items"]


def query_pages(table: str, pk: str, *, after: str | None = None, **options: Any) -> Iterator[Item]:
    """Read a partition page by page; `after` is the sort key to go on behind."""
    request: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk",
        "ConsistentRead": True,
        **options,
    }
    request["ExpressionAttributeValues"] = {":pk": text(pk), **options.get("ExpressionAttributeValues", {})}
    if after is not None:
        request["ExclusiveStartKey"] = key(pk, after)
    while True:
        page = connection.client().query(**request)
        yield page
        if not page.get("LastEvaluatedKey"):
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
