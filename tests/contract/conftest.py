"""One suite a repository, on every engine: DynamoDB Local, and the local AWS that the stack runs on.

Each test has an integration id of its own, so that tests share an engine's tables without meeting.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from chalicelib.storage import connection
from chalicelib.storage.crm import Crm
from chalicelib.storage.records import Records
from chalicelib.storage.run_log import RunLog
from chalicelib.storage.runs import Runs
from tests.support.tables import create_tables
from tests.support.world import forget_wiring

BUCKET = "bodies"


@dataclass(frozen=True)
class Engine:
    """A DynamoDB with the product's tables: environment variable → name."""

    endpoint_url: str
    tables: dict[str, str]

    @property
    def client(self) -> Any:
        """The client that the repositories use."""
        return connection.client()

    def item(self, table: str, pk: str, sk: str) -> dict[str, Any] | None:
        """Read an item as the engine holds it."""
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        found = self.client.get_item(TableName=self.tables[table], Key=key, ConsistentRead=True)
        item: dict[str, Any] | None = found.get("Item")
        return item


@pytest.fixture(scope="session")
def created() -> dict[str, dict[str, str]]:
    """The tables created so far, by engine."""
    return {}


@pytest.fixture(scope="module", params=["dynamodb_local", "local_aws"])
def engine(request: pytest.FixtureRequest, created: dict[str, dict[str, str]]) -> Iterator[Engine]:
    """Point the storage at one engine after the other, and its large bodies at the local AWS's S3."""
    url = request.getfixturevalue(request.param)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL_DYNAMODB": url,
            "AWS_ENDPOINT_URL_S3": request.getfixturevalue("local_aws"),
            "AWS_REGION": "sa-east-1",
            "AWS_DEFAULT_REGION": "sa-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }.items():
            patch.setenv(name, value)
        forget_wiring()
        if request.param not in created:
            created[request.param] = create_tables(connection.client())
        yield Engine(url, created[request.param])
    forget_wiring()


@pytest.fixture
def here() -> str:
    """An integration of the test's own."""
    return uuid.uuid4().hex[:12]


@pytest.fixture
def records(engine: Engine) -> Records:
    return Records(engine.tables["RECORDS_TABLE"])


@pytest.fixture
def crm(engine: Engine) -> Crm:
    return Crm(engine.tables["CRM_TABLE"])


@pytest.fixture
def runs(engine: Engine) -> Runs:
    return Runs(engine.tables["RUNS_TABLE"], engine.tables["INTEGRATIONS_TABLE"])


@pytest.fixture
def run_log(engine: Engine) -> RunLog:
    return RunLog(engine.tables["RUNS_TABLE"], retention_days=7)


@pytest.fixture(scope="session")
def bucket(local_aws: str) -> str:
    """A bucket of the local AWS."""
    client = boto3.client(
        "s3",
        endpoint_url=local_aws,
        region_name="sa-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
    return BUCKET


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let retries follow each other at once."""
    from chalicelib.storage import bulk

    monkeypatch.setattr(bulk, "pause", lambda attempt: None)
