"""Integrations and the keys with which ERPs push to them."""

import json
from datetime import datetime
from itertools import islice
from typing import Final

from pynamodb.exceptions import DoesNotExist, PutError, UpdateError
from pynamodb.expressions.condition import Condition

from ..domain import integrations
from ..domain.errors import Busy, Conflict, Stale
from ..domain.integrations import Integration
from ..domain.keys import ErpKey
from ..domain.watch import Watched
from . import bulk, connection, keys
from .models import ErpKeyItem, IntegrationItem
from .watches import nudge, watched_of

CONDITION_FAILED: Final = "ConditionalCheckFailedException"
CONTENDED: Final = "TransactionConflictException"
_ATTEMPTS: Final = 5


class Integrations:
    """Integrations by tenant: asked for another tenant's, it finds nothing."""

    def __init__(self, table_name: str) -> None:
        self._table = table_name
        connection.bind(IntegrationItem, table_name)

    def find(self, tenant_id: str, integration_id: str) -> Integration | None:
        """Read one integration of the tenant; consistent."""
        try:
            item = IntegrationItem.get(
                keys.tenant(tenant_id), keys.integration(integration_id), consistent_read=True
            )
        except DoesNotExist:
            return None
        return integrations.from_json(json.loads(item.settings))

    def of_tenant(self, tenant_id: str, after: str | None, limit: int) -> list[Watched]:
        """List the tenant's integrations by id, at most `limit`, behind the id `after`."""
        behind = keys.integration(after) if after else None
        found = bulk.query(self._table, keys.tenant(tenant_id), after=behind, Limit=limit)
        return [watched_of(item) for item in islice(found, limit)]

    def add(self, integration: Integration, now: datetime) -> None:
        """Store a new integration; raises Conflict when the id is taken."""
        self._save(integration, now, IntegrationItem.pk.does_not_exist(), Conflict("integration_exists"))

    def replace(self, integration: Integration, version: int, now: datetime) -> None:
        """Store changed settings if nobody changed them since `version`; raises Stale otherwise."""
        self._save(integration, now, IntegrationItem.version == version, Stale())

    def _save(self, integration: Integration, now: datetime, condition: Condition, lost: Exception) -> None:
        """Write settings, and leave what else lies in the item; the watchdog has to look at them."""
        item = IntegrationItem(
            keys.tenant(integration.tenant_id), keys.integration(integration.integration_id)
        )
        settings = json.dumps(integrations.to_json(integration), ensure_ascii=False)
        actions = [
            IntegrationItem.version.set(integration.version),
            IntegrationItem.settings.set(settings),
            *nudge(integration.integration_id, now),
        ]
        for attempt in range(_ATTEMPTS):
            try:
                item.update(actions=actions, condition=condition)
                return
            except UpdateError as error:
                if error.cause_response_code == CONDITION_FAILED:
                    raise lost from error
                if error.cause_response_code != CONTENDED:
                    raise
                bulk.pause(attempt)
        raise Busy()


class ErpKeys:
    """Keys by integration; a key's id begins with its integration's id, so one read finds it."""

    def __init__(self, table_name: str) -> None:
        connection.bind(ErpKeyItem, table_name)

    def find(self, integration_id: str, key_id: str) -> ErpKey | None:
        """Read one key; consistent, so that a revocation counts at once."""
        try:
            item = ErpKeyItem.get(keys.erp_keys(integration_id), key_id, consistent_read=True)
        except DoesNotExist:
            return None
        return _key(integration_id, item)

    def of_integration(self, integration_id: str, after: str | None, limit: int) -> list[ErpKey]:
        """List an integration's keys, revoked ones included."""
        pk = keys.erp_keys(integration_id)
        last = {"pk": {"S": pk}, "sk": {"S": after}} if after else None
        found = ErpKeyItem.query(pk, limit=limit, last_evaluated_key=last, consistent_read=True)
        return [_key(integration_id, item) for item in found]

    def add(self, key: ErpKey) -> None:
        """Store a new key; raises Conflict when the id is taken."""
        item = ErpKeyItem(
            keys.erp_keys(key.integration_id),
            key.key_id,
            tenant_id=key.tenant_id,
            name=key.name,
            secret_hash=key.secret_hash,
            created_at=key.created_at,
            created_by=key.created_by,
            reads_only=key.reads_only or None,
        )
        try:
            item.save(condition=ErpKeyItem.pk.does_not_exist())
        except PutError as error:
            if error.cause_response_code == CONDITION_FAILED:
                raise Conflict("key_exists") from error
            raise

    def revoke(self, integration_id: str, key_id: str, at: str) -> bool:
        """Revoke a key for good; False when there is no such key. The first revocation's time stays."""
        item = ErpKeyItem(keys.erp_keys(integration_id), key_id)
        try:
            item.update(
                actions=[ErpKeyItem.revoked_at.set(ErpKeyItem.revoked_at | at)],
                condition=ErpKeyItem.secret_hash.exists(),
            )
        except UpdateError as error:
            if error.cause_response_code == CONDITION_FAILED:
                return False
            raise
        return True


def _key(integration_id: str, item: ErpKeyItem) -> ErpKey:
    return ErpKey(
        key_id=item.sk,
        integration_id=integration_id,
        tenant_id=item.tenant_id,
        name=item.name,
        secret_hash=item.secret_hash,
        created_at=item.created_at,
        created_by=item.created_by,
        revoked_at=item.revoked_at,
        reads_only=bool(item.reads_only),
    )
