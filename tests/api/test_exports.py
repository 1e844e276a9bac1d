"""An export: asked for, made, downloaded, shared, expired, and lost ones driven on."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.tables import NAMES
from tests.support.exports import asked, book_of, exported, local, stood
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
