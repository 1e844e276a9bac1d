"""An integration together with what its runs share, in a single call over two tables."""

import json

from ..domain import integrations
from ..domain.integrations import Integration
from ..domain.runs import State
from . import bulk, connection, keys
from .models import RunStateItem
from .run_items import state_of


class Overview:
    """Reads what the page's first screen needs."""

    def __init__(self, integrations_table: str, runs_table: str) -> None:
        self._integrations, self._runs = integrations_table, runs_table
        connection.bind(RunStateItem, runs_table)

    def find(self, tenant_id: str, integration_id: str) -> tuple[Integration, State] | None:
        """Read the tenant's integration and its runs' state; consistent."""
        wanted = {
            self._integrations: (keys.tenant(tenant_id), keys.integration(integration_id)),
            self._runs: (keys.runs(integration_id), keys.STATE),
        }
        found = bulk.get_across(wanted)
        settings = found.get(self._integrations)
        if settings is None:
            return None
        integration = integrations.from_json(json.loads(settings["settings"]["S"]))
        state = found.get(self._runs)
        return integration, state_of(RunStateItem.from_raw_data(state)) if state else State()
