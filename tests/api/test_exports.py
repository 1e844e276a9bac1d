"""An export: asked for, made, downloaded, shared, expired, and lost ones driven on."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib import export_wiring, wiring
from chalicelib.domain.exports import MAX_ATTEMPTS
from chalicelib.domain.runs import LeaseHeld
from chalicelib.domain.tables import NAMES
from chalicelib.services.export_job import SliceFailed
from tests.support.calls import counted
from tests.support.exports import asked, book_of, exported, local, stood
from tests.support.slices import slices_of
from tests.support.world import World

NOON = datetime(2026, 7, 8, 15, 30, tzinfo=UTC)
ZONE = ZoneInfo("America/Sao_Paulo")
ANA = {"codigo": "1", "nome": "Ana"}


@pytest.fixture
def world(own_world: World) -> World:
    own_world.clock.frozen = NOON
    own_world.exports_queue.messages.clear()
    return own_world


def test_the_workbook_holds_every_request_and_answer_of_the_tables_asked_for(world: World) -> None:
    first = world.push("vendedor", [ANA, {"codigo": "2"}, {"codigo": "3", "nome": 5, "ativo": "x"}])
    world.clock.advance(hours=1)
    second = world.push("empresa", [{"codigo": "1", "razao_social": "=Um"}])
    world.push("nota", [{}])

    export = exported(world, tables=["vendedor", "empresa"])

    assert (export["rows"], export["rejected_rows"], export["progress"]) == (2, 2, 1.0)
    book = book_of(world, export)
    assert list(book.sheets) == ["Resumo", "empresa", "vendedor", "Rejeitados"]
    [row] = book.sheets["vendedor"]
    assert row["Data/hora"] == local(NOON, ZONE)
    assert (row["Método"], row["Endpoint"], row["Status HTTP"]) == ("POST", "/v1/erp/vendedor", 200)
    assert (row["Situação"], row["Id da requisição"], row["Chave de acesso"]) == (
        "Parcial",
        first.body["request_id"],
        "ERP",
    )
    counts = ("Recebidos", "Criados", "Atualizados", "Sem alteração", "Excluídos", "Rejeitados")
    assert [row[name] for name in counts] == [3, 1, 0, 0, 0, 2]
    assert row["Duração (ms)"] == 0
    [(request, answer)] = book.bodies("empresa")
    shown = world.as_user("admin", "GET", f"/requests/{second.body['request_id']}").body
    assert (request.decode(), answer.decode()) == (shown["request_body"], shown["response_body"])
    assert [
        (one["Tabela"], one["Posição"], one["Chave"], one["Campo"]) for one in book.sheets["Rejeitados"]
    ] == [
        ("vendedor", 2, "2", "nome"),
        ("vendedor", 3, "3", "nome | ativo"),
    ]
    assert all(one["Mensagem"] for one in book.sheets["Rejeitados"])
    [facts] = book.sheets["Resumo"]
    assert (facts["Integração"], facts["Fuso horário"]) == ("Distribuidora Teste", "America/Sao_Paulo")
    assert facts["Gerado em"] == local(world.clock.now(), ZONE)
    assert (facts["Requisições"], facts["Registros rejeitados"]) == (2, 2)


def test_none_asked_for_are_all_tables_and_what_named_none(world: World) -> None:
    world.push("nada", [ANA])
    assert list(book_of(world, exported(world)).sheets) == [
        "Resumo",
        *NAMES,
        "outras requisições",
        "Rejeitados",
    ]


def test_it_is_in_the_language_of_whoever_asks(world: World) -> None:
    world.push("vendedor", [ANA])
    export = exported(world, language="en", tables=["vendedor"])
    assert export["filename"] == "history-2026-07-02-to-2026-07-08.xlsx"
    book = book_of(world, export)
    assert list(book.sheets) == ["Summary", "vendedor", "Rejected"]
    assert book.sheets["vendedor"][0]["Situation"] == "Success"


def test_a_period_without_requests_is_a_workbook_without_rows(world: World) -> None:
    export = exported(world, tables=["nota"])
    assert (export["rows"], export["filename"]) == (0, "historico-2026-07-02-a-2026-07-08.xlsx")
    assert book_of(world, export).sheets["nota"] == []


def test_each_look_at_a_finished_export_gives_a_fresh_short_link(world: World) -> None:
    export = exported(world)
    again = stood(world, export["export_id"])
    assert export["url"] != again["url"]
    assert world.files.behind(export["url"]) == world.files.behind(again["url"])
    assert again["url_expires_at"] == "2026-07-08T15:35:00.000000Z"


def test_a_file_that_expired_says_so_in_both_languages(world: World) -> None:
    export = exported(world)
    assert export["file_expires_at"] == "2026-07-15T15:30:00.000000Z"
    world.clock.advance(days=7)
    told = set()
    for language in ("pt-BR", "en"):
        gone = stood(world, export["export_id"], language=language)
        assert (gone["status"], gone["url"], gone["error"]["code"]) == ("done", None, "export_expired")
        told.add(gone["error"]["message"])
    assert len(told) == 2


def test_a_file_that_somebody_deleted_counts_as_expired(world: World) -> None:
    export = exported(world)
    world.files.objects.clear()
    gone = stood(world, export["export_id"])
    assert (gone["url"], gone["error"]["code"]) == (None, "export_expired")


def test_identical_requests_share_one_job_until_it_ends(world: World) -> None:
    first = asked(world).body["export_id"]
    assert asked(world).body["export_id"] == first
    assert asked(world, language="en").body["export_id"] != first
    assert asked(world, tables=["nota"]).body["export_id"] != first
    assert asked(world, masked=True).body["export_id"] != first
    assert asked(world, role="viewer").body["export_id"] == asked(world, masked=True).body["export_id"]
    assert len(world.exports_queue.messages) == 4
    world.work_off_exports()
    assert stood(world, first)["status"] == "done"
    assert asked(world).body["export_id"] != first


def test_what_comes_after_the_asking_is_not_in_the_file(world: World) -> None:
    world.push("vendedor", [ANA])
    world.clock.advance(seconds=1)
    export = asked(world, tables=["vendedor"]).body
    world.clock.advance(seconds=5)
    world.push("vendedor", [{"codigo": "2", "nome": "Rui"}])
    world.work_off_exports()
    assert stood(world, export["export_id"])["rows"] == 1


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "7 days and a second": (
        {"from": "2026-07-01T15:30:00Z", "to": "2026-07-08T15:30:01Z"},
        "period_too_long",
        "to",
    ),
    "begins ahead": ({"from": "2026-07-08T15:30:01Z"}, "period_from_ahead", "from"),
    "reversed": ({"from": "2026-07-07T00:00:00Z", "to": "2026-07-06T00:00:00Z"}, "period_reversed", "to"),
    "8 days ago": ({"from": "2026-06-30T15:30:00Z", "to": "2026-07-01T00:00:00Z"}, "period_too_old", "from"),
    "unknown table": ({"tables": ["nota", "produto"]}, "history_table_unknown", "tables.1"),
    "no list": ({"tables": "nota"}, "tables_invalid", "tables"),
    "odd list": ({"tables": ["nota", 5]}, "tables_invalid", "tables"),
    "no beginning": ({"from": None}, "period_moment_missing", "from"),
    "no moment": ({"to": 5}, "period_moment_invalid", "to"),
    "masked how": ({"masked": "yes"}, "export_masked_invalid", "masked"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_refused_precisely_in_both_languages(world: World, name: str) -> None:
    body, code, field = WRONG[name]
    told = set()
    for language in ("pt-BR", "en"):
        answer = asked(world, language=language, **body)
        assert (answer.status, answer.body["code"]) == (400, code), answer.body
        assert [error["field"] for error in answer.body["errors"]] == [field]
        assert "{" not in answer.body["detail"]
        told.add(answer.body["detail"])
    assert len(told) == 2
    assert not world.exports_queue.messages


@pytest.mark.parametrize("body", [[], 5, {"von": 1}])
def test_a_body_that_is_no_request_for_an_export_is_refused(world: World, body: Any) -> None:
    answer = world.as_user("viewer", "POST", "/exports", body)
    assert (answer.status, answer.body["code"]) in {(400, "body_not_object"), (400, "export_field_unknown")}


def test_seven_days_are_taken(world: World) -> None:
    answer = asked(world, **{"from": "2026-07-01T15:30:00Z", "to": "2026-07-08T15:30:00Z"})
    assert answer.status == 202


def test_an_empty_week_costs_one_query_a_table_and_day(world: World) -> None:
    period = {"from": "2026-07-01T15:30:00Z", "to": "2026-07-08T15:30:00Z"}
    asked(world, tables=list(NAMES), **period)
    with counted() as calls:
        world.work_off_exports()
    assert calls.by_operation["Query"] == 12 * 8


def test_a_day_with_few_requests_costs_one_query_more(world: World) -> None:
    world.push("nota", [{}])
    world.clock.advance(seconds=1)
    asked(world, tables=["nota"], **{"from": "2026-07-08T00:00:00Z", "to": "2026-07-08T15:30:00Z"})
    with counted() as calls:
        world.work_off_exports()
    assert calls.by_operation["Query"] == 2
    assert calls.by_operation["BatchGetItem"] == 0


def test_a_lost_message_is_sent_again_when_somebody_asks(world: World) -> None:
    export_id = asked(world).body["export_id"]
    world.exports_queue.messages.clear()
    assert stood(world, export_id)["status"] == "queued"
    assert not world.exports_queue.messages
    world.clock.advance(minutes=6)
    for _ in range(3):
        assert stood(world, export_id)["status"] == "queued"
    assert len(world.exports_queue.messages) == 1
    world.work_off_exports()
    assert stood(world, export_id)["status"] == "done"


def test_a_message_delivered_twice_is_worked_on_once(world: World) -> None:
    world.push("vendedor", [ANA])
    world.clock.advance(seconds=1)
    export_id = asked(world).body["export_id"]
    [message] = world.exports_queue.messages
    export_wiring.exports().claim(world.integration_id, export_id, "somebody", 0, world.clock.now(), 150)
    with pytest.raises(LeaseHeld):
        export_wiring.export_job().advance(message, "another")
    world.clock.advance(seconds=151)
    world.work_off_exports()
    assert export_wiring.export_job().advance(message, "late") == "dropped"
    assert stood(world, export_id)["rows"] == 1


def test_what_fails_again_and_again_ends_in_an_error_that_says_what_to_do(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id = asked(world).body["export_id"]
    [message] = world.exports_queue.messages

    def fail(*_: Any) -> Any:
        raise OSError("disk is on fire")

    monkeypatch.setattr(wiring.request_log(), "count", fail)
    for attempt in range(MAX_ATTEMPTS):
        assert stood(world, export_id)["error"] is None
        with pytest.raises(SliceFailed):
            export_wiring.export_job().advance(message, f"worker-{attempt}")
    assert export_wiring.export_job().advance(message, "last") == "error"
    told = {stood(world, export_id, language=one)["error"]["message"] for one in ("pt-BR", "en")}
    assert len(told) == 2
    assert all("disk is on fire" in one for one in told)
    assert asked(world).body["export_id"] != export_id


def test_workers_that_vanish_again_and_again_end_it_too(world: World) -> None:
    export_id = asked(world).body["export_id"]
    [message] = world.exports_queue.messages
    for attempt in range(MAX_ATTEMPTS):
        export_wiring.exports().claim(
            world.integration_id, export_id, f"w{attempt}", 0, world.clock.now(), 150
        )
        world.clock.advance(seconds=151)
    assert export_wiring.export_job().advance(message, "last") == "error"
    assert stood(world, export_id)["error"]["code"] == "export_worker_lost"


def test_the_progress_is_that_of_the_reading(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8):
        world.push(NAMES[number], [{"codigo": "1"}])
    world.clock.advance(seconds=1)
    slices_of(monkeypatch, seconds=0)
    export_id = asked(world, tables=list(NAMES)).body["export_id"]
    seen = [stood(world, export_id)]
    while world.exports_queue.messages:
        export_wiring.export_job().advance(world.exports_queue.messages.popleft(), "worker")
        seen.append(stood(world, export_id))
    assert [one["rows"] for one in seen] == sorted(one["rows"] for one in seen)
    progress = [one["progress"] for one in seen]
    assert progress == sorted(progress)
    assert (progress[0], progress[-1]) == (0.0, 1.0)
    assert len(set(progress)) > 5
    assert {one["status"] for one in seen[1:-1]} == {"running"}


def test_no_piece_of_work_is_left_behind(world: World) -> None:
    world.push("vendedor", [ANA])
    world.clock.advance(seconds=1)
    exported(world)
    mine = [name for name in world.files.objects if world.integration_id in name]
    assert [name.split("/")[0] for name in mine] == ["exports"]


def test_a_period_across_a_change_of_clocks_shows_local_times(world: World) -> None:
    """New York goes back an hour on 1 November 2026."""
    schedule = {"time": "03:00", "timezone": "America/New_York"}
    world.integration_id, world.erp_key = world.new_integration(schedule=schedule)
    zone = ZoneInfo("America/New_York")
    world.clock.frozen = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    moments = []
    for _ in range(3):
        moments.append(world.clock.now())
        world.push("vendedor", [ANA])
        world.clock.advance(hours=1)
    rows = book_of(world, exported(world, tables=["vendedor"])).sheets["vendedor"]
    assert [row["Data/hora"] for row in rows] == [local(moment, zone) for moment in moments]
    assert [row["Data/hora"].hour for row in rows] == [1, 1, 2]
