"""What holds of every answer that a test of the API sees."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.described import complaints
from tests.support.erp_database import ErpDatabase
from tests.support.world import Answer, World


@pytest.fixture(scope="module", autouse=True)
def answers_are_as_described() -> Iterator[None]:
    """Let a test fail on any answer that the API's own description does not allow."""
    ask = World.call

    def call(world: World, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        answer = ask(world, method, path, body, **options)
        assert complaints(method, path, answer) == []
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(World, "call", call)
        yield


@pytest.fixture
def erp(tmp_path: Path) -> ErpDatabase:
    """An ERP's database with sellers, companies and open receivables."""
    found = ErpDatabase.in_file(tmp_path / "erp.sqlite")
    for name in ("vendedor", "empresa", "fatura"):
        found.make_table(name)
    return found


@pytest.fixture
def view_world(lasting_world: World) -> Iterator[World]:
    """A lasting world whose tests make integrations of their own that read views."""
    yield replace(lasting_world)
    lasting_world.clock.frozen, lasting_world.clock.offset = None, timedelta()
    lasting_world.queue.messages.clear()
    lasting_world.views_queue.messages.clear()
