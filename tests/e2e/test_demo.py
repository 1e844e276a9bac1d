"""`make run` as its user runs it: from nothing to a sync that the scheduler fired, and again."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from infra.local.client import Api, ApiError
from infra.local.demo import SEED
from infra.local.erp.data import Dataset, generate
from infra.package import ROOT
from tests.support.ports import free_port
from tests.support.stack import impossible

FIELDS = {
    "api_url",
    "page_url",
    "aws_endpoint_url",
    "region",
    "stack_name",
    "tenant_id",
    "integration_id",
    "erp_key",
    "admin_token",
    "viewer_token",
    "other_tenant",
}
SECONDS = 600


@dataclass
class Place:
    """A clean folder for the local AWS's data, and a port."""

    directory: Path
    port: int
    first_words: str = ""

    def make(self, target: str) -> str:
        """Run make; answers what it printed. It must succeed."""
        environment = {**os.environ, "LOCAL_DIRECTORY": str(self.directory)}
        done = subprocess.run(
            ["make", "--no-print-directory", target, f"PORT={self.port}", "SIZE=tiny"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def stack(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.directory / "stack.json").read_text())
        return found

    @property
    def viewer(self) -> Api:
        return Api(self.stack["api_url"], self.stack["viewer_token"])

    @property
    def path(self) -> str:
        return f"/v1/integrations/{self.stack['integration_id']}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The demo, run once from nothing."""
    if lack := impossible():
        pytest.skip(lack)
    found = Place(tmp_path_factory.mktemp("demo"), free_port())
    try:
        found.first_words = found.make("run")
        yield found
    finally:
        found.make("stop")


@pytest.fixture(scope="module")
def truth(place: Place) -> Dataset:
    """What the ERP holds, by the generator's own account."""
    kept = json.loads((place.directory / "demo.json").read_text())
    return generate(kept["size"], SEED, today=date.fromisoformat(kept["today"]))


def test_it_writes_everything_that_others_need_to_call_the_stack(place: Place) -> None:
    assert place.stack.keys() >= FIELDS
    assert place.stack["other_tenant"].keys() >= {"integration_id", "erp_key", "admin_token"}
    assert (place.directory / "stack.json").stat().st_mode & 0o077 == 0


def test_the_sync_was_fired_by_the_scheduler_at_the_configured_time(place: Place) -> None:
    integration = place.viewer.get(place.path)
    runs = place.viewer.get(f"{place.path}/runs")["items"]
    assert [(run["trigger"], run["status"]) for run in runs] == [("schedule", "partial")]
    started = datetime.fromisoformat(runs[0]["started_at"])
    local = started.astimezone(ZoneInfo(integration["schedule"]["timezone"]))
    assert f"{local:%H:%M}" == integration["schedule"]["time"]
    following = datetime.fromisoformat(integration["next_run_at"])
    assert timedelta(hours=22) < following - started < timedelta(hours=26)


def test_it_prints_counts_per_table_and_stage_and_the_curve(place: Place, truth: Dataset) -> None:
    words = place.first_words
    for table, counts in truth.expected.tables.items():
        line = next(one for one in words.splitlines() if one.split()[:1] == [table])
        assert f"{counts.live:,}" in line.split()
    for stage in ("extract", "load", "analyse", "update", "categorise", "finish"):
        assert f"{stage} " in words
    assert f"{place.viewer.get(place.path + '/abc')['totals']['revenue']}" in words.replace(",", "")
    assert place.stack["page_url"] in words


def test_the_tables_hold_what_the_erp_has(place: Place, truth: Dataset) -> None:
    tables = place.viewer.get(f"{place.path}/tables")["items"]
    found = {one["table"]: (one["records"], one["rejected"], one["pending"]) for one in tables}
    wanted = {
        table: (counts.live, counts.rejected + counts.keyless, 0)
        for table, counts in truth.expected.tables.items()
    }
    assert found == wanted


def test_revenue_and_classes_equal_an_independent_computation(place: Place, truth: Dataset) -> None:
    abc = place.viewer.get(f"{place.path}/abc")
    expected = truth.expected.abc(date.fromisoformat(abc["as_of"]), abc["window_months"])
    assert Decimal(abc["totals"]["revenue"]) == expected.total
    customers = list(place.viewer.items(f"{place.path}/customers"))
    classes = {(one["kind"], one["codigo"]): one["abc_class"] for one in customers}
    revenue = {(one["kind"], one["codigo"]): Decimal(one["revenue"]) for one in customers}
    assert classes == expected.classes
    assert revenue == expected.revenue
    assert len(customers) == len(classes), "each is listed once"


def test_the_proof_finds_what_the_erp_did_wrong_and_nothing_else(place: Place, truth: Dataset) -> None:
    [report] = place.viewer.get(f"{place.path}/completeness/reports")["items"]
    refused = sum(counts.rejected + counts.keyless for counts in truth.expected.tables.values())
    live = sum(counts.live for counts in truth.expected.tables.values())
    assert (report["status"], report["verdict"], report["records"]) == ("done", "incomplete", live)
    orphans = place.viewer.items(
        f"{place.path}/completeness/reports/{report['report_id']}/findings?kind=orphan"
    )
    found = {(one["table"], one["key"], *one["details"].values()) for one in orphans}
    assert found == {tuple(one) for one in truth.expected.orphans}
    assert report["findings"] == {"rejected": refused, "orphan": len(found)}
    tables = place.viewer.get(f"{place.path}/completeness")["tables"]
    assert {one["status"] for one in tables} <= {"equal", "rejected"}


def test_every_company_has_one_category_and_one_portfolio(place: Place, truth: Dataset) -> None:
    customers = place.viewer.items(f"{place.path}/customers")
    companies = {one["codigo"]: one for one in customers if one["kind"] == "empresa"}
    assert {codigo for kind, codigo in truth.expected.clients if kind == "empresa"} <= companies.keys()
    without = [one for one in companies.values() if not (one["category"] and one["portfolio"])]
    assert without == []


def test_the_other_tenant_sees_nothing_of_it(place: Place) -> None:
    other = Api(place.stack["api_url"], place.stack["other_tenant"]["admin_token"])
    with pytest.raises(ApiError) as refused:
        other.get(place.path)
    assert refused.value.status == 404
    assert [one["integration_id"] for one in other.items("/v1/integrations")] == [
        place.stack["other_tenant"]["integration_id"]
    ]


@pytest.mark.parametrize("stopped", [False, True], ids=["running", "stopped"])
def test_run_again_it_finds_stack_and_data_as_they_were(place: Place, stopped: bool) -> None:
    before, runs = place.stack, place.viewer.get(f"{place.path}/runs")
    if stopped:
        place.make("stop")
    words = place.make("run")
    assert "ran before" in words
    assert "pushed" not in words
    kept = ("api_url", "integration_id", "erp_key")
    assert [place.stack[name] for name in kept] == [before[name] for name in kept]
    assert place.viewer.get(f"{place.path}/runs") == runs
