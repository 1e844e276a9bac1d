"""Values that real databases hold and Python or UTF-8 do not: none of them spoils a page."""

import pytest

from tests.support import servers
from tests.support.erp_database import ErpDatabase
from tests.support.view_reading import opened, planned, read


@pytest.fixture(params=["postgresql", "mysql"])
def erp(request: pytest.FixtureRequest) -> ErpDatabase:
    return ErpDatabase.on(request.getfixturevalue(request.param))


def test_latin_1_comes_as_text(erp: ErpDatabase) -> None:
    if erp.engine == "postgresql":
        erp.execute(
            "CREATE TABLE t (codigo bytea, nome text)",
            "INSERT INTO t VALUES ('1', convert_from('\\x4a6fe36f', 'LATIN1'))",
        )
    else:
        erp.execute(
            "CREATE TABLE t (codigo VARCHAR(9), nome VARCHAR(9)) CHARACTER SET latin1",
            "INSERT INTO t VALUES ('1', 'João')",
        )
    erp.execute("CREATE VIEW v AS SELECT * FROM t")
    database = opened(erp)
    assert read(database, planned(database, "v"))[0][1] == "João"


def test_moments_that_python_cannot_hold_spoil_no_page(postgresql: servers.Server) -> None:
    erp = ErpDatabase.on(postgresql)
    erp.execute(
        "CREATE TABLE t (codigo text, nome text, atualizado_em timestamptz, d date)",
        "INSERT INTO t VALUES ('1', 'a', 'infinity', '10000-01-01')",
        "INSERT INTO t VALUES ('2', 'b', '2026-01-01 10:00+00', '2026-01-01')",
        "CREATE VIEW v AS SELECT * FROM t",
    )
    database = opened(erp)
    found = read(database, planned(database, "v", columns={"extra": "d"}))
    assert [str(row[2])[:10] for row in found] == ["infinity", "2026-01-01"]
    assert found[0][3] == "10000-01-01"


def test_zero_dates_spoil_no_page(mysql: servers.Server) -> None:
    erp = ErpDatabase.on(mysql)
    erp.execute(
        "CREATE TABLE t (codigo VARCHAR(9), nome VARCHAR(9), atualizado_em DATETIME)",
        "SET sql_mode = ''",
        "INSERT INTO t VALUES ('1', 'a', '0000-00-00 00:00:00')",
        "CREATE VIEW v AS SELECT * FROM t",
    )
    database = opened(erp)
    assert read(database, planned(database, "v"))[0][2] in (None, "0000-00-00 00:00:00")


def test_a_watermark_is_the_highest_there_is(erp: ErpDatabase) -> None:
    erp.execute(
        "CREATE TABLE t (codigo VARCHAR(20), nome VARCHAR(50))",
        "INSERT INTO t VALUES ('1', 'X'), ('2', 'X')",
        "CREATE VIEW v AS SELECT * FROM t",
    )
    database = opened(erp)
    wanted = planned(database, "v", watermark={"column": "codigo"})
    assert database.highest(wanted) == "2"
    assert [row[0] for row in database.page(wanted, None, "2", 10).rows] == ["2"]
    erp.execute("DELETE FROM t")
    assert database.highest(wanted) is None
