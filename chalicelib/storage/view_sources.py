"""View sources and how far the reading of each of their views has come; no secret is ever among it."""

import json
from typing import Any

from pynamodb.exceptions import DoesNotExist, PutError

from ..domain import view_source
from ..domain.errors import Stale
from ..domain.view_source import ViewSource
from . import bulk, connection, keys
from .models import ViewItem

CONDITION_FAILED = "ConditionalCheckFailedException"


class ViewSources:
    """One source an integration; its tables' states lie beside it."""

    def __init__(self, table_name: str) -> None:
        self._table = table_name
        connection.bind(ViewItem, table_name)

    def find(self, integration_id: str) -> ViewSource | None:
        """Read an integration's source; consistent."""
        try:
            item = ViewItem.get(keys.view_source(integration_id), keys.SOURCE, consistent_read=True)
        except DoesNotExist:
            return None
        return view_source.from_json(json.loads(item.document))

    def save(self, integration_id: str, source: ViewSource, version: int) -> None:
        """Store a source if nobody changed it since `version` (0: there was none); raises Stale otherwise."""
        item = ViewItem(keys.view_source(integration_id), keys.SOURCE)
        item.version = source.version
        item.document = json.dumps(view_source.to_json(source), ensure_ascii=False)
        unchanged = (ViewItem.version == version) if version else ViewItem.pk.does_not_exist()
        try:
            item.save(condition=unchanged)
        except PutError as error:
            if error.cause_response_code == CONDITION_FAILED:
                raise Stale() from error
            raise

    def states(self, integration_id: str) -> dict[str, dict[str, Any]]:
        """Read how far each table's reading has come, by table."""
        found = bulk.query(self._table, keys.view_source(integration_id), after=keys.SOURCE)
        return {
            item["sk"]["S"].removeprefix(keys.VIEW_TABLE_PREFIX): json.loads(item["document"]["S"])
            for item in found
        }

    def note(self, integration_id: str, table: str, state: dict[str, Any]) -> None:
        """Remember how far a table's reading has come; the same again changes nothing."""
        document = json.dumps(state, ensure_ascii=False)
        ViewItem(
            keys.view_source(integration_id), keys.view_table(table), document=document, version=0
        ).save()
