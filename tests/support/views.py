"""What tests of views have in common: rows, and questions about what became of them."""

from typing import Any

from tests.support.digest import staged_records
from tests.support.world import World


def vendedores(*numbers: int, **more: Any) -> list[dict[str, Any]]:
    """Make sellers' rows."""
    return [{"codigo": f"{one:03}", "nome": f"Vendedor {one}", **more} for one in numbers]


def keys(world: World, table: str = "vendedor") -> list[str]:
    """List a table's live keys."""
    return [one.key for one in staged_records(world.integration_id, table) if one.live]


def stage(run: dict[str, Any], name: str = "extract") -> dict[str, Any]:
    """Pick a stage of a run."""
    [found] = [one for one in run["stages"] if one["name"] == name]
    return dict(found)
