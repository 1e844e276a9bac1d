"""Print what the product costs beside bare calls for the same work: `python -m tests.bench [repetitions]`.

Everything is measured in one run on one DynamoDB Local, in turns, so that a busy machine slows all alike:
read the ratios, not the times. Returns 1 when a ratio misses its target.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.local.dynamodb import DynamoDBLocal
from tests.bench.report import print_costs, print_ratios, print_times
from tests.bench.rounds import measure
from tests.bench.tasks import COMPARISONS, RECORDS, costs, tasks
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
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else REPETITIONS
    with quiet_world() as (world, tables):
        times = measure(tasks(world, tables), repetitions)
        print_times(times, RECORDS)
        met = print_ratios(COMPARISONS, times)
        print_costs(costs(world, tables))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
