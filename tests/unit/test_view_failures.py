"""Errors of drivers that no test can provoke here: SQL Server's and Oracle's, by their own codes."""

from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from chalicelib.adapters.views.failures import problem_of
from chalicelib.domain.view_connections import Connection
from chalicelib.domain.view_problems import SourceLost, SourceRefused, TableRefused
from chalicelib.domain.view_source import Engine


class DriverError(Exception):
    """Stands for a driver's error: what matters are its arguments."""


def problem(engine: Engine, *arguments: Any, view: str = "v", lost: bool = False) -> Any:
    connection = Connection(engine, "h", 1, "d", "u", "s3cret")
    error = sa.exc.DBAPIError("SELECT", {}, DriverError(*arguments), connection_invalidated=lost)
    return problem_of(error, connection, view)


def oracle(code: str) -> SimpleNamespace:
    return SimpleNamespace(full_code=code, __str__=lambda: code)


@pytest.mark.parametrize(
    ("engine", "argument", "kind", "code"),
    [
        ("mssql", (18456, b"Login failed for user 'u'."), SourceRefused, "view_login_refused"),
        ("mssql", (4060, b'Cannot open database "d"'), SourceRefused, "view_database_unknown"),
        ("mssql", (208, b"Invalid object name 'v'."), TableRefused, "view_missing"),
        ("mssql", (207, b"Invalid column name 'c'."), TableRefused, "view_changed"),
        ("mssql", (229, b"The SELECT permission was denied"), TableRefused, "view_rights_missing"),
        ("mssql", (20003, b"Adaptive Server connection timed out"), TableRefused, "view_too_slow"),
        ("mssql", (20047, b"DBPROCESS is dead or not enabled"), SourceLost, "view_connection_lost"),
        ("oracle", oracle("ORA-01017"), SourceRefused, "view_login_refused"),
        ("oracle", oracle("ORA-12514"), SourceRefused, "view_database_unknown"),
        ("oracle", oracle("ORA-00942"), TableRefused, "view_missing"),
        ("oracle", oracle("ORA-00904"), TableRefused, "view_changed"),
        ("oracle", oracle("ORA-01031"), TableRefused, "view_rights_missing"),
        ("oracle", oracle("DPY-4024"), TableRefused, "view_too_slow"),
        ("oracle", oracle("ORA-03113"), SourceLost, "view_connection_lost"),
        ("oracle", oracle("DPY-4011"), SourceLost, "view_connection_lost"),
        ("mysql", 2013, SourceLost, "view_connection_lost"),
        ("mysql", 1356, TableRefused, "view_missing"),
        ("mysql", 9999, TableRefused, "view_unreadable"),
    ],
)
def test_a_code_has_one_meaning(engine: Engine, argument: Any, kind: type[Exception], code: str) -> None:
    found = problem(engine, argument)
    assert (type(found), found.code) == (kind, code)
    assert (found.params["host"], found.params["view"]) == ("h:1/d", "v")


def test_whatever_broke_the_connection_is_a_lost_connection() -> None:
    assert isinstance(problem("mssql", (208, b"x"), lost=True), SourceLost)


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [
        ('FATAL:  password authentication failed for user "u"', SourceRefused, "view_login_refused"),
        ('FATAL:  autenticação do tipo senha falhou para usuário "u"', SourceRefused, "view_login_refused"),
        ('FATAL:  no pg_hba.conf entry for host "1.2.3.4"', SourceRefused, "view_login_refused"),
        ('FATAL:  database "d" does not exist', SourceRefused, "view_database_unknown"),
        ("server does not support SSL, but SSL was required", SourceRefused, "view_tls_refused"),
        ("FATAL:  the database system is starting up", SourceLost, "view_connection_lost"),
        ("FATAL:  sorry, too many clients already", SourceLost, "view_connection_lost"),
        ("something nobody knows", SourceLost, "view_connection_lost"),
    ],
)
def test_where_postgresql_has_words_only_they_are_understood(
    said: str, kind: type[Exception], code: str
) -> None:
    found = problem("postgresql", said, view="")
    assert (type(found), found.code) == (kind, code)


def test_no_problem_repeats_the_password() -> None:
    found = problem("postgresql", 'connection with "s3cret" failed: password authentication failed')
    assert "s3cret" not in str(found.params)
    assert "•••" in found.params["cause"]


def test_a_long_cause_is_cut() -> None:
    assert len(problem("mysql", "x" * 5_000).params["cause"]) <= 300
