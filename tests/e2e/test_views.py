"""Views of a real PostgreSQL, read by the deployed stack: workers are killed, and so is the server."""

import random
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from chalicelib import wiring
from infra.local.erp import views
from infra.local.erp.data import Dataset, generate
from tests.e2e.test_kills import differences, slice_at_work
from tests.support.digest import counters, staged_records
from tests.support.erp_database import ErpDatabase
from tests.support.servers import Server
from tests.support.stack import Stack, until

KILLS = 10
TABLES = ("vendedor", "empresa", "contato", "nota", "itens_nota")


@pytest.fixture(scope="module")
def data() -> Dataset:
    return generate("tiny", seed=3, today=date(2026, 11, 20))


@pytest.fixture(scope="module")
def source(postgresql: Server, data: Dataset) -> dict[str, Any]:
    """The demo ERP's views on a real server, as an integration is told of them."""
    database = ErpDatabase.on(postgresql)
    tables = views.fill(database.owner, data.ledger.live)
    return {**database.source(), "tables": {name: tables[name] for name in TABLES}}


def reader(stack: Stack, name: str, source: dict[str, Any]) -> str:
    """Create an integration that reads the source."""
    integration_id, _ = stack.new_integration(name, integration_type="view")
    stack.api().put(f"/v1/integrations/{integration_id}/view-source", source)
    return integration_id


def state(stack: Stack, integration_id: str) -> dict[str, Any]:
    """Describe what was read; how often a page was read again is told in the run's log alone."""
    found: dict[str, Any] = {}
    with stack.inside():
        for table in TABLES:
            staged = staged_records(integration_id, table)
            found[table] = [(one.key, one.data, one.deleted, one.rejection) for one in staged]
            counted = counters(integration_id, table)
            assert (counted.records, counted.rejected) == (len(staged), 0), table
            assert counted.bytes == sum(one.size for one in staged), table
    return found


@pytest.fixture(scope="module")
def undisturbed(stack: Stack, source: dict[str, Any]) -> dict[str, Any]:
    """What reading leaves behind that nobody disturbs."""
    integration_id = reader(stack, "undisturbed views", source)
    extracted(stack, integration_id, stack.start_run(integration_id))
    return state(stack, integration_id)


def extracted(stack: Stack, integration_id: str, run_id: str) -> None:
    """Wait until everything is read, and end the run: other tests are about what it does with it."""

    def look() -> bool | None:
        run = stack.run(integration_id, run_id)
        # While it goes on, it may still show why the last try failed.
        assert run["status"] != "error", run["error"]
        return True if run["stages"][0]["status"] == "done" else None

    until(look, 240, "it is still reading")
    stack.api().post(f"/v1/integrations/{integration_id}/runs/{run_id}/cancel", {})
    stack.ended(integration_id, run_id)


def extracting(integration_id: str) -> bool:
    found = wiring.runs().state(integration_id).run
    return found is not None and found.extracts


def test_killed_readers_and_a_killed_server_leave_the_same_state(
    stack: Stack, source: dict[str, Any], postgresql: Server, undisturbed: dict[str, Any]
) -> None:
    integration_id = reader(stack, "killed views", source)
    run_id = stack.start_run(integration_id)
    with stack.inside():
        until(lambda: rows_read(integration_id) > 1_000 or None, 60, "no rows were read")
        postgresql.kill()
        time.sleep(3)
        assert extracting(integration_id), "it fell in the middle"
        postgresql.start()
        assert kill_often(stack, integration_id, random.Random(4)) == KILLS
    extracted(stack, integration_id, run_id)
    assert differences(state(stack, integration_id), undisturbed) == []


def kill_often(stack: Stack, integration_id: str, chance: random.Random) -> int:
    """Kill the reader again and again, each time while it works on a slice; answers how often.

    In the middle it gets on: a dozen that die in a row, before they saved a step, end a run.
    """
    killed = 0
    seen: tuple[int, str] | None = None
    while killed < KILLS and extracting(integration_id):
        if killed == KILLS // 2:
            until(got_on(integration_id), 60, f"stuck after {killed} kills")
        seen = until(another(integration_id, seen), 60, f"no slice after {killed} kills")
        time.sleep(chance.uniform(0, 0.6))
        stack.kill("ExtractViewsName")
        killed += slice_at_work(integration_id) == seen
    return killed


def another(integration_id: str, seen: tuple[int, str] | None) -> Callable[[], tuple[int, str] | None]:
    def look() -> tuple[int, str] | None:
        found = slice_at_work(integration_id)
        return found if found != seen else None

    return look


def got_on(integration_id: str) -> Callable[[], bool | None]:
    before = rows_read(integration_id)
    return lambda: rows_read(integration_id) > before or not extracting(integration_id) or None


def rows_read(integration_id: str) -> int:
    found = wiring.runs().state(integration_id).run
    return found.stages[0].processed if found else 0


def test_the_api_tests_a_source_where_databases_can_be_reached(
    stack: Stack, source: dict[str, Any], data: Dataset
) -> None:
    integration_id = reader(stack, "tested views", source)
    path = f"/v1/integrations/{integration_id}/view-source"
    report = stack.api().post(f"{path}/test", {})
    assert report["ok"], report
    rows = {one["table"]: one["rows"] for one in report["tables"]}
    assert rows == {table: len(data.ledger.live[table]) for table in TABLES}
    wrong = {**source, "connection_string": source["connection_string"].replace("reader:", "reader:x")}
    report = stack.api().post(f"{path}/test", wrong)
    assert [one["code"] for one in report["problems"]] == ["view_login_refused"]
    stored = stack.client("secretsmanager").list_secrets()["SecretList"]
    names = [one["Name"] for one in stored if one["Name"].endswith(f"/views/{integration_id}")]
    assert names == [stack.api().get(path)["connection_secret"]]
