"""The same data, pushed by API and read from views of real servers: the CRM is the same."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chalicelib import wiring
from infra.local.erp import data as erp_data
from infra.local.erp import views
from infra.local.erp.changes import change
from infra.local.erp.data import Dataset, Scale
from tests.support.digest import counters, digest, recounted, unapplied
from tests.support.erp_database import ErpDatabase, reading
from tests.support.world import World

TODAY = date(2026, 11, 20)
SCALE = Scale(5, 6, 25, 40, 150)
WHAT_PEOPLE_SEE = ("crm", "documents of clients", "customers", "curve", "movements", "pending")


@pytest.fixture(scope="module")
def nights() -> list[Dataset]:
    """A small distributor's two years, and two more days."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(erp_data.SCALES, "small", SCALE)
        found = [erp_data.generate("small", 5, today=TODAY)]
    for seed in (1, 2):
        found.append(change(found[-1], 0.05, seed))
    return found


@pytest.fixture(scope="module")
def pushed(lasting_world: World, nights: list[Dataset]) -> list[dict[str, Any]]:
    """What the CRM holds after each night when the ERP pushes."""
    world = replace(lasting_world)
    world.integration_id, world.erp_key = world.new_integration()
    found = []
    for night in nights:
        at(world, night)
        for table, records in night.deliveries:
            assert world.push(table, records).status == 200
        world.clock.advance(seconds=1)
        assert world.run()["status"] in ("success", "partial")
        found.append(state(world))
    return found


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ErpDatabase]:
    """Each engine's database."""
    if request.param == "sqlite":
        yield ErpDatabase.in_file(tmp_path / "erp.sqlite")
    else:
        yield ErpDatabase.on(request.getfixturevalue(request.param))


def at(world: World, night: Dataset) -> None:
    """Let it be the early morning after a day of the demo ERP."""
    world.clock.offset = timedelta()
    world.clock.frozen = datetime(night.today.year, night.today.month, night.today.day, 6, tzinfo=UTC)


def state(world: World) -> dict[str, Any]:
    """Describe the CRM; revisions tell of the way there, which is another one."""
    found = digest(world.integration_id)
    crm = {
        table: [[(key, data) for key, data, _ in by_key], all_there]
        for table, (by_key, all_there) in found["crm"].items()
    }
    del found["curve"]["since"]  # a moment
    # Clients are asked for by every key there ever was; those of which nothing is left say nothing.
    left = {place: held for place, held in found["documents of clients"].items() if held}
    return {**{name: found[name] for name in WHAT_PEOPLE_SEE}, "crm": crm, "documents of clients": left}


def test_the_crm_is_the_same_after_every_night(
    lasting_world: World, nights: list[Dataset], pushed: list[dict[str, Any]], database: ErpDatabase
) -> None:
    world = replace(lasting_world)
    at(world, nights[0])
    tables = views.fill(database.owner, nights[0].ledger.live)
    source = {**database.source(), "tables": tables}
    for number, night in enumerate(nights):
        at(world, night)
        if number == 0:
            reading(world, source)
        for table, records in night.deliveries if number else ():
            keys = [erp_key(table, record) for record in records]
            views.change(database.owner, night.ledger.live, table, keys)
        assert world.run()["status"] == "success"
        found = state(world)
        for name in WHAT_PEOPLE_SEE:
            assert found[name] == pushed[number][name], (number, name)
    for table in tables:
        assert counters(world.integration_id, table) == recounted(world.integration_id, table)
        assert unapplied(world.integration_id, table) == []
    assert wiring.crm().curve(world.integration_id) is not None


def erp_key(table: str, record: dict[str, Any]) -> str:
    from infra.local.erp.tables import key_of

    key = key_of(table, record)
    assert key is not None
    return key


def test_the_views_hold_what_the_ledger_says(nights: list[Dataset], database: ErpDatabase) -> None:
    views.fill(database.owner, nights[0].ledger.live)
    with database.owner.connect() as connection:
        for table, live in nights[0].ledger.live.items():
            assert connection.execute(sa.text(f"SELECT COUNT(*) FROM vw_crm_{table}")).scalar() == len(live)
