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
from tests.support.digest import counters, digest, recounted
from tests.support.erp_database import ErpDatabase
from tests.support.servers import Server
from tests.support.stack import Stack, until

KILLS = 10
TABLES = ("vendedor", "fornecedor", "empresa", "contato", "nota", "itens_nota", "fatura")


@pytest.fixture(scope="module")
def data() -> Dataset:
    return generate("small", seed=3, today=date(2026, 11, 20))


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
    """Describe what is left; how often a page was read again is told in the run's log alone."""
    with stack.inside():
        found = digest(integration_id, TABLES)
        for table in TABLES:
            assert counters(integration_id, table) == recounted(integration_id, table), table
    del found["runs"]
    return found


@pytest.fixture(scope="module")
def undisturbed(stack: Stack, source: dict[str, Any]) -> dict[str, Any]:
    """What a run leaves behind that nobody disturbs."""
    integration_id = reader(stack, "undisturbed views", source)
    run = stack.ended(integration_id, stack.start_run(integration_id))
    assert (run["status"], run["error"]) == ("success", None)
    return state(stack, integration_id)


def extracting(integration_id: str) -> bool:
    found = wiring.runs().state(integration_id).run
    return found is not None and found.extracts


def test_a_reader_killed_ten_times_leaves_the_same_state(
    stack: Stack, source: dict[str, Any], undisturbed: dict[str, Any]
) -> None:
    integration_id = reader(stack, "killed views", source)
    run_id = stack.start_run(integration_id)
    killed, chance = 0, random.Random(4)
    seen: tuple[int, str] | None = None
    with stack.inside():
        while killed < KILLS and extracting(integration_id):
            seen = until(another(integration_id, seen), 60, f"no slice after {killed} kills")
            time.sleep(chance.uniform(0, 0.6))
            stack.kill("ExtractViewsName")
            killed += slice_at_work(integration_id) == seen
    assert killed == KILLS
    run = stack.ended(integration_id, run_id, 240)
    assert (run["status"], run["error"]) == ("success", None)
    assert differences(state(stack, integration_id), undisturbed) == []


def another(integration_id: str, seen: tuple[int, str] | None) -> Callable[[], tuple[int, str] | None]:
    def look() -> tuple[int, str] | None:
        found = slice_at_work(integration_id)
        return found if found != seen else None

    return look


def test_a_server_killed_in_the_middle_and_started_again_costs_nothing(
    stack: Stack, source: dict[str, Any], postgresql: Server, undisturbed: dict[str, Any]
) -> None:
    integration_id = reader(stack, "a server that falls", source)
    run_id = stack.start_run(integration_id)
    with stack.inside():
        until(lambda: some_rows(integration_id), 60, "no rows were read")
        postgresql.kill()
        time.sleep(3)
        assert extracting(integration_id), "it fell in the middle"
        postgresql.start()
    run = stack.ended(integration_id, run_id, 240)
    assert (run["status"], run["error"]) == ("success", None)
    assert differences(state(stack, integration_id), undisturbed) == []


def some_rows(integration_id: str) -> bool | None:
    found = wiring.runs().state(integration_id).run
    return True if found and found.stages[0].processed > 5_000 else None


def test_a_server_that_stays_away_ends_the_run_and_says_which(
    stack: Stack, source: dict[str, Any], postgresql: Server
) -> None:
    address = postgresql.address.replace(f":{postgresql.port}/", ":9/")
    integration_id = reader(stack, "a server that is not there", {**source, "connection_string": address})
    run = stack.ended(integration_id, stack.start_run(integration_id), 240)
    assert (run["status"], run["error"]["code"]) == ("error", "view_host_unreachable")
    assert "127.0.0.1:9/erp" in run["error"]["message"]


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
