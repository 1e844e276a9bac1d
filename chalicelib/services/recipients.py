"""Keep an integration's recipients of alerts: what people want, and what SNS has made of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from ..domain import values
from ..domain.errors import Conflict, NotFound
from ..domain.recipients import MOST, Recipient, State, Subscription, id_of

if TYPE_CHECKING:
    from ..storage.recipients import Recipients


class Subscriptions(Protocol):
    """The topic of an integration."""

    def subscribe(self, integration_id: str, email: str) -> None: ...

    def subscriptions(self, integration_id: str) -> list[Subscription]: ...

    def authenticated(self, arn: str) -> bool: ...

    def confirm(self, integration_id: str, token: str) -> None: ...

    def unsubscribe(self, arn: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Listed:
    """A recipient as SNS knows them.

    unsubscribe_needs_authentication  None while there is nothing to unsubscribe
    """

    recipient: Recipient
    state: State
    unsubscribe_needs_authentication: bool | None = None


@dataclass(frozen=True, slots=True)
class RecipientDesk:
    """What people do with the list."""

    recipients: "Recipients"
    topics: Subscriptions
    now: Callable[[], datetime]

    def listed(self, integration_id: str) -> list[Listed]:
        """List recipients by address; ends subscriptions confirmed after their owner was taken off."""
        known = self.recipients.of_integration(integration_id)
        subscribed = self._subscribed(integration_id)
        for one in known:
            if one.removed_at:
                self._settle(one, subscribed)
        wanted = (one for one in known if not one.removed_at)
        return [self._seen(one, subscribed) for one in sorted(wanted, key=lambda one: one.email)]

    def add(self, integration_id: str, email: str, user_id: str) -> Listed:
        """Put an address on the list and ask its owner for confirmation; for one that is there, ask again.

        Raises Conflict when the list is full, Invalid when SNS does not take the address. The list comes
        first: whoever is on it without a subscription shows as `unsubscribed`, and can be asked again.
        """
        known = {one.recipient_id: one for one in self.recipients.of_integration(integration_id)}
        before = known.get(id_of(email))
        if before is None and len(known) >= MOST:
            raise Conflict("recipients_full", limit=MOST)
        at = values.instant_text(self.now())
        recipient = (
            before if before and not before.removed_at else Recipient(integration_id, email, at, user_id)
        )
        self.recipients.put(recipient)
        try:
            self.topics.subscribe(integration_id, recipient.email)
        except Exception:
            if before is None:
                self.recipients.delete(recipient)
            raise
        return self._seen(recipient, self._subscribed(integration_id))

    def confirm(self, recipient: Recipient, token: str) -> Listed:
        """Confirm a subscription with its mail's token; raises Invalid."""
        self.topics.confirm(recipient.integration_id, token)
        return self._seen(recipient, self._subscribed(recipient.integration_id))

    def remove(self, integration_id: str, recipient_id: str) -> Recipient:
        """Take somebody off the list; raises NotFound.

        SNS cannot end a subscription that was never confirmed, it forgets it by itself: until then the
        entry is kept, marked as removed.
        """
        recipient = self.find(integration_id, recipient_id)
        removed = replace(recipient, removed_at=values.instant_text(self.now()))
        self.recipients.put(removed)
        self._settle(removed, self._subscribed(integration_id))
        return removed

    def _settle(self, removed: Recipient, subscribed: dict[str, Subscription]) -> None:
        subscription = subscribed.get(removed.recipient_id)
        if subscription and not subscription.arn:
            return
        if subscription and subscription.arn:
            self.topics.unsubscribe(subscription.arn)
        self.recipients.delete(removed)

    def find(self, integration_id: str, recipient_id: str) -> Recipient:
        """Find somebody on the list by their id or address; raises NotFound."""
        wanted = id_of(recipient_id) if "@" in recipient_id else recipient_id
        for one in self.recipients.of_integration(integration_id):
            if one.recipient_id == wanted and not one.removed_at:
                return one
        raise NotFound("recipient_not_found", recipient_id=recipient_id[:100])

    def _subscribed(self, integration_id: str) -> dict[str, Subscription]:
        return {id_of(one.email): one for one in self.topics.subscriptions(integration_id)}

    def _seen(self, recipient: Recipient, subscribed: dict[str, Subscription]) -> Listed:
        subscription = subscribed.get(recipient.recipient_id)
        if subscription is None:
            return Listed(recipient, "unsubscribed")
        if subscription.arn is None:
            return Listed(recipient, "pending")
        return Listed(recipient, "confirmed", self.topics.authenticated(subscription.arn))
