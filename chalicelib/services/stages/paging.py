"""Walk all customers of an integration page by page, bucket by bucket."""

from typing import Any

from ...domain.customers import Customer
from ..work import Work

PAGE = 300
BUCKETS = 8


def customers_page(work: Work, cursor: dict[str, Any]) -> tuple[list[Customer], dict[str, Any] | None]:
    """Read the page at the cursor (`bucket`, `after`); the position behind it, None after the last."""
    bucket, after = cursor.get("bucket", 0), cursor.get("after")
    found, more = work.crm.page(work.integration_id, bucket, after, PAGE)
    if more:
        return found, {"bucket": bucket, "after": more}
    return found, {"bucket": bucket + 1} if bucket + 1 < BUCKETS else None
