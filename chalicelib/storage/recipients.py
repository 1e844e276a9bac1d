"""Recipients of alerts by integration; their subscriptions live in SNS."""

import json
from dataclasses import asdict

from ..domain.recipients import Recipient
from . import connection, keys
from .models import RecipientItem


class Recipients:
    """The list that people keep."""

    def __init__(self, table_name: str) -> None:
        connection.bind(RecipientItem, table_name)

    def of_integration(self, integration_id: str) -> list[Recipient]:
        """List an integration's recipients, those who were taken off while pending included."""
        found = RecipientItem.query(keys.recipients(integration_id), consistent_read=True)
        return [Recipient(**json.loads(item.recipient)) for item in found]

    def put(self, recipient: Recipient) -> None:
        """Write a recipient, anew or changed."""
        RecipientItem(
            keys.recipients(recipient.integration_id),
            recipient.recipient_id,
            recipient=json.dumps(asdict(recipient), ensure_ascii=False),
        ).save()

    def delete(self, recipient: Recipient) -> None:
        """Forget a recipient."""
        RecipientItem(keys.recipients(recipient.integration_id), recipient.recipient_id).delete()
