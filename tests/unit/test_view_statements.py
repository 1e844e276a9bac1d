"""The statements that read views, as each engine gets them: its words and quotes, and nobody's text."""

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite

from chalicelib.adapters.views import statements
from chalicelib.domain.tables import TABLES
from chalicelib.domain.view_plan import FoundView, Plan, plan
from chalicelib.domain.view_source import ViewTable, Watermark

DIALECTS: dict[str, Any] = {
    module.__name__.rpartition(".")[2]: module.dialect()
    for module in (postgresql, mysql, mssql, oracle, sqlite)
}
HOSTILE = "x\"; DROP TABLE `empresa`; --]['"


def planned(table: str, columns: Sequence[str], schema: str | None = None, **settings: Any) -> Plan:
    """Plan the reading of a view that has these columns."""
    view = ViewTable(view="v", schema_name=schema, **settings)
    return plan(TABLES[table], view, FoundView("v", schema, dict.fromkeys(columns, "TEXT")))


def sql(statement: sa.Select[Any], engine: str) -> str:
    return " ".join(str(statement.compile(dialect=DIALECTS[engine])).split())


NOTA = ("numero", "serie", "empresa_codigo", "emitida_em", "situacao", "valor_total", "rv")


@pytest.mark.parametrize(
    ("engine", "limit"),
    [
        ("postgresql", "LIMIT %(param_1)s"),
        ("mysql", "LIMIT %s"),
        ("mssql", "SELECT TOP __[POSTCOMPILE_param_1]"),
        ("oracle", "FETCH FIRST __[POSTCOMPILE_param_1] ROWS ONLY"),
        ("sqlite", "LIMIT ? OFFSET ?"),
    ],
)
def test_a_page_is_limited_in_the_engines_own_words(engine: str, limit: str) -> None:
    said = sql(statements.page(planned("nota", NOTA), None, None, 10), engine)
    assert limit in said
    assert "ORDER BY v.numero, v.serie" in said


@pytest.mark.parametrize("engine", DIALECTS)
def test_reading_goes_on_behind_the_last_key_of_several_columns(engine: str) -> None:
    statement = statements.page(planned("nota", NOTA), ("10", "1"), None, 10)
    said = sql(statement, engine)
    assert "v.numero IS NOT NULL AND v.serie IS NOT NULL" in said
    compiled = statement.compile(dialect=DIALECTS[engine])
    assert {compiled.params[name] for name in ("first", "after_1", "same_1")} == {"10"}
    assert compiled.params["after_2"] == "1"
    assert said.count("v.numero >") == 2
    assert "AND v.serie >" in said


@pytest.mark.parametrize("engine", DIALECTS)
def test_behind_a_watermark_rows_without_one_are_read_too(engine: str) -> None:
    wanted = planned("nota", NOTA, watermark=Watermark(column="rv"))
    said = sql(statements.page(wanted, None, 7, 10), engine)
    assert "v.rv >= " in said
    assert "OR v.rv IS NULL" in said
    assert "max(v.rv)" in sql(statements.highest(wanted), engine)


@pytest.mark.parametrize("engine", DIALECTS)
def test_no_name_becomes_anything_but_a_name(engine: str) -> None:
    view = ViewTable(view=HOSTILE, columns={"codigo": HOSTILE, "nome": "nome completo"}, key_columns=())
    found = FoundView(HOSTILE, "esquema próprio", {HOSTILE: "TEXT", "nome completo": "TEXT"})
    wanted = plan(TABLES["vendedor"], view, found)
    assert wanted.issues == ()
    preparer = DIALECTS[engine].identifier_preparer
    quoted = preparer.quote(HOSTILE)
    assert quoted != HOSTILE
    statement = statements.page(wanted, (HOSTILE,), None, 10)
    said = str(statement.compile(dialect=DIALECTS[engine]))
    rest = (
        said.replace(quoted, "")
        .replace(preparer.quote("esquema próprio"), "")
        .replace(quoted.replace("%", "%%"), "")
    )
    assert "DROP" not in rest
    assert statement.compile(dialect=DIALECTS[engine]).params["after_1"] == HOSTILE


@pytest.mark.parametrize("engine", DIALECTS)
def test_counts_and_repeated_keys_are_asked_of_the_view(engine: str) -> None:
    wanted = planned("nota", NOTA, schema="erp")
    assert "count(*)" in sql(statements.count(wanted), engine)
    assert "FROM erp.v" in sql(statements.count(wanted), engine)
    said = sql(statements.repeated(wanted, ["numero", "serie"], 6), engine)
    assert "GROUP BY erp.v.numero, erp.v.serie HAVING count(*) > " in said
    assert "IS NULL OR" in sql(statements.keyless(wanted, 10), engine)
    assert "IS NULL OR" in sql(statements.count_keyless(wanted), engine)
    assert "erp.v.valor_total" in sql(statements.sample(wanted, 3), engine)
