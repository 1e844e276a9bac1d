"""Real databases: what they hold, how they order it, what they refuse, and how that is told."""

import itertools
import threading

import pytest

from chalicelib.domain.view_problems import SourceRefused, TableRefused, ViewProblem
from chalicelib.domain.view_source import ViewTable
from chalicelib.services.views import stream
from tests.support import servers
from tests.support.erp_database import ErpDatabase
from tests.support.view_reading import opened, planned, read

ENGINES = ("postgresql", "mysql")


@pytest.fixture(params=ENGINES)
def erp(request: pytest.FixtureRequest) -> ErpDatabase:
    return ErpDatabase.on(request.getfixturevalue(request.param))


def quoted(erp: ErpDatabase, name: str) -> str:
    return erp.owner.dialect.identifier_preparer.quote(name)


def sellers(erp: ErpDatabase, *codes: str, kind: str = "VARCHAR(20)") -> None:
    erp.execute(f"CREATE TABLE t (codigo {kind}, nome VARCHAR(50))", "CREATE VIEW v AS SELECT * FROM t")
    erp.insert("t", [{"codigo": code, "nome": "X"} for code in codes])


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PAGE_ROWS", 3)
    monkeypatch.setattr(stream, "STATEMENT_ROWS", 7)


CASES = ["".join(parts) for parts in itertools.product("aAáÁ", "bB", "1", ("", " x"))]


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("kind", ["VARCHAR(20)", "CHAR(20)"])
def test_no_key_is_lost_whatever_the_collation_takes_for_equal(erp: ErpDatabase, kind: str) -> None:
    sellers(erp, *CASES, *[f"{one:04}" for one in range(40)], kind=kind)
    database = opened(erp)
    found = [row[0].rstrip() for row in read(database, planned(database, "v"))]
    assert sorted(found) == sorted([*CASES, *[f"{one:04}" for one in range(40)]])


@pytest.mark.usefixtures("small_pages")
def test_composite_keys_of_several_kinds_are_read_in_order(erp: ErpDatabase) -> None:
    erp.execute(
        "CREATE TABLE t (nota_numero INTEGER, nota_serie VARCHAR(3), item NUMERIC(5, 0),"
        " produto_codigo VARCHAR(9), quantidade NUMERIC(9, 2), valor_unitario NUMERIC(9, 2),"
        " valor_total NUMERIC(9, 2))",
        "CREATE VIEW v AS SELECT * FROM t",
    )
    one = {"produto_codigo": "P", "quantidade": 1, "valor_unitario": 1, "valor_total": 1}
    keys = list(itertools.product(range(5), ("1", "2", "U"), range(1, 5)))
    erp.insert("t", [{"nota_numero": n, "nota_serie": s, "item": i, **one} for n, s, i in keys])
    database = opened(erp)
    found = read(database, planned(database, "v", "itens_nota"))
    assert [(row[0], row[1], int(row[2])) for row in found] == keys


@pytest.mark.usefixtures("small_pages")
def test_a_view_that_changes_while_it_is_read_loses_no_row(erp: ErpDatabase) -> None:
    stay = [f"{one:04}" for one in range(0, 900, 3)]
    sellers(erp, *stay)
    over = threading.Event()

    def change() -> None:
        for round_ in itertools.count():
            if over.is_set():
                return
            new = [f"{one:04}" for one in range(1 + round_ % 2, 900, 30)]
            erp.insert("t", [{"codigo": code, "nome": "new"} for code in new])
            erp.execute("UPDATE t SET nome = 'Y' WHERE nome <> 'new'", "DELETE FROM t WHERE nome = 'new'")

    writer = threading.Thread(target=change)
    writer.start()
    try:
        database = opened(erp)
        found = [row[0] for row in read(database, planned(database, "v"))]
    finally:
        over.set()
        writer.join()
    assert [code for code in found if code in set(stay)] == stay


def test_names_with_quotes_and_spaces_are_found_and_read(erp: ErpDatabase) -> None:
    view, column = 'Visão "d\'o" `dia`; --', "Cód. do vendedor"
    erp.execute(
        f"CREATE TABLE t ({quoted(erp, column)} VARCHAR(9), nome VARCHAR(9))",
        f"CREATE VIEW {quoted(erp, view)} AS SELECT * FROM t",
        "INSERT INTO t VALUES ('1', 'Ana')",
    )
    database = opened(erp)
    wanted = planned(database, view, columns={"codigo": column})
    assert read(database, wanted) == [("1", "Ana")]
    assert (database.count(wanted), database.count_keyless(wanted)) == (1, 0)


def test_a_missing_view_is_told_with_those_that_are_called_alike(erp: ErpDatabase) -> None:
    sellers(erp)
    erp.execute("CREATE VIEW v_vendedores AS SELECT * FROM t")
    with pytest.raises(TableRefused) as caught:
        opened(erp).find(ViewTable(view="v_vendedor"))
    assert (caught.value.code, caught.value.params["alike"]) == ("view_missing_alike", "v_vendedores")


def test_a_view_without_rights_or_with_a_lost_column_is_told(erp: ErpDatabase) -> None:
    sellers(erp, "1")
    database = opened(erp)
    wanted = planned(database, "v")
    if erp.engine == "postgresql":
        erp.execute("REVOKE SELECT ON v FROM reader")
        with pytest.raises(TableRefused) as caught:
            database.page(wanted, None, None, 1)
        assert caught.value.code == "view_rights_missing"
        return
    erp.execute("ALTER TABLE t DROP COLUMN nome")
    with pytest.raises(TableRefused) as caught:
        database.page(wanted, None, None, 1)
    assert caught.value.code == "view_missing"  # "references invalid table(s) or column(s)"


def test_a_statement_that_takes_too_long_is_ended(erp: ErpDatabase) -> None:
    sellers(erp, *map(str, range(9)))
    slow = (
        "SELECT codigo, nome FROM t, (SELECT pg_sleep(0.5) FROM t) s" if erp.engine == "postgresql" else None
    )
    slow = slow or "SELECT codigo, CONCAT(nome, SLEEP(0.5)) AS nome FROM t"
    erp.execute(f"CREATE VIEW v_slow AS {slow}")
    database = opened(erp, seconds=1)
    with pytest.raises(TableRefused) as caught:
        database.page(planned(database, "v_slow"), None, None, 10)
    assert caught.value.code == "view_too_slow"
    assert read(database, planned(database, "v")), "the next statement is none the worse"


def test_nothing_can_be_written(erp: ErpDatabase) -> None:
    sellers(erp, "1")
    owner = erp.server.address_of(servers.OWNER, servers.PASSWORD) if erp.server else ""
    database = opened(erp, owner)
    with pytest.raises(ViewProblem), database._reading("v") as connection:
        connection.exec_driver_sql("DELETE FROM t")
    assert len(read(database, planned(database, "v"))) == 1


@pytest.mark.parametrize(
    ("user", "password", "name", "code"),
    [
        ("reader", "wrong s3cret", "erp", "view_login_refused"),
        ("nobody", "wrong s3cret", "erp", "view_login_refused"),
        ("reader", servers.PASSWORD, "nowhere", "view_database_unknown"),
    ],
)
def test_a_refused_connection_is_told_without_its_password(
    erp: ErpDatabase, user: str, password: str, name: str, code: str
) -> None:
    assert erp.server
    with pytest.raises(SourceRefused) as caught:
        opened(erp, erp.server.address_of(user, password, name)).connect()
    assert caught.value.code == code
    assert password not in str(caught.value.params)
    assert caught.value.params["host"] == f"127.0.0.1:{erp.server.port}/{name}"


def test_a_certificate_is_checked_if_that_is_wanted(erp: ErpDatabase) -> None:
    assert erp.server
    opened(erp, erp.server.verified, "verify").connect()
    opened(erp, tls="off").connect()
    with pytest.raises(SourceRefused) as caught:
        opened(erp, erp.address.replace("127.0.0.1", "localhost"), "verify").connect()
    assert caught.value.code == "view_tls_refused"
