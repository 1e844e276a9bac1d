"""The packaged zip runs by itself, is small, quick to import, and the same for the same sources."""

import os
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from infra.package import REQUIREMENTS, ROOT, Package, build
from tests.support.tables import create_tables, drop_tables
from tests.support.zips import alone, laid_out, names_in

MIB = 1024 * 1024
CALL = """\
from app import app

def call(method, path, **headers):
    event = {
        "resource": path, "path": path, "httpMethod": method, "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "multiValueQueryStringParameters": None, "pathParameters": None, "stageVariables": None,
        "requestContext": {"httpMethod": method, "resourcePath": path, "path": path},
        "body": None, "isBase64Encoded": False,
    }
    answer = app(event, None)
    return [answer["statusCode"], json.loads(answer["body"])]

found = [call("GET", "/v1/health"), call("GET", "/v1/integrations", Authorization="Bearer erp_unknown")]
"""


@pytest.fixture(scope="module")
def packaged() -> Package:
    """The package of these sources."""
    return build()


@pytest.fixture(scope="module")
def unpacked(packaged: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The common zip's content, as Lambda lays it out."""
    return laid_out(packaged.common, tmp_path_factory)


@pytest.fixture(scope="module")
def names(packaged: Package) -> list[str]:
    """The names in the common zip."""
    return names_in(packaged.common)


@pytest.fixture
def environment(dynamodb_local: str) -> Iterator[dict[str, str]]:
    """What Lambda gives a function, with tables on a real engine; nothing of this process's own."""
    aws = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "sa-east-1"}
    client = boto3.client(
        "dynamodb",
        endpoint_url=dynamodb_local,
        region_name=aws["AWS_DEFAULT_REGION"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    tables = create_tables(client)
    others = [
        *(
            "BUCKET",
            "RUNS_QUEUE_URL",
            "EXPORTS_QUEUE_URL",
            "ONBOARDING_QUEUE_URL",
            "PROOFS_QUEUE_URL",
            "VIEWS_QUEUE_URL",
            "ALERTS_TOPIC_PREFIX",
        ),
        *("VIEW_SECRET_PREFIX", "CHECK_VIEWS_FUNCTION"),
        *("SCHEDULE_GROUP", "SCHEDULE_TARGET_ARN", "SCHEDULE_ROLE_ARN", "SCHEDULE_DLQ_ARN"),
        "ONBOARDING_DLQ_ARN",
        *("JWT_SECRET_ID", "KEY_PEPPER_SECRET_ID"),
    ]
    yield {**aws, **tables, **dict.fromkeys(others, "x"), "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_local}
    drop_tables(client, tables)


def test_the_zip_answers_requests_without_any_installed_package(
    unpacked: Path, environment: dict[str, str]
) -> None:
    answer = alone(unpacked, CALL, environment)
    (health, said), (refused, problem) = answer["found"]
    assert (health, said["status"]) == (200, "ok")
    assert (refused, problem["code"], problem["status"]) == (401, "erp_key_malformed", 401)
    standard = (os.path.dirname(os.__file__), str(unpacked))
    assert [one for one in answer["files"] if not one.startswith(standard)] == []
    assert [one for one in answer["files"] if "-packages" in one] == []
    assert {"chalice", "botocore", "pynamodb", "aws_lambda_powertools", "pydantic"} <= {*answer["modules"]}


def test_the_zip_brings_native_libraries_and_time_zones(unpacked: Path) -> None:
    code = """\
import jwt, zoneinfo
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from datetime import datetime
from openpyxl import Workbook

key = generate_private_key(SECP256R1())
claims = jwt.decode(jwt.encode({"sub": "a"}, key, "ES256"), key.public_key(), ["ES256"])
zoneinfo.reset_tzpath(())
offset = datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo("America/Sao_Paulo")).utcoffset()
found = [claims["sub"], offset.total_seconds() / 3600, Workbook().active.title]
"""
    assert alone(unpacked, code)["found"] == ["a", -3, "Sheet"]


def test_every_function_can_be_imported_as_lambda_does(unpacked: Path, packaged: Package) -> None:
    handlers = [
        one["Properties"]["Handler"]
        for one in packaged.template["Resources"].values()
        if one["Type"] == "AWS::Serverless::Function"
    ]
    code = f"""\
import importlib
split = [one.rpartition(".") for one in {handlers!r}]
found = [callable(getattr(importlib.import_module(module), name)) for module, _, name in split]
"""
    assert alone(unpacked, code)["found"] == [True] * len(handlers)
    assert len(handlers) >= 5


def test_the_zip_knows_every_aws_service_that_the_code_calls(unpacked: Path) -> None:
    services = {
        name
        for path in (ROOT / "chalicelib").rglob("*.py")
        for name in re.findall(r'boto3\.client\(\s*"([a-z0-9-]+)"', path.read_text("utf-8"))
    }
    assert {"s3", "scheduler", "sqs"} <= services
    code = f"import boto3\nfound = [boto3.client(one).meta.region_name for one in {sorted(services)!r}]"
    answer = alone(unpacked, code, {"AWS_DEFAULT_REGION": "sa-east-1"})
    assert answer["found"] == ["sa-east-1"] * len(services)


@pytest.mark.parametrize(
    "module",
    [
        "app",
        *sorted(f"chalicelib.jobs.{path.stem}" for path in (ROOT / "chalicelib" / "jobs").glob("[a-z]*.py")),
    ],
)
def test_a_cold_start_loads_no_slow_library(unpacked: Path, module: str) -> None:
    loaded = {one.partition(".")[0] for one in alone(unpacked, f"import {module}\nfound = 1")["modules"]}
    assert "aws_lambda_powertools" in loaded
    later = {"openpyxl", "sqlalchemy", "boto3", "pynamodb", "cryptography", "holidays", "email_validator"}
    assert loaded & later == set()


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_a_zip_fits_lambda_with_room_to_spare(packaged: Package, name: str) -> None:
    path = getattr(packaged, name).path
    with zipfile.ZipFile(path) as archive:
        unpacked_size = sum(one.file_size for one in archive.infolist())
    assert path.stat().st_size < 50 * MIB
    assert unpacked_size < 200 * MIB


def test_every_file_of_the_app_is_in_the_zip_and_its_byte_code_too(names: list[str]) -> None:
    app = {"app.py"} | {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "chalicelib").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert app - set(names) == set()
    assert "chalicelib/i18n/errors.json" in app
    assert f"chalicelib/__pycache__/wiring.{sys.implementation.cache_tag}.pyc" in names
    assert len(names) == len(set(names))


@pytest.mark.parametrize("archive", REQUIREMENTS)
def test_a_zip_holds_exactly_what_is_pinned_and_nothing_of_ours_but_the_app(
    packaged: Package, archive: str
) -> None:
    names = names_in(getattr(packaged, archive))
    pinned = {
        (normal(found[1]), found[2])
        for file in REQUIREMENTS[archive]
        for line in (ROOT / file).read_text().splitlines()
        if (found := re.match(r"([A-Za-z0-9_.-]+)(?:\[.*\])?==(\S+)", line))
    }
    inside = {
        (normal(found[1]), found[2])
        for name in names
        if (found := re.match(r"([^/]+)-([^/-]+)\.dist-info/METADATA$", name))
    }
    assert inside == pinned
    top = {name.partition("/")[0] for name in names}
    assert not top & {"tests", "infra", ".chalice", "pytest", "mypy", "ruff", "faker", "cfnlint", "ministack"}


def normal(name: str) -> str:
    """Write a package's name as the index does."""
    return re.sub(r"[-_.]+", "-", name).lower()
