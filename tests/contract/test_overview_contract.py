from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.integrations import Integration
from chalicelib.domain.runs import Run, State
from chalicelib.storage.integrations import Integrations
from chalicelib.storage.overview import Overview
from chalicelib.storage.runs import Runs
from tests.support.calls import counted


@pytest.fixture
def overview(engine: Any) -> Overview:
    return Overview(engine.tables["INTEGRATIONS_TABLE"], engine.tables["RUNS_TABLE"])


@pytest.fixture
def integration(engine: Any, here: str) -> Integration:
    one = Integration(here, "tenant-a", "Distribuidora")
    Integrations(engine.tables["INTEGRATIONS_TABLE"]).add(one, datetime(2026, 7, 1, tzinfo=UTC))
    return one


def test_an_integration_and_its_runs_are_read_in_one_call(
    overview: Overview, runs: Runs, integration: Integration
) -> None:
    now = datetime(2026, 7, 1, tzinfo=UTC)
    run = Run("run-1", "tenant-a", integration.integration_id, "manual", now, "2026-07-01", "2026-07-01")
    runs.begin(run, now, 60)
    with counted() as calls:
        watched, state = overview.find("tenant-a", integration.integration_id) or (None, None)
    assert watched
    assert (watched.integration, state) == (integration, State(run=run))
    assert calls.by_operation == {"BatchGetItem": 1}


def test_an_integration_that_never_ran_has_a_blank_state(
    overview: Overview, integration: Integration
) -> None:
    watched, state = overview.find("tenant-a", integration.integration_id) or (None, None)
    assert watched
    assert (watched.integration, state) == (integration, State())


def test_another_tenant_finds_nothing(overview: Overview, integration: Integration) -> None:
    assert overview.find("tenant-b", integration.integration_id) is None
