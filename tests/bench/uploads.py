"""A bulk upload beside the same lines sent in requests of a thousand: the same rules, the same store.

Each way is a process of its own, so that its peak memory is its own, and takes turns with the other; all
write into one DynamoDB Local, each into tables of its own.
"""

import json
import os
import subprocess
import sys
from statistics import median
from typing import Final

from infra.local.dynamodb import DynamoDBLocal
from tests.conftest import dynamodb_client
from tests.support.tables import create_tables, drop_tables

LINES: Final = int(os.environ.get("LINES", "20000"))
TURNS: Final = 4 if LINES <= 50_000 else 1
"""Even, so that either way goes first as often: the engine gets faster as it goes."""
RATIO_TARGET: Final = 1.0
MEMORY_TARGET: Final = 250
POST, UPLOAD = "POST", "upload"


def measure_uploads() -> bool:
    """Measure, print and judge what a bulk upload takes."""
    found: dict[str, list[dict[str, float]]] = {POST: [], UPLOAD: []}
    with DynamoDBLocal() as engine:
        for way in (POST, UPLOAD):
            _taken(way, min(LINES, 10_000), engine.endpoint_url)  # until the engine, a Java program, is warm
        for turn in range(TURNS):
            for way in (POST, UPLOAD) if turn % 2 else (UPLOAD, POST):
                found[way].append(_taken(way, LINES, engine.endpoint_url))
    return _judged(found)


def _taken(way: str, size: int, endpoint_url: str) -> dict[str, float]:
    client = dynamodb_client(endpoint_url)
    tables = create_tables(client)
    asked = {"way": way, "size": size, "endpoint_url": endpoint_url, "tables": tables}
    command = [sys.executable, "-m", "tests.bench.upload_worker", json.dumps(asked)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    drop_tables(client, tables)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _judged(found: dict[str, list[dict[str, float]]]) -> bool:
    print(f"\n{LINES:,} lines of about 500 bytes, all of them new")
    print(f"{'':32}{'records/s':>12}{'peak MB':>10}")
    seconds = {way: median(one["seconds"] for one in taken) for way, taken in found.items()}
    peaks = {way: max(one["peak_mb"] for one in taken) for way, taken in found.items()}
    for way in found:
        print(f"{way:32}{LINES / seconds[way]:>12,.0f}{peaks[way]:>10.0f}")
    # Within each turn, so that one slowed by the machine counts no more than any other.
    turns = zip(found[POST], found[UPLOAD], strict=True)
    ratio = median(post["seconds"] / upload["seconds"] for post, upload in turns)
    met, flat = ratio >= RATIO_TARGET, peaks[UPLOAD] < MEMORY_TARGET
    verdict = "met" if met else "MISSED"
    print(f"records/s of an upload to those of POST: {ratio:.2f}, at least {RATIO_TARGET}: {verdict}")
    print(f"less than {MEMORY_TARGET} MB: {'met' if flat else 'MISSED'}")
    return met and flat
