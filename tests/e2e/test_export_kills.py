"""Exports on the deployed stack: workers killed in the middle, and the file behind its real link."""

import random
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import urllib3
from python_calamine import CalamineWorkbook

from chalicelib import export_wiring, wiring
from chalicelib.adapters.queue import Queue
from chalicelib.domain.request_log import RequestEntry, new_id
from chalicelib.domain.values import instant_text
from chalicelib.settings import settings
from chalicelib.storage import bulk, keys
from tests.support.history import stored_items
from tests.support.stack import Stack, until

TABLES = ("empresa", "itens_nota", "nota")
REQUESTS = 9_000
KILLS = 3


@pytest.fixture(scope="module")
def sent(stack: Stack) -> dict[str, list[str]]:
    """Requests of three days, put straight into the log; answers their ids by table, and the integration."""
    integration_id, _ = stack.new_integration("exported")
    noise = random.Random(1)
    now = datetime.now(UTC)
    ids: dict[str, list[str]] = {table: [] for table in TABLES}
    items: list[Any] = []
    with stack.inside():
        log = wiring.request_log()
        for number in range(REQUESTS):
            at = now - timedelta(days=3) + number * timedelta(days=3) / REQUESTS
            entry = entry_of(integration_id, TABLES[number % 3], at)
            ids[entry.table].append(entry.request_id)
            items += stored_items(log, entry, noise.randbytes(600).hex().encode(), b'{"errors":[]}')
        bulk.write_many(stack.outputs["RequestsTable"], items)
    return {**ids, "integration": [integration_id]}


def entry_of(integration_id: str, table: str, at: datetime) -> RequestEntry:
    return RequestEntry(
        request_id=new_id(table, at),
        integration_id=integration_id,
        table=table,
        at=instant_text(at),
        method="POST",
        path=f"/v1/erp/{table}",
        status=200,
        duration_ms=5,
        counts={"received": 1, "created": 1, "rejected": 0},
    )


def ask(stack: Stack, integration_id: str) -> str:
    now = datetime.now(UTC)
    period = {"from": instant_text(now - timedelta(days=4)), "to": instant_text(now)}
    path = f"/v1/integrations/{integration_id}/exports"
    return str(stack.api().post(path, {**period, "tables": list(TABLES)})["export_id"])


def ended(stack: Stack, integration_id: str, export_id: str) -> dict[str, Any]:
    path = f"/v1/integrations/{integration_id}/exports/{export_id}"

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = stack.api().get(path)
        return found if found["status"] in {"done", "error"} else None

    return until(look, 240, "the export has not ended")


def ids_in(content: bytes) -> dict[str, list[str]]:
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {
        table: [str(row[12]) for row in book.get_sheet_by_name(table).to_python()[1:]] for table in TABLES
    }


def test_a_worker_killed_three_times_leaves_a_file_with_every_row_once(
    stack: Stack, sent: dict[str, list[str]]
) -> None:
    [integration_id] = sent["integration"]
    export_id = ask(stack, integration_id)
    kill_while_at_work(stack, integration_id, export_id)

    export = ended(stack, integration_id, export_id)

    assert (export["status"], export["rows"]) == ("done", REQUESTS)
    answer = urllib3.request("GET", export["url"])
    assert (answer.status, len(answer.data)) == (200, export["file_bytes"])
    assert export["filename"] in answer.headers["Content-Disposition"]
    assert ids_in(answer.data) == {table: sent[table] for table in TABLES}
    kept = stack.client("s3").list_objects_v2(Bucket=stack.outputs["BucketName"], Prefix="work/")
    assert [one["Key"] for one in kept.get("Contents", []) if export_id in one["Key"]] == []


def kill_while_at_work(stack: Stack, integration_id: str, export_id: str) -> None:
    """Kill the worker at random moments, each time while it works on the export."""
    chance = random.Random(3)
    killed = 0
    with stack.inside():
        while killed < KILLS:
            until(lambda: at_work(integration_id, export_id), 60, f"no slice after {killed} kills")
            time.sleep(chance.uniform(0, 0.5))
            killed += at_work(integration_id, export_id) is not None and stack.kill("BuildExportName") > 0
            found = export_wiring.exports().find(integration_id, export_id)
            assert found is not None
            assert found.status in {"queued", "running"}, f"ended after {killed} kills"


def at_work(integration_id: str, export_id: str) -> str | None:
    """Tell who works on the export; None while nobody does."""
    place = (keys.exports(integration_id), keys.export(export_id))
    [item] = bulk.get_many(settings().exports_table, [place])
    return str(item["owner"]["S"]) if "owner" in item else None


def test_an_undisturbed_one_has_the_same_rows_and_its_message_may_come_twice(
    stack: Stack, sent: dict[str, list[str]]
) -> None:
    [integration_id] = sent["integration"]
    export_id = ask(stack, integration_id)
    with stack.inside():
        found = export_wiring.exports().find(integration_id, export_id)
        assert found is not None
        message = {"tenant_id": found.tenant_id, "integration_id": integration_id, "export_id": export_id}
        for _ in range(2):
            Queue(stack.outputs["ExportsQueueUrl"]).send({**message, "hop": 0})
    export = ended(stack, integration_id, export_id)
    assert export["status"] == "done"
    assert ids_in(urllib3.request("GET", export["url"]).data) == {table: sent[table] for table in TABLES}
