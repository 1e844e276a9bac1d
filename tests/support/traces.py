"""Deliver and trace, with time passing in between."""

from typing import Any
from urllib.parse import quote

from tests.support.world import Answer, World


def ask(world: World, table: str = "vendedor", key: str = "1", role: str = "admin", **options: Any) -> Answer:
    """Ask for a trace."""
    return world.as_user(role, "GET", f"/trace/{table}/{quote(key, safe='')}", **options)


def traced(world: World, table: str = "vendedor", key: str = "1", role: str = "admin") -> dict[str, Any]:
    """Read a trace."""
    answer = ask(world, table, key, role)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.body
    return found


def send(world: World, *records: Any, table: str = "vendedor", **options: Any) -> str:
    """Deliver records a second after what was before; answers the request's id."""
    world.clock.advance(seconds=1)
    answer = world.push(table, list(records), **options)
    assert answer.status == 200, answer.body
    return str(answer.headers["X-Request-Id"])


def night(world: World) -> str:
    """Run a second later; answers the run's id."""
    world.clock.advance(seconds=1)
    return str(world.run()["run_id"])


def changes(version: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Read what a version changed: field → before and after."""
    return {one["field"]: (one["before"], one["after"]) for one in version["changes"]}


def whats(trace: dict[str, Any]) -> list[str]:
    """Read what each version was, newest first."""
    return [one["what"] for one in trace["versions"]]


def outcomes(trace: dict[str, Any]) -> list[tuple[str, str]]:
    """Read each request and what became of the record in it, newest first."""
    return [(one["request_id"], one["outcome"]) for one in trace["requests"]]
