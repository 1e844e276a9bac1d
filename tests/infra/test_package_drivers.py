"""Database drivers are where views are read, work there by themselves, and burden nobody else."""

from pathlib import Path

import pytest

from infra.package import READ_VIEWS, Package, build
from infra.stack import located
from tests.support.zips import alone, laid_out, names_in


@pytest.fixture(scope="module")
def packaged() -> Package:
    """The package of these sources."""
    return build()


@pytest.fixture(scope="module")
def unpacked(packaged: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content of the common zip."""
    return laid_out(packaged.common, tmp_path_factory)


@pytest.fixture(scope="module")
def with_drivers(packaged: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content of the zip of those functions that read views."""
    return laid_out(packaged.views, tmp_path_factory)


def test_the_drivers_work_without_any_installed_package(with_drivers: Path) -> None:
    code = """\
import sqlalchemy
from chalicelib.adapters.views.engines import Access, engine_of
from chalicelib.domain.view_connections import Connection

found = []
for engine in ("postgresql", "mysql", "mssql", "oracle"):
    made = engine_of(Access(Connection(engine, "127.0.0.1", 1, "erp", "u", "p"), "require", 5))
    try:
        made.connect()
    except sqlalchemy.exc.DBAPIError as error:
        found.append([made.driver, type(error.orig).__name__])
"""
    answer = alone(with_drivers, code)
    assert [driver for driver, _ in answer["found"]] == ["psycopg", "pymysql", "pymssql", "oracledb"]
    assert [one for one in answer["files"] if "-packages" in one] == []


def test_only_the_functions_that_read_views_carry_drivers(packaged: Package) -> None:
    drivers = ("sqlalchemy/", "psycopg/", "pymysql/", "pymssql/", "oracledb/")
    assert [one for one in names_in(packaged.common) if one.startswith(drivers)] == []
    carried = names_in(packaged.views)
    assert all(any(name.startswith(driver) for name in carried) for driver in drivers)
    assert set(names_in(packaged.common)) <= set(carried)
    code = {
        name: one["Properties"]["CodeUri"]["Key"]
        for name, one in located(packaged, "bucket")["Resources"].items()
        if one["Type"] == "AWS::Serverless::Function"
    }
    assert code.keys() > READ_VIEWS
    for name, key in code.items():
        assert key == (packaged.views if name in READ_VIEWS else packaged.common).key


def test_the_api_starts_without_anything_that_reads_views(unpacked: Path) -> None:
    loaded = alone(unpacked, "import app\nfound = 1")["modules"]
    reading = [
        one for one in loaded if one.startswith(("chalicelib.services.views", "chalicelib.adapters.views"))
    ]
    assert reading == []
    assert "chalicelib.domain.view_source" not in loaded
    assert "chalicelib.api.view_source" in loaded
