"""Engines and worlds for all tests.

`engine` is AWS's DynamoDB Local, one for the whole session; each world has tables of its own on it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from hypothesis import settings

from infra.local.dynamodb import DynamoDBLocal, missing
from tests.support import server_kinds, servers
from tests.support.ports import free_port
from tests.support.servers import Server
from tests.support.tables import create_tables, drop_tables
from tests.support.world import World, build_world

# No test is measured by the clock: beside two other processes one may wait for its turn.
settings.register_profile("untimed", parent=settings(), deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[str]:
    """Run DynamoDB Local; answers its URL."""
    if lack := missing():
        pytest.skip(lack)
    with DynamoDBLocal(free_port()) as engine:
        yield engine.endpoint_url


def dynamodb_client(endpoint_url: str) -> Any:
    """Build a client for an engine."""
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint_url,
        region_name="sa-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture
def tables(dynamodb_local: str) -> Iterator[dict[str, str]]:
    """Fresh tables: environment variable → name."""
    client = dynamodb_client(dynamodb_local)
    names = create_tables(client)
    yield names
    drop_tables(client, names)


@pytest.fixture
def world(dynamodb_local: str, tables: dict[str, str]) -> Iterator[World]:
    """The app over DynamoDB Local, with one tenant, one integration and its ERP key."""
    with pytest.MonkeyPatch.context() as patch:  # its own: a test may undo its patches midway
        yield from build_world(patch, dynamodb_local, tables)


@pytest.fixture(scope="module")
def lasting_world(dynamodb_local: str) -> Iterator[World]:
    """A world that all tests of a module share; what must not meet gets an integration of its own."""
    client = dynamodb_client(dynamodb_local)
    names = create_tables(client)
    with pytest.MonkeyPatch.context() as patch:
        yield from build_world(patch, dynamodb_local, names)
    drop_tables(client, names)


@pytest.fixture
def own_world(lasting_world: World) -> Iterator[World]:
    """A lasting world as seen from an integration of the test's own, at the present time."""
    integration_id, erp_key = lasting_world.new_integration()
    yield replace(lasting_world, integration_id=integration_id, erp_key=erp_key)
    lasting_world.clock.frozen, lasting_world.clock.offset = None, timedelta()
    lasting_world.queue.messages.clear()


def _server(engine: str) -> Iterator[Server]:
    if lack := servers.missing(engine):
        pytest.skip(lack)
    server = server_kinds.start(engine)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server of this process's own."""
    yield from _server("postgresql")


@pytest.fixture(scope="session")
def mysql() -> Iterator[Server]:
    """A MariaDB server of this process's own."""
    yield from _server("mysql")
