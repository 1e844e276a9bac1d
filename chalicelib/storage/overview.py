"""An integration together with what its runs share, in a single call over two tables."""

from ..domain.runs import State
from ..domain.watch import Watched
from . import bulk, connection, keys
from .models import RunStateItem
from .run_items import state_of
from .watches import watched_of


class Overview:
    """Reads what the page's first screen needs."""

    def __init__(self, integrations_table: str, runs_table: str) -> None:
        self._integrations, self._runs = integrations_table, runs_table
        connection.bind(RunStateItem, runs_table)

    def find(self, tenant_id: str, integration_id: str) -> tuple[Watched, State] | None:
        """Read the tenant's integration and its runs' state; consistent."""
        wanted = {
            self._integrations: (keys.tenant(tenant_id), keys.integration(integration_id)),
            self._runs: (keys.runs(integration_id), keys.STATE),
        }
        found = bulk.get_across(wanted)
        settings = found.get(self._integrations)
        if settings is None:
            return None
        state = found.get(self._runs)
        return watched_of(settings), state_of(RunStateItem.from_raw_data(state)) if state else State()
