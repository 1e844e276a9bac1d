"""The local AWS starts once, keeps its data while it is stopped, and says what is in its way."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.local import aws
from infra.local.aws import PYTHON, LocalAws, LocalAwsError
from tests.support.ports import free_port


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalAws]:
    """A local AWS of this test's own, not started."""
    if not PYTHON.exists():
        pytest.skip("the local AWS is not installed: make environments")
    own = LocalAws(tmp_path / "aws", free_port())
    yield own
    own.wipe()


def client(local: LocalAws, service: Any) -> Any:
    """Build a client for the local AWS, of nobody else's settings."""
    environment = local.environment
    return boto3.client(
        service,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


def put_data(local: LocalAws) -> None:
    """Store something in each kind of store that the product uses."""
    client(local, "dynamodb").create_table(
        TableName="table",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    item = {"pk": {"S": "São Paulo"}, "value": {"N": "1.5"}, "bytes": {"B": b"\x00\xff"}}
    client(local, "dynamodb").put_item(TableName="table", Item=item)
    client(local, "s3").create_bucket(
        Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": aws.REGION}
    )
    client(local, "s3").put_object(Bucket="bucket", Key="folder/object", Body=b"\x00content\xff")
    client(local, "secretsmanager").create_secret(Name="secret", SecretString="kept")
    client(local, "sqs").create_queue(QueueName="queue")
    url = client(local, "sqs").get_queue_url(QueueName="queue")["QueueUrl"]
    client(local, "sqs").send_message(QueueUrl=url, MessageBody="waiting")


def data(local: LocalAws) -> list[Any]:
    """Read what `put_data` stored."""
    url = client(local, "sqs").get_queue_url(QueueName="queue")["QueueUrl"]
    return [
        client(local, "dynamodb").get_item(TableName="table", Key={"pk": {"S": "São Paulo"}})["Item"],
        client(local, "s3").get_object(Bucket="bucket", Key="folder/object")["Body"].read(),
        client(local, "secretsmanager").get_secret_value(SecretId="secret")["SecretString"],
        [one["Body"] for one in client(local, "sqs").receive_message(QueueUrl=url)["Messages"]],
    ]


KEPT = [
    {"pk": {"S": "São Paulo"}, "value": {"N": "1.5"}, "bytes": {"B": b"\x00\xff"}},
    b"\x00content\xff",
    "kept",
    ["waiting"],
]


def test_what_was_stored_is_there_after_a_stop_and_a_start(local: LocalAws) -> None:
    assert local.start()
    put_data(local)
    assert local.stop()
    assert local.running() is None
    assert local.start()
    assert data(local) == KEPT


def test_a_second_start_finds_the_running_one(local: LocalAws) -> None:
    local.start()
    before = local.running()
    assert before is not None
    assert before["port"] == local.port
    assert not LocalAws(local.directory, local.port).start()
    assert local.running() == before


def test_a_wipe_stops_it_and_deletes_its_data_but_no_tools(local: LocalAws) -> None:
    local.start()
    put_data(local)
    (local.directory / "build").mkdir()
    local.wipe()
    assert local.running() is None
    assert [one.name for one in local.directory.iterdir()] == ["build"]
    local.start()
    assert client(local, "dynamodb").list_tables()["TableNames"] == []
    assert client(local, "s3").list_buckets()["Buckets"] == []


def test_one_directory_has_one_local_aws_on_one_port(local: LocalAws) -> None:
    local.start()
    with pytest.raises(LocalAwsError, match=f"runs on port {local.port} already.*make stop"):
        LocalAws(local.directory, free_port()).start()


def test_a_port_that_another_program_uses_is_said_to_be(local: LocalAws) -> None:
    message = f"Port {local.port} is in use.*PORT={local.port + 100}"
    with socket.create_server(("127.0.0.1", local.port)), pytest.raises(LocalAwsError, match=message):
        local.start()
    assert local.running() is None
    assert local.start(), "the port is free again"


def test_a_number_left_by_a_dead_one_harms_no_other_process(local: LocalAws) -> None:
    local.directory.mkdir()
    left = {"pid": os.getpid(), "port": local.port}
    (local.directory / "aws.lock").write_text(json.dumps(left))
    assert local.running() is None
    assert not local.stop()  # or this test would not live to see it
    assert local.start()


def test_it_listens_to_this_machine_only_and_inherits_nothing(
    local: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "a real account")
    monkeypatch.setenv("PYTHONPATH", str(local.directory))
    local.start()
    running = local.running()
    assert running is not None
    environment = Path(f"/proc/{running['pid']}/environ")
    if environment.exists():
        names = {one.partition(b"=")[0] for one in environment.read_bytes().split(b"\0")}
        assert not names & {b"AWS_PROFILE", b"PYTHONPATH", b"PYTEST_CURRENT_TEST"}
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", local.port), timeout=1).close()


def test_it_does_not_wait_for_logs_that_nobody_writes(local: LocalAws) -> None:
    """Its start-up file shortens the wait in the version that is installed, and is what runs."""
    local.start()
    command = Path(f"/proc/{(local.running() or {})['pid']}/cmdline").read_text().split("\0")
    look = (
        "import runpy; from ministack.core.lambda_runtime import Worker;"
        f"runpy.run_path({command[1]!r}); print(vars(Worker)['_drain_stderr_bounded'].keywords)"
    )
    done = subprocess.run([PYTHON, "-c", look], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "{'first_line_wait': 0.002}", done.stderr


def test_the_commands_say_what_they_did(local: LocalAws, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--port", str(local.port), "--directory", str(local.directory)]
    said = []
    for command in ("status", "start", "start", "status", "stop", "stop", "wipe"):
        assert aws.main([command, *where]) == 0
        said.append(capsys.readouterr().out.strip())
    url = f"http://127.0.0.1:{local.port}"
    assert said[:3] == ["it is not running", f"{url} started", f"{url} is running already"]
    assert said[3].endswith(f"on port {local.port}")
    assert said[4:] == ["stopped, the data is kept", "it was not running", "wiped"]
    with socket.create_server(("127.0.0.1", local.port)):
        assert aws.main(["start", *where]) == 1
    assert "is in use by another program" in capsys.readouterr().err


def test_without_its_environment_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "PYTHON", tmp_path / "python")
    with pytest.raises(LocalAwsError, match="make environments"):
        LocalAws(tmp_path / "aws", free_port()).start()
