"""One way of bringing a file's lines into the intermediate database, in a process of its own.

Prints what it took as JSON. The file is on disk, as is the bucket, so that neither counts as memory.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.storage import bodies, files
from tests.bench.disk import DiskFiles
from tests.bench.export_worker import _peak_mb
from tests.bench.tasks import TABLE, empresa
from tests.support.uploads import deliver, event_of
from tests.support.world import World, build_world

BATCH = 1_000


def main() -> None:
    asked = json.loads(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        disk = DiskFiles(Path(folder))
        source = Path(folder) / "lines"
        _write(source, asked["size"])
        building = contextmanager(build_world)
        with building(patch, asked["endpoint_url"], asked["tables"], LOG_LEVEL="CRITICAL") as world:
            patch.setattr(files, "Files", lambda bucket: disk)
            patch.setattr(bodies, "Bodies", lambda bucket: disk)
            seconds = _WAYS[asked["way"]](world, disk, source)
            found = wiring.records().counters(world.integration_id)[TABLE].records
            peak = _peak_mb()
    assert found == asked["size"], f"{found} records"
    print(json.dumps({"seconds": seconds, "rows": found, "peak_mb": peak}))


def _write(source: Path, size: int) -> None:
    with source.open("w", encoding="utf-8") as file:
        for key in range(size):
            file.write(json.dumps(empresa(key, 1), ensure_ascii=False) + "\n")


def _post(world: World, disk: DiskFiles, source: Path) -> float:
    """Send the lines in requests of a thousand, one after the other."""
    headers = {"Content-Type": "application/x-ndjson"}
    started = time.perf_counter()
    for body in _bodies(source):
        answer = world.call("POST", f"/v1/erp/{TABLE}", body, token=world.erp_key, headers=headers)
        assert answer.status == 200, answer.body
    return time.perf_counter() - started


def _bodies(source: Path) -> Iterator[bytes]:
    with source.open("rb") as file:
        while body := b"".join(islice(file, BATCH)):
            yield body


def _upload(world: World, disk: DiskFiles, source: Path) -> float:
    """Send the lines in one file, and let it be checked and imported slice by slice."""
    with source.open("rb") as file:
        sha256 = file_digest(file, "sha256").hexdigest()
    facts: dict[str, Any] = {"format": "ndjson", "bytes": source.stat().st_size, "sha256": sha256}
    started = time.perf_counter()
    asked = world.call("POST", f"/v1/erp/{TABLE}/uploads", facts, token=world.erp_key)
    assert asked.status == 201, asked.body
    upload_id = asked.body["upload_id"]
    disk.take(f"uploads/{world.integration_id}/{upload_id}", source, sha256)
    assert deliver(world, event_of(world, upload_id))
    while world.onboarding_queue.messages:
        assert deliver(world, world.onboarding_queue.messages.popleft())
    spent = time.perf_counter() - started
    done = world.call("GET", f"/v1/erp/uploads/{upload_id}", token=world.erp_key).body
    assert (done["status"], done["rejected"]) == ("done", 0), done
    return spent


_WAYS: dict[str, Callable[[World, DiskFiles, Path], float]] = {"POST": _post, "upload": _upload}

if __name__ == "__main__":
    main()
