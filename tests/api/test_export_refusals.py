"""What is asked of an export wrongly is refused precisely, in both languages."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.exports import asked
from tests.support.world import World

NOON = datetime(2026, 7, 8, 15, 30, tzinfo=UTC)


@pytest.fixture
def world(own_world: World) -> World:
    own_world.clock.frozen = NOON
    own_world.exports_queue.messages.clear()
    return own_world


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
