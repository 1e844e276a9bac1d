"""What the watchdog costs follows what is due, and not how many integrations there are."""

import json
import os
from datetime import UTC, datetime, timedelta

from chalicelib import alert_wiring
from chalicelib.domain import integrations
from chalicelib.domain.integrations import Integration
from chalicelib.domain.values import instant_text
from chalicelib.storage import bulk, keys
from tests.support.calls import Calls, counted
from tests.support.world import World

ENGINE = "dynamodb_local"  # costs are those of AWS's own engine

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
OVERDUE = 10


def a_round(world: World, tenant: str, others: int) -> Calls:
    """Have 10 integrations get overdue among so many others that are not, and count the watchdog's calls."""
    world.clock.frozen, world.clock.offset = NOON, timedelta()
    quiet = {"active": False, "name": "Outra"}
    world.call("POST", "/v1/integrations", quiet, token=world.token("operator", tenant))
    _store(tenant, others)
    settings = {"schedule": {"time": "00:00", "timezone": "UTC"}, "alert_settings": {"erp_silent": False}}
    late = {world.new_integration(tenant, **settings)[0] for _ in range(OVERDUE)}
    alert_wiring.watchdog().tick(60)
    world.clock.advance(hours=24)
    with counted() as calls:
        alert_wiring.watchdog().tick(60)
    assert late <= {one for one, _ in world.topics.mails}
    return calls


def _store(tenant: str, number: int) -> None:
    """Put integrations on the table that become due a year from now, as their own writes would leave them."""
    one = Integration("", tenant, "Outra", active=True, scheduled=True, armed_at=instant_text(NOON))
    settings = json.dumps(integrations.to_json(one))
    due = instant_text(NOON + timedelta(days=365))
    ids = (f"{number:012d}" for number in range(number))
    bulk.write_many(
        os.environ["INTEGRATIONS_TABLE"],
        (
            {
                **bulk.key(keys.tenant(tenant), keys.integration(one)),
                "settings": bulk.text(settings),
                "version": bulk.number(1),
                "revision": bulk.number(1),
                "due_shard": bulk.text(keys.due_shard(keys.bucket(one))),
                "due_at": bulk.text(due),
            }
            for one in ids
        ),
    )


def test_10_overdue_among_100_cost_as_much_as_10_among_100_000(own_world: World) -> None:
    few = a_round(own_world, "tenant-few", 100)
    many = a_round(own_world, "tenant-many", 100_000)
    for count in ("total", "read_units", "write_units"):
        small, large = getattr(few, count), getattr(many, count)
        assert 0.8 * small <= large <= 1.2 * small, f"{count}: {small} among 100, {large} among 100,000"
    assert few.total <= 16 + 2 + 6 * OVERDUE, few.by_operation


def test_a_minute_in_which_nothing_is_due_costs_two_queries_a_shard(own_world: World) -> None:
    alert_wiring.watchdog().tick(60)
    with counted() as calls:
        alert_wiring.watchdog().tick(60)
    assert calls.by_operation == {"Query": 2 * keys.BUCKETS}
    assert calls.read_units <= 0.5 * 2 * keys.BUCKETS
    assert calls.write_units == 0
