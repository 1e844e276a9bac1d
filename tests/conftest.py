"""Engines and worlds for all tests.

Worlds stand on the local AWS's DynamoDB, which does a transaction in a quarter of the time; a module that
counts costs, or lets clients meet, says `ENGINE = "dynamodb_local"` and gets AWS's own engine. Repositories
are tried on both (`tests/contract`). One engine of a kind serves a session; each world has its own tables.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from hypothesis import settings

from infra.local.aws import PYTHON, LocalAws
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


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a local AWS; answers its URL."""
    if not PYTHON.exists():
        pytest.skip("the local AWS is not installed: make environments")
    local = LocalAws(tmp_path_factory.mktemp("local-aws"), free_port())
    local.start()
    yield local.endpoint_url
    local.stop()


@pytest.fixture(scope="module")
def engine_url(request: pytest.FixtureRequest) -> str:
    """The address of the DynamoDB that the module's worlds stand on."""
    url: str = request.getfixturevalue(getattr(request.module, "ENGINE", "local_aws"))
    return url


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
def tables(engine_url: str) -> Iterator[dict[str, str]]:
    """Fresh tables: environment variable → name."""
    client = dynamodb_client(engine_url)
    names = create_tables(client)
    yield names
    drop_tables(client, names)


@pytest.fixture
def world(engine_url: str, tables: dict[str, str]) -> Iterator[World]:
    """The app over a DynamoDB, with one tenant, one integration and its ERP key."""
    with pytest.MonkeyPatch.context() as patch:  # its own: a test may undo its patches midway
        yield from build_world(patch, engine_url, tables)


@pytest.fixture(scope="module")
def lasting_world(engine_url: str) -> Iterator[World]:
    """A world that all tests of a module share; what must not meet gets an integration of its own."""
    client = dynamodb_client(engine_url)
    names = create_tables(client)
    with pytest.MonkeyPatch.context() as patch:
        yield from build_world(patch, engine_url, names)
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
