"""One way of writing the log's requests, in a process of its own; prints what it took as JSON."""

import importlib
import json
import os
import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib import wiring
from chalicelib.domain.exports import Export
from chalicelib.domain.history import EVERYTHING, Period
from chalicelib.excel.history import COUNTS, columns_of
from chalicelib.excel.history_shell import HistoryBook
from chalicelib.excel.rows import Rows, serial
from chalicelib.i18n.texts import text
from chalicelib.services.export_job import ExportJob
from chalicelib.services.export_reading import chunks, look, pages
from chalicelib.services.job_chain import JobChain
from chalicelib.services.run_parts import Clockwork
from chalicelib.storage import connection
from chalicelib.storage.exports import Exports
from tests.bench.disk import DiskFiles
from tests.bench.export_samples import INTEGRATION, UNTIL, bodies, entry_of

ZONE = ZoneInfo("America/Sao_Paulo")
SAMPLES = 5_000
Row = Sequence[Any]


def main() -> None:
    asked = json.loads(sys.argv[1])
    os.environ |= {
        **asked["tables"],
        **dict.fromkeys(_UNUSED, "unused"),
        "AWS_ENDPOINT_URL_DYNAMODB": asked["endpoint_url"],
        "AWS_DEFAULT_REGION": "sa-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    importlib.import_module("openpyxl")  # work is compared, not a cold start
    connection.client()
    with tempfile.TemporaryDirectory() as folder:
        seconds, rows, size = _WAYS[asked["way"]](asked["size"], Path(folder))
    assert rows == asked["size"], f"{rows} rows"
    print(json.dumps({"rows": rows, "seconds": seconds, "peak_mb": _peak_mb(), "file_mb": size / 1e6}))


def _peak_mb() -> float:
    """Read the process's own peak; the one that getrusage tells begins with its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        assert found, "Linux tells the peak"
        return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _export() -> Export:
    period = Period(UNTIL - timedelta(days=6), UNTIL)
    now = UNTIL + timedelta(hours=1)
    return Export(
        job_id="export",
        tenant_id="tenant",
        integration_id=INTEGRATION,
        period=period,
        tables=EVERYTHING,
        language="pt-BR",
        masked=False,
        requested_by="admin",
        requested_at=now,
    )


def _by_export(size: int, folder: Path) -> tuple[float, int, int]:
    """Let the product's own job do it, slice by slice."""
    exports = Exports(os.environ["EXPORTS_TABLE"], os.environ["AUDIT_TABLE"])
    files = DiskFiles(folder)
    waiting: list[dict[str, Any]] = []
    integration = SimpleNamespace(name="Bench", schedule=SimpleNamespace(timezone=ZONE.key))
    job = ExportJob(
        integrations=SimpleNamespace(find=lambda *_: integration),  # type: ignore[arg-type]
        log=wiring.request_log(),
        files=files,  # type: ignore[arg-type]
        book=HistoryBook(text),
        background=wiring.background,
        now=lambda: datetime.now(UTC),
    )
    chain = JobChain(
        kind="export",
        jobs=exports,
        queue=SimpleNamespace(send=lambda message, delay=0: waiting.append(message)),
        clockwork=Clockwork(45, 150),
        now=job.now,
        worker=job,
    )
    started = time.perf_counter()
    export = exports.begin(_export(), "", lambda _: None)
    chain.send(export)
    while waiting:
        chain.advance(waiting.pop(), "worker")
    done = exports.find(INTEGRATION, "export")
    assert done, "the export is there"
    assert done.status == "done", done.failure
    return time.perf_counter() - started, done.rows, done.file_bytes


def _read() -> Iterator[Row]:
    """Read every request as the job does, and shape it as a row."""
    export = _export()
    log = wiring.request_log()
    export = replace(export, parts=look(log, wiring.background, export))
    for _, chunk in chunks(pages(log, wiring.background, export)):
        for logged, (request, response) in zip(chunk, log.bodies(chunk), strict=True):
            yield _row(logged.entry, request, response, datetime.fromisoformat(logged.entry.at))


def _row(entry: Any, request: bytes, response: bytes, at: datetime) -> Row:
    counts = [entry.counts[name] for name in COUNTS]
    local = at.astimezone(ZONE).replace(tzinfo=None)
    ids = (entry.duration_ms, entry.request_id, entry.key_name, entry.replay_of)
    shown = (*ids, request.decode(), response.decode())
    return (local, entry.method, entry.path, entry.status, "Sucesso", *counts, *shown)


def _read_then_openpyxl(size: int, folder: Path) -> tuple[float, int, int]:
    started = time.perf_counter()
    rows = _openpyxl(_read(), folder / "book.xlsx")
    return time.perf_counter() - started, rows, (folder / "book.xlsx").stat().st_size


def _read_alone(size: int, folder: Path) -> tuple[float, int, int]:
    started = time.perf_counter()
    rows = sum(1 for _ in _read())
    return time.perf_counter() - started, rows, 0


def _samples(size: int) -> Iterator[Row]:
    made = [_row(entry_of(at, "empresa", UNTIL), *bodies(at), UNTIL) for at in range(min(size, SAMPLES))]
    return (made[number % len(made)] for number in range(size))


def _writer_alone(size: int, folder: Path) -> tuple[float, int, int]:
    rows = [(serial(row[0]), *row[1:]) for row in _samples(min(size, SAMPLES))]
    started = time.perf_counter()
    writer = Rows([kind for _, kind, _ in columns_of("empresa")], continued=2)
    packed = 0
    for number in range(size):
        writer.add(rows[number % len(rows)])
        if writer.packed_size > 5_000_000:
            packed += sum(segment.size for segment, _ in writer.take())
    packed += sum(segment.size for segment, _ in writer.take())
    return time.perf_counter() - started, size, packed


def _openpyxl_alone(size: int, folder: Path) -> tuple[float, int, int]:
    rows = _samples(size)
    started = time.perf_counter()
    written = _openpyxl(rows, folder / "book.xlsx")
    return time.perf_counter() - started, written, (folder / "book.xlsx").stat().st_size


def _openpyxl(rows: Iterator[Row], path: Path) -> int:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    written = 0
    for row in rows:
        sheet.append(row)
        written += 1
    book.save(path)
    return written


_UNUSED = (
    *(
        "BUCKET",
        "RUNS_QUEUE_URL",
        "EXPORTS_QUEUE_URL",
        "ONBOARDING_QUEUE_URL",
        "PROOFS_QUEUE_URL",
        "SCHEDULE_GROUP",
        "SCHEDULE_TARGET_ARN",
    ),
    *("SCHEDULE_ROLE_ARN", "SCHEDULE_DLQ_ARN", "JWT_SECRET_ID", "KEY_PEPPER_SECRET_ID"),
)
_WAYS = {
    "export": _by_export,
    "read, then openpyxl": _read_then_openpyxl,
    "read alone": _read_alone,
    "sheet writer alone": _writer_alone,
    "openpyxl alone": _openpyxl_alone,
}

if __name__ == "__main__":
    main()
