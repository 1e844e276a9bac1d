"""The demo of type View: what the ERP offers, and what is said when it cannot be offered."""

import io
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from chalicelib.domain.tables import TABLES
from chalicelib.domain.view_source import parse_source
from infra.local.erp import data as erp_data
from infra.local.erp.data import Dataset, Scale
from infra.local.screen import Screen
from infra.local.views import OfferError, offer, sqlite_address
from tests.support.ports import free_port


@pytest.fixture(scope="module")
def data() -> Dataset:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(erp_data.SCALES, "small", Scale(4, 5, 12, 20, 60))
        return erp_data.generate("small", 1, today=date(2026, 11, 20))


@dataclass
class Admin:
    """Answers as the API does, and remembers what it was told."""

    version: int = 0
    report: dict[str, Any] = field(default_factory=lambda: {"ok": True, "problems": [], "tables": []})
    told: list[Any] = field(default_factory=list)

    def get(self, path: str) -> Any:
        return {"version": self.version}

    def put(self, path: str, body: Any) -> None:
        self.told.append(body)

    def post(self, path: str, body: Any) -> Any:
        return self.report


def offered(data: Dataset, address: str, admin: Admin) -> str:
    out = io.StringIO()
    tenants: Any = SimpleNamespace(admin=admin, path="/v1/integrations/x")
    offer(Screen(out), tenants, data, address)
    return out.getvalue()


def test_every_table_is_offered_as_a_view_with_its_own_column_names(data: Dataset, tmp_path: Path) -> None:
    admin, address = Admin(), sqlite_address(tmp_path)
    said = offered(data, address, admin)
    [body] = admin.told
    assert parse_source(body).tables.keys() == TABLES.keys()
    assert body["tables"]["empresa"]["columns"]["codigo"] == "cd_codigo"
    assert f"{sum(map(len, data.ledger.live.values())):,} rows" in said
    engine = sa.create_engine(address)
    with engine.connect() as connection:
        for name, live in data.ledger.live.items():
            view = body["tables"][name]["view"]
            assert connection.exec_driver_sql(f"SELECT COUNT(*) FROM {view}").scalar() == len(live)


def test_what_is_offered_already_is_left_as_it_is(data: Dataset, tmp_path: Path) -> None:
    admin = Admin(version=1)
    assert "already" in offered(data, sqlite_address(tmp_path), admin)
    assert admin.told == []


def test_a_test_that_fails_ends_the_demo_with_its_messages(data: Dataset, tmp_path: Path) -> None:
    problem = {"severity": "error", "message": "The database refused the password."}
    admin = Admin(report={"ok": False, "problems": [problem], "tables": []})
    with pytest.raises(OfferError, match="refused the password"):
        offered(data, sqlite_address(tmp_path), admin)


@pytest.mark.parametrize("address", ["db2://u:p@h/d", "nothing", "postgresql://u:p@h", "mysql:///d"])
def test_an_address_that_cannot_be_used_is_refused_at_once(data: Dataset, address: str) -> None:
    with pytest.raises(OfferError, match="VIEW_DSN"):
        offered(data, address, Admin())


def test_a_database_that_cannot_be_filled_is_named_with_its_cause(data: Dataset, tmp_path: Path) -> None:
    (tmp_path / "views" / "erp.sqlite").mkdir(parents=True)
    with pytest.raises(OfferError, match=r"could not fill.*unable to open.*\n.*may create tables"):
        offered(data, sqlite_address(tmp_path), Admin())


def test_a_database_that_cannot_be_reached_is_named_without_the_password(data: Dataset) -> None:
    with pytest.raises(OfferError, match=r"127\.0\.0\.1:\d+/erp: .*\n.*can be reached") as caught:
        offered(data, f"postgresql://u:sekret@127.0.0.1:{free_port()}/erp", Admin())
    assert "sekret" not in str(caught.value)
