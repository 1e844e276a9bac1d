"""A wrong question about the history is refused precisely, in both languages."""

from datetime import UTC, datetime

import pytest

from tests.support.world import Answer, World

NOON = datetime(2026, 7, 8, 15, 30, tzinfo=UTC)


@pytest.fixture
def world(own_world: World) -> World:
    own_world.clock.frozen = NOON
    return own_world


def listed(world: World, query: str = "", role: str = "admin", language: str = "pt-BR") -> Answer:
    headers = {"Accept-Language": language}
    return world.as_user(role, "GET", f"/requests?{query}", headers=headers)


WRONG: dict[str, tuple[str, str]] = {
    "from=2026-07-01T15:30:00Z&to=2026-07-08T15:30:01Z": ("period_too_long", "to"),
    "from=2026-07-08T15:30:01Z": ("period_from_ahead", "from"),
    "from=2026-07-07T00:00:00Z&to=2026-07-06T00:00:00Z": ("period_reversed", "to"),
    "from=2026-07-07T00:00:00Z&to=2026-07-07T00:00:00Z": ("period_reversed", "to"),
    "from=2026-06-30T15:30:00Z&to=2026-07-05T00:00:00Z": ("period_too_old", "from"),
    "from=yesterday": ("period_moment_invalid", "from"),
    "to=2026-07-08": ("period_moment_invalid", "to"),
    "to=2026-02-30T00:00:00Z": ("period_moment_invalid", "to"),
    "table=produto": ("history_table_unknown", "tables.0"),
    "table=nota,produto": ("history_table_unknown", "tables.1"),
    "status=fine": ("filter_invalid", "status"),
    "status=6xx": ("filter_invalid", "status"),
}


@pytest.mark.parametrize("query", WRONG)
def test_a_wrong_question_is_refused_precisely_in_both_languages(world: World, query: str) -> None:
    code, field = WRONG[query]
    told = set()
    for language in ("pt-BR", "en"):
        answer = listed(world, query, language=language)
        assert (answer.status, answer.body["code"]) == (400, code), answer.body
        assert [error["field"] for error in answer.body["errors"]] == [field]
        assert "{" not in answer.body["detail"]
        assert answer.body["detail"] == answer.body["errors"][0]["message"]
        told.add(answer.body["detail"])
    assert len(told) == 2


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJub3RoaW5nIl0"])
def test_a_cursor_that_is_none_is_refused(world: World, cursor: str) -> None:
    answer = listed(world, f"cursor={cursor}")
    assert (answer.status, answer.body["code"]) == (400, "cursor_invalid")
