"""Print what the product costs beside bare calls: `python -m tests.bench`, or with names of what to measure.

Everything is measured in one run on one DynamoDB Local, in turns, so that a busy machine slows all alike:
read the ratios, not the times. Returns 1 when a ratio misses its target.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.local.dynamodb import DynamoDBLocal
from tests.bench.exports import measure_exports
from tests.bench.report import print_costs, print_ratios, print_times
from tests.bench.rounds import measure
from tests.bench.tasks import COMPARISONS, RECORDS, costs, tasks
from tests.bench.uploads import measure_uploads
from tests.bench.views import measure_views
from tests.conftest import dynamodb_client
from tests.support.tables import create_tables
from tests.support.world import World, build_world

REPETITIONS = 15


@contextmanager
def quiet_world() -> Iterator[tuple[World, dict[str, str]]]:
    """Build the app on a DynamoDB Local of its own; answers it and its tables' names."""
    with DynamoDBLocal() as engine, pytest.MonkeyPatch.context() as patch:
        tables = create_tables(dynamodb_client(engine.endpoint_url))
        for world in build_world(patch, engine.endpoint_url, tables, LOG_LEVEL="CRITICAL"):
            yield world, tables


def main() -> int:
    wanted = sys.argv[1:] or ["deliveries", "exports", "views", "uploads"]
    met = True
    if "deliveries" in wanted:
        met = measure_deliveries()
    if "exports" in wanted:
        met = measure_exports() and met
    if "views" in wanted:
        met = measure_views() and met
    if "uploads" in wanted:
        met = measure_uploads() and met
    return 0 if met else 1


def measure_deliveries() -> bool:
    """Measure, print and judge what deliveries and the load stage take."""
    with quiet_world() as (world, tables):
        times = measure(tasks(world, tables), REPETITIONS)
        print_times(times, RECORDS)
        met = print_ratios(COMPARISONS, times)
        print_costs(costs(world, tables))
    return met


if __name__ == "__main__":
    sys.exit(main())
