"""Connection strings: what they may say, and that they never say it again."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Invalid
from chalicelib.domain.view_connections import HIDDEN, Connection, parse_connection
from chalicelib.domain.view_source import Engine


@pytest.mark.parametrize(
    ("text", "engine", "wanted"),
    [
        ("postgresql://u:p@h:5433/d", "postgresql", Connection("postgresql", "h", 5433, "d", "u", "p")),
        ("postgres://u@h/d", "postgresql", Connection("postgresql", "h", 5432, "d", "u", "")),
        ("mariadb://u:p@h/d", "mysql", Connection("mysql", "h", 3306, "d", "u", "p")),
        ("mysql+pymysql://u:p@h/d", "mysql", Connection("mysql", "h", 3306, "d", "u", "p")),
        ("sqlserver://u:p@h/d", "mssql", Connection("mssql", "h", 1433, "d", "u", "p")),
        ("oracle://u:p@h/XEPDB1", "oracle", Connection("oracle", "h", 1521, "XEPDB1", "u", "p")),
        ("sqlite:////a/b.sqlite", "sqlite", Connection("sqlite", "", 0, "/a/b.sqlite")),
        (
            "  postgresql://u:p%40%2F%3A@[::1]/d \n",
            "postgresql",
            Connection("postgresql", "::1", 5432, "d", "u", "p@/:"),
        ),
    ],
)
def test_an_address_is_read(text: str, engine: Engine, wanted: Connection) -> None:
    assert parse_connection(text, engine) == wanted


def test_json_needs_no_escaping_and_may_bring_an_authority() -> None:
    given_ = {
        "engine": "postgres",
        "host": "h",
        "port": "6000",
        "dbname": "d",
        "username": "u",
        "password": "p@/#?",
    }
    found = parse_connection(json.dumps({**given_, "ca_certificate": "PEM"}), "postgresql")
    assert (found.password, found.port, found.ca_certificate) == ("p@/#?", 6000, "PEM")


@pytest.mark.parametrize(
    ("text", "engine", "code"),
    [
        ("mysql://u:p@h/d", "postgresql", "view_connection_engine"),
        ("h/d", "postgresql", "view_connection_engine"),
        ("postgresql:///d", "postgresql", "view_connection_host"),
        ("postgresql://u:p@h", "postgresql", "view_connection_database"),
        ("postgresql://u:p@h/d?sslcert=/etc/passwd", "postgresql", "view_connection_options"),
        ("postgresql://u:p#1@h/d", "postgresql", "view_connection_malformed"),
        ("postgresql://u:p@h:port/d", "postgresql", "view_connection_malformed"),
        ("postgresql://u:p@[h/d", "postgresql", "view_connection_malformed"),
        ("{not json", "postgresql", "view_connection_malformed"),
        ('{"host": "h"}', "postgresql", "view_connection_malformed"),
        ('{"engine": "postgres", "host": "h", "port": "x"}', "postgresql", "view_connection_malformed"),
        ("sqlite://", "sqlite", "view_connection_database"),
    ],
)
def test_what_cannot_be_read_is_refused_without_being_repeated(text: str, engine: Engine, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_connection(text, engine)
    [issue] = caught.value.fields
    assert issue.code == code
    assert all(text not in value for value in issue.params.values())


ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(ANYTHING, ANYTHING)
def test_any_user_and_password_survive_escaping(user: str, password: str) -> None:
    found = parse_connection(
        f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@h/d", "postgresql"
    )
    assert (found.user, found.password) == (user, password)


def test_a_password_is_hidden_wherever_a_driver_repeats_it() -> None:
    found = Connection("postgresql", "h", 1, "d", "u", "s3cret")
    assert found.scrubbed("failed with s3cret for u") == f"failed with {HIDDEN} for u"
    assert "s3cret" not in repr(found) + found.place
