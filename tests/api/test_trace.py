"""A record's trace: its versions, requests, runs and place among the others, as people read them."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.support.world import Answer, World

MAY, JUNE, JULY = "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z"


def ana(at: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"codigo": "1", "nome": f"Ana {at}", **({"atualizado_em": at} if at else {}), **fields}


def gone(**fields: Any) -> dict[str, Any]:
    return {"codigo": "1", "excluido": True, **fields}


def ask(world: World, table: str = "vendedor", key: str = "1", role: str = "admin") -> Answer:
    return world.as_user(role, "GET", f"/trace/{table}/{quote(key, safe='')}")


def traced(world: World, table: str = "vendedor", key: str = "1", role: str = "admin") -> dict[str, Any]:
    answer = ask(world, table, key, role)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.body
    return found


def send(world: World, *records: Any, table: str = "vendedor", **options: Any) -> str:
    """Deliver records a second after what was before; answers the request's id."""
    world.clock.advance(seconds=1)
    answer = world.push(table, list(records), **options)
    assert answer.status == 200, answer.body
    return str(answer.body["request_id"])


def night(world: World) -> str:
    """Run a second later; answers the run's id."""
    world.clock.advance(seconds=1)
    return str(world.run()["run_id"])


def changes(version: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {one["field"]: (one["before"], one["after"]) for one in version["changes"]}


def whats(trace: dict[str, Any]) -> list[str]:
    return [one["what"] for one in trace["versions"]]


def outcomes(trace: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["request_id"], one["outcome"]) for one in trace["requests"]]


def test_each_version_says_what_it_changed_and_who_brought_it(own_world: World) -> None:
    first = send(own_world, ana(MAY, email="a@b.com"))
    second = send(own_world, ana(JUNE, email="a@b.com"))
    third = send(own_world, ana(JULY, telefone="11 5555-0100"))

    trace = traced(own_world)

    assert [(one["revision"], one["what"], one["request_id"]) for one in trace["versions"]] == [
        (3, "updated", third), (2, "updated", second), (1, "created", first),
    ]  # fmt: skip
    newest, middle, oldest = map(changes, trace["versions"])
    assert newest["email"] == ("a@b.com", None)
    assert newest["telefone"] == (None, "11 5555-0100")
    assert newest["nome"] == (f"Ana {JUNE}", f"Ana {JULY}")
    assert middle == {
        "nome": (f"Ana {MAY}", f"Ana {JUNE}"),
        "atualizado_em": ("2026-05-01T00:00:00.000000Z", "2026-06-01T00:00:00.000000Z"),
    }
    assert oldest["email"] == (None, "a@b.com")
    assert oldest.keys() == {"codigo", "nome", "email", "atualizado_em"}
    assert trace["versions_dropped"] == 0
    assert [one["at"] for one in trace["versions"]] == sorted(
        (one["at"] for one in trace["versions"]), reverse=True
    )
    assert outcomes(trace) == [(third, "updated"), (second, "updated"), (first, "created")]


def test_a_delivery_that_changed_nothing_is_a_request_and_no_version(own_world: World) -> None:
    first = send(own_world, ana(JUNE))
    same = send(own_world, ana(JUNE), {"codigo": "2", "nome": "Bia"})
    older = send(own_world, ana(MAY))
    send(own_world, {"codigo": "2", "nome": "Bia Lima"})

    trace = traced(own_world)

    assert whats(trace) == ["created"]
    assert outcomes(trace) == [(older, "unchanged"), (same, "unchanged"), (first, "created")]
    assert [one["code"] for one in trace["requests"]] == ["older_version", None, None]
    assert {one["status"] for one in trace["requests"]} == {200}
    assert not trace["requests_more"]


def test_deleted_and_restored(own_world: World) -> None:
    send(own_world, ana(MAY, email="a@b.com"))
    send(own_world, gone())
    assert (traced(own_world)["state"], traced(own_world)["crm"]) == ("deleted", None)
    send(own_world, ana(JULY))

    trace = traced(own_world)

    assert whats(trace) == ["restored", "deleted", "created"]
    restored, deleted, _ = map(changes, trace["versions"])
    assert deleted["email"] == ("a@b.com", None)
    assert deleted["excluido"] == (None, True)
    assert restored["excluido"] == (True, None)
    assert restored["nome"] == (None, f"Ana {JULY}")
    assert (trace["state"], trace["deleted"]) == ("pending", False)


def test_a_deletion_is_pending_while_the_crm_still_has_the_record(own_world: World) -> None:
    send(own_world, ana(MAY))
    first = night(own_world)
    send(own_world, gone())
    pending = traced(own_world)
    assert (pending["state"], pending["deleted"], pending["crm"]["up_to_date"]) == ("pending", True, False)
    second = night(own_world)
    trace = traced(own_world)
    assert (trace["state"], trace["crm"]) == ("deleted", None)
    assert [(one["run_id"], one["what"], one["certain"]) for one in trace["runs"]] == [
        (second, "deleted", False), (first, "applied", False),
    ]  # fmt: skip


def test_a_refusal_is_a_version_beside_the_one_that_lives(own_world: World) -> None:
    first = send(own_world, ana(MAY))
    refused = send(own_world, ana(JUNE, nome=7))
    again = send(own_world, ana(JUNE, nome=7))

    trace = traced(own_world)

    assert (trace["state"], trace["record"]["nome"]) == ("rejected", f"Ana {MAY}")
    assert [(one["what"], one["request_id"]) for one in trace["versions"]] == [
        ("rejected", refused), ("created", first),
    ]  # fmt: skip
    assert trace["versions"][0]["changes"] == []
    rejection = trace["rejection"]
    assert (rejection["request_id"], rejection["run_id"]) == (refused, None)
    assert rejection["record"] == ana(JUNE, nome=7)
    assert [(one["field"], one["code"]) for one in rejection["errors"]] == [("nome", "not_text")]
    assert outcomes(trace) == [(again, "rejected"), (refused, "rejected"), (first, "created")]
    assert trace["requests"][0]["code"] == "not_text"

    confirmed = send(own_world, ana(MAY))
    trace = traced(own_world)
    assert (trace["versions"][0]["what"], trace["versions"][0]["request_id"]) == ("confirmed", confirmed)
    assert (trace["state"], trace["rejection"]) == ("pending", None)
    assert trace["versions_dropped"] == 0


def test_a_record_without_a_key_is_traced_by_what_it_is_stored_under(own_world: World) -> None:
    refused = send(own_world, {"nome": "Sem código"})
    from tests.support.digest import staged_records

    [stored] = staged_records(own_world.integration_id, "vendedor")
    trace = traced(own_world, key=stored.key)
    assert (trace["state"], trace["record"], whats(trace)) == ("rejected", None, ["rejected"])
    assert outcomes(trace) == [(refused, "rejected")]
    again = send(own_world, {"nome": "Sem código"})
    assert outcomes(traced(own_world, key=stored.key)) == [(again, "rejected"), (refused, "rejected")]


def test_versions_name_the_runs_that_applied_them(own_world: World) -> None:
    send(own_world, ana(MAY))
    one = night(own_world)
    send(own_world, ana(JUNE))
    send(own_world, ana(JULY))
    two = night(own_world)
    night(own_world)
    send(own_world, ana(JULY, nome="Bia"))

    trace = traced(own_world)

    named = [(version["run_id"], version["run_certain"]) for version in trace["versions"]]
    assert named == [(None, None), (two, True), (None, None), (one, False)]
    assert [(run["run_id"], run["revision"], run["what"], run["status"]) for run in trace["runs"]] == [
        (two, 3, "applied", "success"), (one, 1, "applied", "success"),
    ]  # fmt: skip
    assert (trace["crm"]["run_id"], trace["crm"]["revision"], trace["crm"]["up_to_date"]) == (two, 3, False)
    assert trace["crm"]["record"]["nome"] == f"Ana {JULY}"
    assert trace["state"] == "pending"
    last = night(own_world)
    trace = traced(own_world)
    assert (trace["state"], trace["crm"]["run_id"], trace["crm"]["up_to_date"]) == ("applied", last, True)


@pytest.mark.parametrize("table", ["vendedor", "nota"])
def test_what_is_not_there_is_not_found(own_world: World, table: str) -> None:
    answer = ask(own_world, table, "9|9")
    assert (answer.status, answer.body["code"], answer.body["errors"]) == (404, "record_not_found", [])
