"""A run's log as a file: the same lines as on screen, in local time, as Excel and as text."""

from datetime import UTC, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from tests.support.exports import local
from tests.support.world import Answer, World

NOON = datetime(2026, 7, 8, 15, 30, 0, 123456, tzinfo=UTC)
ZONE = ZoneInfo("America/Sao_Paulo")


@pytest.fixture
def run_id(own_world: World) -> str:
    own_world.clock.frozen = NOON
    own_world.push("vendedor", [{"codigo": "1", "nome": "Ana"}, {"codigo": "2", "supervisor_codigo": "9"}])
    own_world.push("empresa", [{"codigo": "=1", "razao_social": "=Um", "vendedor_codigo": "7"}])
    own_world.clock.advance(seconds=1)
    found: str = own_world.run()["run_id"]
    return found


def download(
    world: World, run_id: str, kind: object, language: str = "pt-BR", role: str = "viewer"
) -> Answer:
    headers = {"Accept-Language": language}
    return world.as_user("viewer", "POST", f"/runs/{run_id}/log/download", {"format": kind}, headers=headers)


@pytest.mark.parametrize("language", ["pt-BR", "en"])
def test_the_workbook_has_the_lines_of_the_screen(own_world: World, run_id: str, language: str) -> None:
    link = download(own_world, run_id, "xlsx", language).body
    assert link["filename"] == f"log-{run_id}.xlsx"
    [sheet] = openpyxl.load_workbook(BytesIO(own_world.files.behind(link["url"]))).worksheets
    header, *rows = sheet.iter_rows(values_only=True)
    headers = {"Accept-Language": language}
    shown = own_world.as_user("viewer", "GET", f"/runs/{run_id}/log?limit=200", headers=headers).body["items"]
    assert link["lines"] == len(shown) == len(rows) > 8
    assert (
        header
        == {
            "pt-BR": ("Data/hora", "Nível", "Etapa", "Mensagem"),
            "en": ("Date and time", "Level", "Stage", "Message"),
        }[language]
    )
    assert [row[3] for row in rows] == [line["message"] for line in shown]
    at = local(NOON, ZONE).replace(second=1, microsecond=123000)
    assert {row[0] for row in rows} == {at}
    assert {row[1] for row in rows} <= {"Informação", "Aviso", "Info", "Warning"}
    assert sheet.freeze_panes == "A2"


def test_the_text_has_a_line_for_each_in_local_time(own_world: World, run_id: str) -> None:
    link = download(own_world, run_id, "txt").body
    lines = own_world.files.behind(link["url"]).decode().splitlines()
    assert len(lines) == link["lines"]
    assert lines[0].startswith("2026-07-08 12:30:01.123 Informação Extração ")
    assert any("empresa" in line and "=1" in line for line in lines)


def test_a_link_is_short(own_world: World, run_id: str) -> None:
    assert download(own_world, run_id, "txt").body["url_expires_at"] == "2026-07-08T15:35:01.123456Z"


def test_the_log_of_a_run_that_is_on_ends_where_it_stands(own_world: World) -> None:
    run_id = own_world.start_run()
    link = download(own_world, run_id, "txt").body
    assert own_world.files.behind(link["url"]) == b""
    assert link["lines"] == 0
    own_world.work_off()


@pytest.mark.parametrize("kind", ["pdf", None, 5, ["xlsx"]])
def test_another_format_is_refused_in_both_languages(own_world: World, run_id: str, kind: object) -> None:
    told = set()
    for language in ("pt-BR", "en"):
        answer = download(own_world, run_id, kind, language)
        assert (answer.status, answer.body["code"]) == (400, "format_invalid")
        assert [error["field"] for error in answer.body["errors"]] == ["format"]
        told.add(answer.body["detail"])
    assert len(told) == 2


def test_the_log_of_no_run_is_not_found(own_world: World) -> None:
    assert download(own_world, "nothing", "txt").body["code"] == "run_not_found"
