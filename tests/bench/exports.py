"""The export of the request log, beside the same rows written by openpyxl's write-only mode.

Requests are generated straight into the table. Each way of writing them is a process of its own, so that
its peak memory is its own; all read through the same code from one DynamoDB Local.
"""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any, Final

import urllib3

from chalicelib.domain.tables import NAMES
from chalicelib.storage.bodies import Bodies
from chalicelib.storage.requests import RequestLog
from infra.local.dynamodb import DynamoDBLocal
from tests.bench.export_samples import UNTIL, bodies, entry_of
from tests.conftest import dynamodb_client
from tests.support.history import stored_items
from tests.support.tables import create_tables

SIZES: Final = (10_000, 100_000, 1_000_000)
WRITER_TARGET: Final = 8.0
EXPORT_TARGET: Final = 1.8
MEMORY_TARGET: Final = 200
FLAT: Final = 1.15
WARM_UP: Final = 4
"""Readings until the engine, a Java program, has compiled what is asked of it."""
WAYS: Final = ("export", "read, then openpyxl", "read alone", "sheet writer alone", "openpyxl alone")


@dataclass(frozen=True)
class Taken:
    """What a way took for its rows: seconds, and the process's peak memory in MB."""

    rows: int
    seconds: float
    peak_mb: float
    file_mb: float

    @property
    def speed(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds


def measure_exports(sizes: tuple[int, ...] = SIZES) -> bool:
    """Measure, print and judge; answers whether all targets are met."""
    found = {size: _measure(size) for size in sizes}
    print(f"\n{'':26}{'requests':>10}{'rows/s':>10}{'peak MB':>9}{'file MB':>9}")
    for size, ways in found.items():
        for way, taken in ways.items():
            print(f"{way:26}{size:10,}{taken.speed:10,.0f}{taken.peak_mb:9.0f}{taken.file_mb:9.1f}")
    return _judge(found)


def _judge(found: dict[int, dict[str, Taken]]) -> bool:
    verdicts = []
    print(f"\n{'exports':62}{'ratio':>10}{'target':>10}")
    for size, ways in found.items():
        for own, other, target in (
            ("sheet writer alone", "openpyxl alone", WRITER_TARGET),
            ("export", "read, then openpyxl", EXPORT_TARGET),
        ):
            ratio = ways[own].speed / ways[other].speed
            name = f"{own}: rows/s to those of {other}, {size:,} requests"
            verdicts.append(_line(name, ratio, f">= {target}", ratio >= target))
    peaks = {size: ways["export"].peak_mb for size, ways in found.items()}
    largest = max(peaks)
    name = f"export: peak memory in MB, {largest:,} requests"
    verdicts.append(_line(name, peaks[largest], f"< {MEMORY_TARGET}", peaks[largest] < MEMORY_TARGET))
    if largest == SIZES[-1] and largest // 10 in peaks:
        growth = peaks[largest] / peaks[largest // 10]
        name = f"export: peak memory to that of {largest // 10:,} requests"
        verdicts.append(_line(name, growth, f"<= {FLAT}", growth <= FLAT))
    return all(verdicts)


def _line(name: str, value: float, target: str, met: bool) -> bool:
    print(f"{name:62}{value:10.2f}{target:>10}{'' if met else '   MISSED'}")
    return met


def _measure(size: int) -> dict[str, Taken]:
    with DynamoDBLocal() as engine:
        tables = create_tables(dynamodb_client(engine.endpoint_url))
        _generate(engine.endpoint_url, tables["REQUESTS_TABLE"], size)
        for _ in range(WARM_UP if size <= SIZES[0] else 1):
            _run("read alone", size, engine.endpoint_url, tables)
        return {way: _run(way, size, engine.endpoint_url, tables) for way in WAYS}


def _run(way: str, size: int, endpoint_url: str, tables: dict[str, str]) -> Taken:
    asked = json.dumps({"way": way, "size": size, "endpoint_url": endpoint_url, "tables": tables})
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.export_worker", asked],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Taken(**json.loads(done.stdout.splitlines()[-1]))


def _generate(endpoint_url: str, table: str, size: int) -> None:
    """Put requests of all tables, spread over the last days, straight into the log's table."""
    pool = urllib3.PoolManager(maxsize=4)
    headers = {
        "X-Amz-Target": "DynamoDB_20120810.BatchWriteItem",
        "Content-Type": "application/x-amz-json-1.0",
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/sa-east-1/dynamodb/aws4_request, "
        "SignedHeaders=host, Signature=0",
    }

    def write(batch: list[dict[str, Any]]) -> None:
        body = json.dumps({"RequestItems": {table: [{"PutRequest": {"Item": item}} for item in batch]}})
        answer = pool.request("POST", endpoint_url, body=body, headers=headers)
        assert answer.status == 200, answer.data
        assert not json.loads(answer.data)["UnprocessedItems"]

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, _batches(size)))


def _batches(size: int) -> Iterator[list[dict[str, Any]]]:
    shape = RequestLog("", Bodies(""), 15)
    items = (_item(shape, number, size) for number in range(size))
    while batch := list(islice(items, 25)):
        yield batch


def _item(shape: RequestLog, number: int, size: int) -> dict[str, Any]:
    """Shape a finished request as the log itself stores it."""
    at = UNTIL - timedelta(days=6) * (size - number) / size
    request, response = bodies(number)
    entry = entry_of(number, NAMES[number % len(NAMES)], at)
    [item] = stored_items(shape, entry, request, response)
    for part in ("request", "response"):
        item[part] = {"B": base64.b64encode(item[part]["B"]).decode()}
    return item
