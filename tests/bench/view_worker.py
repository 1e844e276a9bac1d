"""One way of bringing a view's rows into DynamoDB, in a process of its own; prints what it took as JSON."""

import json
import os
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chalicelib import view_wiring, wiring
from chalicelib.domain.errors import Conflict, Stale
from chalicelib.domain.integrations import Integration
from chalicelib.domain.runs import Run
from chalicelib.domain.view_source import ViewSource, ViewTable
from chalicelib.services.run_parts import slice_message
from chalicelib.services.sync_runs import SyncRuns
from chalicelib.storage import bulk, connection, keys
from tests.bench.disk import DiskFiles
from tests.bench.export_worker import _peak_mb
from tests.support.environment import environment_of

TABLE, VIEW = "empresa", "v_empresa"
FETCH, THREADS = 1_000, 16
INTEGRATION = "benchbenchbe"


def main() -> None:
    asked = json.loads(sys.argv[1])
    os.environ |= environment_of(asked["endpoint_url"], asked["tables"])
    connection.client()
    with tempfile.TemporaryDirectory() as folder:
        seconds, rows = _WAYS[asked["way"]](asked, Path(folder))
    assert rows == asked["size"], f"{rows} rows"
    print(json.dumps({"seconds": seconds, "rows": rows, "peak_mb": _peak_mb()}))


def _extract(asked: dict[str, Any], folder: Path) -> tuple[float, int]:
    """Let the product's own extract stage do it, slice by slice, with its request log and all."""
    files = DiskFiles(folder)
    queue: deque[dict[str, Any]] = deque()

    class Queue:
        def send(self, message: dict[str, Any], delay_seconds: int = 0) -> None:
            queue.append(message)

    source = ViewSource("postgresql", "secret", "require", "UTC", 30, {TABLE: ViewTable(view=VIEW)})
    now = datetime.now(UTC)
    integration = Integration(INTEGRATION, "tenant", "Bench", integration_type="view", active=True)
    with suppress(Conflict, Stale):  # the second time they are there
        wiring.integrations().add(integration, now)
        view_wiring.sources().save(INTEGRATION, source, 0)
    wiring.files = lambda: files  # type: ignore[assignment]
    wiring.bodies = lambda: files  # type: ignore[assignment]
    parts = replace(
        wiring.run_parts(),
        queue=Queue(),
        views_queue=Queue(),
        views=replace(view_wiring.view_parts(), open=lambda one: view_wiring.opened(one, asked["address"])),
    )
    return _work_off(SyncRuns(parts, wiring.run_starts()), queue, now)


def _work_off(runs: SyncRuns, queue: "deque[dict[str, Any]]", now: datetime) -> tuple[float, int]:
    """Run until the stage is over; answers its seconds and rows."""
    stamp = now.isoformat()
    run = Run(
        f"{now:%Y%m%dT%H%M%S}Z-m", "tenant", INTEGRATION, "manual", now, stamp[:10], stamp, reads_views=True
    )
    wiring.runs().begin(run, now, 300)
    queue.append(slice_message(run))
    started = time.perf_counter()
    while True:
        runs.advance(queue.popleft(), "worker")
        state = wiring.runs().state(INTEGRATION).run
        assert state, "the run is on"
        if not state.extracts:
            seconds = time.perf_counter() - started
            wiring.runs().claim(state.run_id, INTEGRATION, "end", state.hop, datetime.now(UTC), 60)
            wiring.runs().finish(replace(state, status="success", finished_at=datetime.now(UTC)), "end")
            return seconds, state.stages[0].processed


def _rows(asked: dict[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
    """Read with the driver alone."""
    import psycopg

    with psycopg.connect(asked["address"]) as opened, opened.cursor(name="bare") as cursor:
        cursor.execute(f"SELECT * FROM {VIEW} ORDER BY codigo")
        while rows := cursor.fetchmany(FETCH):
            yield rows


def _bare(
    asked: dict[str, Any], folder: Path, write: Callable[[Any, list[Any]], Any] | None = None
) -> tuple[float, int]:
    """Loop: fetch rows, make an item of each, put 25 a call."""
    client, table = connection.client(), asked["tables"]["RECORDS_TABLE"]
    names: list[str] = asked["names"]
    started, count = time.perf_counter(), 0

    def put(batch: list[dict[str, Any]]) -> None:
        client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item}} for item in batch]})

    for rows in _rows(asked):
        items = [
            {
                **bulk.key(keys.records("bare", asked["way"], keys.bucket(row[0])), row[0]),
                "doc": bulk.text(
                    json.dumps(dict(zip(names, row, strict=True)), default=str, ensure_ascii=False)
                ),
            }
            for row in rows
        ]
        batches = [items[at : at + 25] for at in range(0, len(items), 25)]
        if write:
            write(put, batches)
        else:
            for batch in batches:
                put(batch)
        count += len(rows)
    return time.perf_counter() - started, count


def _bare_parallel(asked: dict[str, Any], folder: Path) -> tuple[float, int]:
    with ThreadPoolExecutor(THREADS) as pool:
        return _bare(asked, folder, lambda put, batches: list(pool.map(put, batches)))


_WAYS = {
    "bare loop": _bare,
    "bare loop, 16 threads": _bare_parallel,
    "extract, all rows new": _extract,
    "extract, all rows known": _extract,
}

if __name__ == "__main__":
    main()
