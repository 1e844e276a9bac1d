"""A record's trace: its versions, requests, runs and place among the others, as people read them."""

import json
import os
from typing import Any

from chalicelib import wiring
from chalicelib.storage import bulk, connection, keys
from tests.support.digest import staged_records
from tests.support.erp_database import ErpDatabase, reading
from tests.support.traces import changes, night, outcomes, send, traced, whats
from tests.support.views import vendedores
from tests.support.world import World

MAY, JUNE, JULY = "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z"


def ana(at: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"codigo": "1", "nome": f"Ana {at}", **({"atualizado_em": at} if at else {}), **fields}


def gone(**fields: Any) -> dict[str, Any]:
    return {"codigo": "1", "excluido": True, **fields}


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


def test_a_run_that_sets_a_record_aside_is_a_version(own_world: World) -> None:
    first = send(own_world, ana(MAY))
    connection.client().update_item(
        TableName=os.environ["RECORDS_TABLE"],
        Key=bulk.key(keys.record(own_world.integration_id, "vendedor", "1"), "1"),
        UpdateExpression="SET doc = :doc",
        ExpressionAttributeValues={":doc": {"S": json.dumps([None, MAY, first, None]) + "\n{}"}},
    )
    run = night(own_world)

    trace = traced(own_world)

    assert (trace["state"], trace["crm"]) == ("rejected", None)
    newest, oldest = trace["versions"]
    assert (newest["what"], newest["request_id"], newest["run_id"]) == ("rejected", None, run)
    assert (oldest["what"], oldest["request_id"], oldest["run_id"]) == ("created", first, None)
    assert (trace["rejection"]["request_id"], trace["rejection"]["run_id"]) == (None, run)
    assert [(one["run_id"], one["what"], one["certain"]) for one in trace["runs"]] == [
        (run, "rejected", True)
    ]


def test_one_request_is_one_version_whatever_it_said_in_between(own_world: World) -> None:
    send(own_world, ana(MAY))
    request = send(own_world, ana(JUNE), gone(atualizado_em=JUNE), ana(JULY))
    trace = traced(own_world)
    assert whats(trace) == ["updated", "created"]
    assert changes(trace["versions"][0])["nome"] == (f"Ana {MAY}", f"Ana {JULY}")
    assert outcomes(trace)[0] == (request, "updated")


def test_the_last_twenty_versions_are_told_and_it_is_said_that_there_were_more(own_world: World) -> None:
    sent = [send(own_world, ana(nome=f"Ana {number}")) for number in range(23)]
    send(own_world, ana(nome="Ana 22"))
    trace = traced(own_world)
    assert [one["request_id"] for one in trace["versions"]] == sent[:2:-1]
    assert trace["versions_dropped"] == 3
    told = dict(outcomes(trace))
    assert [told[one] for one in sent[:4]] == ["accepted", "accepted", "accepted", "updated"]
    assert trace["requests"][0]["outcome"] == "unchanged"


def test_huge_versions_leave_room_for_few(own_world: World) -> None:
    for number in range(8):
        send(own_world, ana(nome=f"{number}" + "é" * 3_900))
    send(own_world, ana(nome="Ana", livre=["x" * 30_000]))
    send(own_world, ana(nome="Bia"))
    trace = traced(own_world)
    assert trace["revision"] == 10
    assert [one["changes"] is None for one in trace["versions"]] == [True]
    assert trace["versions_dropped"] == 9


def test_rows_of_a_view_have_versions_and_requests_too(view_world: World, erp: ErpDatabase) -> None:
    erp.insert("t_vendedor", vendedores(*range(40), email="a@b.com.br"))
    world = reading(view_world, erp.source("vendedor"))
    one = night(world)
    two = night(world)
    erp.execute("UPDATE t_vendedor SET nome = 'Outro' WHERE codigo = '001'")
    three = night(world)
    erp.execute("DELETE FROM t_vendedor WHERE codigo = '001'")
    four = night(world)

    trace = traced(world, key="001")

    assert whats(trace) == ["deleted", "updated", "created"]
    assert changes(trace["versions"][1]) == {"nome": ("Vendedor 1", "Outro")}
    assert [(one["kind"], one["outcome"]) for one in trace["requests"]] == [
        ("view", "deleted"), ("view", "updated"), ("view", "unchanged"), ("view", "created"),
    ]  # fmt: skip
    assert [run["run_id"] for run in trace["runs"]] == [four, three, one]
    assert two not in str(trace["versions"])
    today = f"{world.clock.now():%Y-%m-%d}"
    named = wiring.request_marks().naming(world.integration_id, "vendedor", "001", [today], 1)
    assert named.request_ids == [one["request_id"] for one in trace["requests"]]
    assert (trace["state"], trace["crm"]) == ("deleted", None)
    unchanged = traced(world, key="002")
    assert [one["outcome"] for one in unchanged["requests"]] == [*["unchanged"] * 3, "created"]
