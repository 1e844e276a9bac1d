"""The part of the tour that proves completeness: declarations, proofs of deliveries and of a view."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from tests.support.permissions import Calls
from tests.support.world import World


def proof_tour(world: World, calls: Calls, folder: Path) -> None:
    """Declare, compare, prove, complete; then the same of a view, which is asked."""
    with calls.of("APIHandler"):
        world.integration_id, world.erp_key = world.new_integration()
        world.push("vendedor", [{"codigo": "1", "nome": "Ana"}, {"codigo": "2", "nome": 7}])
        world.push("empresa", [{"codigo": "E1", "razao_social": "Uma", "vendedor_codigo": "1"}])
        _put(world, "vendedor/control-totals", {"totals": [{"count": 2, "min_key": "1", "max_key": "3"}]})
        _put(world, "vendedor/control-totals", {"totals": [{"count": None}]})
        for keys in (["1", "2", "3"], [], ["1", "3"]):
            _put(world, "vendedor/control-keys", {"keys": keys})
        _put(world, "empresa/control-totals", {"totals": [{"count": 1, "min_key": "E1"}]})
        assert world.as_user("viewer", "GET", "/completeness").status == 200
    first = _prove(world, calls)
    second = _prove(world, calls)
    with calls.of("APIHandler"):
        path = f"/completeness/reports/{second}"
        for name in ("", "/findings", f"/comparison?with={first}"):
            assert world.as_user("viewer", "GET", path + name).status == 200
        assert world.as_user("viewer", "GET", "/completeness/reports").status == 200
        reason = {"deployment_status": "completed", "deployment_reason": "Conferido por telefone"}
        assert world.as_user("admin", "PATCH", "", reason).status == 200
    _view(world, calls, folder)


def _view(world: World, calls: Calls, folder: Path) -> None:
    file = folder / "proof.sqlite"
    database = sqlite3.connect(file)
    database.execute("CREATE TABLE vendedores (codigo TEXT, nome TEXT)")
    database.executemany("INSERT INTO vendedores VALUES (?, 'Ana')", [("1",), ("2",)])
    database.commit()
    with calls.of("APIHandler"):
        world.integration_id, _ = world.new_integration(integration_type="view")
        source = {"engine": "sqlite", "connection_string": f"sqlite:///{file}"}
        tables = {"vendedor": {"view": "vendedores"}}
        assert world.as_user("admin", "PUT", "/view-source", {**source, "tables": tables}).status == 200
    for _ in range(2):  # the second one forgets what the first one was told
        _prove(world, calls)


def _put(world: World, path: str, body: dict[str, Any]) -> None:
    assert world.call("PUT", f"/v1/erp/{path}", body, token=world.erp_key).status == 200


def _prove(world: World, calls: Calls) -> str:
    """Ask for a proof, lose its message, ask again for its state, and work it off."""
    calls.messages.clear()
    world.clock.advance(minutes=1)
    with calls.of("APIHandler"):
        report_id = str(world.as_user("admin", "POST", "/completeness/report", {}).body["report_id"])
        calls.messages.clear()
        world.clock.advance(minutes=20)
        world.as_user("viewer", "GET", f"/completeness/reports/{report_id}")
    while calls.messages:
        event = {"Records": [{"messageId": "m", "body": json.dumps(calls.messages.pop())}]}
        for _ in range(2):  # the second time it is old
            with calls.of("ProveCompleteness"):
                done = world.client.lambda_.invoke("prove_completeness", event).payload
                assert done == {"batchItemFailures": []}
    with calls.of("APIHandler"):
        found = world.as_user("viewer", "GET", f"/completeness/reports/{report_id}").body
        assert (found["status"], found["error"]) == ("done", None)
    return report_id
