"""List customers across the partitions that hold them."""

from typing import TYPE_CHECKING, Any

from ..domain.crm import Where
from ..domain.customers import Customer

if TYPE_CHECKING:
    from ..storage.crm import Crm

BUCKETS = 8
_PAGES = 20
_READ = 300


def list_customers(
    crm: "Crm", integration_id: str, where: Where, position: list[Any] | None, limit: int
) -> tuple[list[Customer], tuple[int, str | None] | None]:
    """List at most `limit` matching customers from a position (bucket, place) on; and the next position.

    A page reads at most 20 × 300 customers: a rare match may give a short page with a next position.
    """
    bucket, after = (position[0], position[1]) if position else (0, None)
    found: list[Customer] = []
    for _ in range(_PAGES):
        if not 0 <= bucket < BUCKETS:
            return found, None
        page, more = crm.page(integration_id, bucket, after, _READ, where)
        room = limit - len(found)
        if len(page) > room:
            found += page[:room]
            return found, (bucket, found[-1].place)
        found += page
        bucket, after = (bucket, more) if more else (bucket + 1, None)
        if len(found) == limit:
            break
    return found, (bucket, after) if bucket < BUCKETS else None
