"""One DynamoDB connection for the process, shared by the PynamoDB models and the bulk calls.

PynamoDB would build a client for each model, and each costs a cold start about 100 ms.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

from pynamodb.connection import Connection
from pynamodb.connection.table import TableConnection
from pynamodb.models import Model

PARALLEL_CALLS = 16

Job = TypeVar("Job")
Answer = TypeVar("Answer")


@cache
def shared() -> Connection:
    """Open the process's connection; region and endpoint come from the standard AWS variables."""
    return Connection(
        max_pool_connections=PARALLEL_CALLS * 2,
        connect_timeout_seconds=3,
        read_timeout_seconds=15,
        retry_configuration={"total_max_attempts": 6, "mode": "standard"},
    )


@cache
def pool() -> ThreadPoolExecutor:
    """Threads for calls that go out in parallel."""
    return ThreadPoolExecutor(PARALLEL_CALLS, thread_name_prefix="dynamodb")


def client() -> Any:
    """Hand out the botocore client for bulk calls, which PynamoDB would send one after another."""
    return shared().client


def parallel(call: Callable[[Job], Answer], jobs: Iterable[Job]) -> list[Answer]:
    """Run the calls side by side; the first error is raised after every call has ended."""
    waiting = list(jobs)
    if len(waiting) < 2:
        return [call(job) for job in waiting]
    return gather([pool().submit(call, job) for job in waiting])


def gather(futures: Iterable["Future[Answer]"]) -> list[Answer]:
    """Wait for all; the first error is raised only after every call has ended."""
    waiting = list(futures)
    errors = [error for future in waiting if (error := future.exception())]
    if errors:
        raise errors[0]
    return [future.result() for future in waiting]


def bind(model: type[Model], table_name: str) -> None:
    """Point a model at its table, over the shared connection."""
    model.Meta.table_name = table_name
    own: TableConnection = model._get_connection()
    if table_name not in shared()._tables:
        shared().add_meta_table(own.connection.get_meta_table(table_name))
    own.connection = shared()
