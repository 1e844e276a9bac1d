"""A hand-written SNS: topics, subscriptions that wait for their owners, and what was published."""

from dataclasses import dataclass, field

from chalicelib.domain.errors import Invalid
from chalicelib.domain.incidents import Mail
from chalicelib.domain.recipients import Subscription


@dataclass
class FakeSubscription:
    """A subscription; `token` is what its confirmation mail would carry."""

    email: str
    token: str
    confirmed: bool = False
    authenticated: bool = False


@dataclass
class FakeTopics:
    """Topics by integration; publishing fails with `failing`, subscribing for the `refused` addresses."""

    made: set[str] = field(default_factory=set)
    subscribed: dict[str, dict[str, FakeSubscription]] = field(default_factory=dict)
    mails: list[tuple[str, Mail]] = field(default_factory=list)
    failing: Exception | None = None
    refused: set[str] = field(default_factory=set)

    def make(self, integration_id: str) -> None:
        self.made.add(integration_id)

    def publish(self, integration_id: str, mail: Mail) -> None:
        if self.failing:
            raise self.failing
        self.mails.append((integration_id, mail))

    def subscribe(self, integration_id: str, email: str) -> None:
        if email in self.refused:
            raise Invalid("email_refused")
        known = self.subscribed.setdefault(integration_id, {})
        known.setdefault(email, FakeSubscription(email, f"token{len(known) + 1}"))

    def subscriptions(self, integration_id: str) -> list[Subscription]:
        return [
            Subscription(one.email, f"arn:{integration_id}:{one.email}" if one.confirmed else None)
            for one in self.subscribed.get(integration_id, {}).values()
        ]

    def authenticated(self, arn: str) -> bool:
        _, integration_id, email = arn.split(":")
        return self.subscribed[integration_id][email].authenticated

    def confirm(self, integration_id: str, token: str) -> None:
        for one in self.subscribed.get(integration_id, {}).values():
            if one.token == token and not one.confirmed:
                one.confirmed = one.authenticated = True
                return
        raise Invalid("token_of_link_refused")

    def unsubscribe(self, arn: str) -> None:
        _, integration_id, email = arn.split(":")
        del self.subscribed[integration_id][email]

    def mails_of(self, integration_id: str) -> list[Mail]:
        """List what was sent to an integration's topic, in order."""
        return [mail for one, mail in self.mails if one == integration_id]
