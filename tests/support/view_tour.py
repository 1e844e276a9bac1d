"""The part of the tour that reads views: everything that the two functions which reach databases can do."""

import json
import random
import sqlite3
import string
from pathlib import Path
from typing import Any

from chalicelib import view_wiring, wiring
from tests.support.permissions import Calls
from tests.support.world import World

COLUMNS = ("codigo TEXT", "nome TEXT", "email TEXT", "ativo TEXT")


def view_tour(world: World, calls: Calls, folder: Path) -> None:
    """Read a view of a thousand rows; lose a worker; let rows vanish; name one view that is not there."""
    file = folder / "erp.sqlite"
    database = sqlite3.connect(file)
    database.execute(f"CREATE TABLE vendedores ({', '.join(COLUMNS)})")
    rng = random.Random(3)  # names that do not compress: a page is too large for an item
    rows = [
        (str(key), "".join(rng.choices(string.ascii_letters, k=300)), "a@b.com.br", "S")
        for key in range(1_200)
    ]
    database.executemany("INSERT INTO vendedores VALUES (?, ?, ?, ?)", rows)
    database.commit()
    calls.functions["check_views"] = lambda event: _checked(world, calls, event)
    with calls.of("APIHandler"):
        world.integration_id, _ = world.new_integration(integration_type="view", active=True, scheduled=True)
        tables = {"vendedor": {"view": "vendedores"}, "empresa": {"view": "nowhere"}}
        source = {"engine": "sqlite", "connection_string": f"sqlite:///{file}", "tables": tables}
        for _ in range(2):
            assert world.as_user("admin", "PUT", "/view-source", source).status == 200
        assert world.as_user("viewer", "GET", "/view-source").body["version"] == 2
        report = world.as_user("admin", "POST", "/view-source/test").body
        assert [one["rows"] for one in report["tables"]] == [1_200, None]
    _run(world, calls)
    database.execute("DELETE FROM vendedores WHERE codigo = '7'")
    database.commit()
    _lose_a_worker(world)
    _run(world, calls)
    with calls.of("APIHandler"):
        world.start_run()
    _work_on(world, calls, "AdvanceRun", "advance_run")  # which sends it on to where it can be done
    _work_off(world, calls)
    with calls.of("APIHandler"):
        run = world.start_run()
        world.as_user("admin", "POST", f"/runs/{run}/cancel")
    _work_off(world, calls)
    with calls.of("StartRun"):
        event = {"tenant_id": world.tenant_id, "integration_id": world.integration_id}
        world.client.lambda_.invoke("start_run", event)
    calls.messages.clear()
    with calls.of("WatchRuns"):
        world.clock.advance(hours=1)
        world.client.lambda_.invoke("watch_runs", {})
    _work_off(world, calls)


def _run(world: World, calls: Calls) -> None:
    with calls.of("APIHandler"):
        world.start_run()
    _work_off(world, calls)


def _work_off(world: World, calls: Calls) -> None:
    """Deliver every message to the function whose queue it was sent to."""
    for _ in range(100):
        if not calls.messages:
            return
        state = wiring.runs().state(world.integration_id)
        extracts = state.run is not None and state.run.extracts
        function, job = ("ExtractViews", "extract_views") if extracts else ("AdvanceRun", "advance_run")
        _work_on(world, calls, function, job)
    raise AssertionError("the run has not ended")


def _work_on(world: World, calls: Calls, function: str, job: str) -> None:
    event = {"Records": [{"messageId": "m", "body": json.dumps(calls.messages.pop())}]}
    with calls.of(function):
        assert world.client.lambda_.invoke(job, event).payload == {"batchItemFailures": []}


def _lose_a_worker(world: World) -> None:
    """Leave a page's journal as a worker does that died while it wrote."""
    from chalicelib.domain.staging import APPLY, Change, Staged, Write

    staged = Staged("vendedor", "lost", 1, '{"codigo":"lost","nome":"X"}', None, "2026", "request")
    write = Write(None, staged, (Change("lost", APPLY),))
    journal = view_wiring.view_parts().journal(False)
    journal._name(world.integration_id, "vendedor", [write], [write.delta], "lost#0", "2026")


def _checked(world: World, calls: Calls, event: dict[str, Any]) -> Any:
    with calls.of("CheckViews"):
        return json.loads(json.dumps(world.client.lambda_.invoke("check_views", event).payload))
