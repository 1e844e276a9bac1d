"""Count the DynamoDB calls of a block, what they write, and the capacity they consume."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from threading import Lock
from typing import Any

from chalicelib.storage import connection

_READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"})

Item = dict[str, Any]


class Calls:
    """What was called, and the units it consumed, in all and by table.

    Units are those that DynamoDB answers, except a transaction's: DynamoDB Local bills only its largest item,
    so these are reckoned as AWS bills them, two units for each KB of each item. What an update or a deletion
    finds is not known here, and reckoned as one KB.
    """

    def __init__(self) -> None:
        self.by_operation: Counter[str] = Counter()
        self.written: list[tuple[str, str, str]] = []
        """(table, pk, sk) of each item written or deleted, in the order of the calls."""
        self._read_units: defaultdict[str, float] = defaultdict(float)
        self._write_units: defaultdict[str, float] = defaultdict(float)
        self._lock = Lock()

    @property
    def total(self) -> int:
        """All calls."""
        return sum(self.by_operation.values())

    @property
    def read_units(self) -> float:
        return sum(self._read_units.values())

    @property
    def write_units(self) -> float:
        return sum(self._write_units.values())

    def read_units_of(self, table: str) -> float:
        return self._read_units[table]

    def write_units_of(self, table: str) -> float:
        return self._write_units[table]

    def add(self, operation: str, request: Item, answer: Item) -> None:
        """Take a call into the account."""
        units = self._read_units if operation in _READS else self._write_units
        with self._lock:
            self.by_operation[operation] += 1
            self.written += _written(operation, request)
            for table, used in _units(operation, request, answer):
                units[table] += used


def _units(operation: str, request: Item, answer: Item) -> Iterator[tuple[str, float]]:
    if operation == "TransactWriteItems":
        for action in request["TransactItems"]:
            [content] = action.values()
            yield content["TableName"], 2 * ceil(size_of(content.get("Item", {"": {"S": ""}})) / 1024)
        return
    consumed = answer.get("ConsumedCapacity") or []
    for one in consumed if isinstance(consumed, list) else [consumed]:
        yield one["TableName"], one["CapacityUnits"]


def size_of(item: Item) -> int:
    """Reckon an item's bytes: names and values; 21 for a number at most."""
    return sum(len(name.encode()) + _size_of_value(value) for name, value in item.items()) or 1


def _size_of_value(value: Item) -> int:
    [(kind, content)] = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "B":
        return len(content)
    return 21 if kind == "N" else 1


def _written(operation: str, request: Item) -> Iterator[tuple[str, str, str]]:
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        yield _place(request["TableName"], request.get("Item") or request["Key"])
    elif operation == "TransactWriteItems":
        for action in request["TransactItems"]:
            [content] = action.values()
            yield _place(content["TableName"], content.get("Item") or content["Key"])
    elif operation == "BatchWriteItem":
        for table, requests in request["RequestItems"].items():
            for one in requests:
                [content] = one.values()
                yield _place(table, content.get("Item") or content["Key"])


def _place(table: str, item: Item) -> tuple[str, str, str]:
    names = [item[name]["S"] for name in ("pk", "id", "sk") if name in item]
    return table, names[0], names[-1]


@contextmanager
def counted() -> Iterator[Calls]:
    """Count the calls of the process's DynamoDB client from here on."""
    calls = Calls()
    events = connection.client().meta.events

    def ask(params: Item, model: Any, context: Item, **_: Any) -> None:
        if "ReturnConsumedCapacity" in model.input_shape.members:
            params["ReturnConsumedCapacity"] = "TOTAL"
        context["counted request"] = params

    def count(parsed: Item, model: Any, context: Item, **_: Any) -> None:
        if "Error" not in parsed:
            calls.add(model.name, context["counted request"], parsed)

    events.register("before-parameter-build.dynamodb", ask)
    events.register("after-call.dynamodb", count)
    try:
        yield calls
    finally:
        events.unregister("before-parameter-build.dynamodb", ask)
        events.unregister("after-call.dynamodb", count)
