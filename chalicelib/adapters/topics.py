"""SNS: a topic for each integration's alerts, and who subscribes to it.

A topic's ARN follows from its integration. Should a topic be missing, it is made when it is needed. E-mail
subscriptions are confirmed by their owners; where they confirm through us, SNS is told that ending the
subscription needs authentication, so that nobody can do so by a forwarded mail's link.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from ..domain.errors import Invalid
from ..domain.incidents import Mail
from ..domain.recipients import Subscription

_REFUSED: Final = ("InvalidParameterException", "InvalidParameter", "InvalidParameterValueException")


@dataclass(frozen=True)
class Topics:
    """Topics by integration; `arn_prefix` ends where the integration's id follows.

    mailbox_arn  a queue that gets a copy of everything; empty: none
    """

    arn_prefix: str
    mailbox_arn: str

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        return boto3.client(
            "sns", config=Config(connect_timeout=3, read_timeout=10, retries={"max_attempts": 3})
        )

    def arn(self, integration_id: str) -> str:
        """Name an integration's topic."""
        return f"{self.arn_prefix}{integration_id}"

    def make(self, integration_id: str) -> None:
        """Make the topic; nothing happens when it is there."""
        name = self.arn(integration_id).rpartition(":")[2]
        made = self._client.create_topic(Name=name, Attributes={"KmsMasterKeyId": "alias/aws/sns"})
        if self.mailbox_arn:
            self._client.subscribe(TopicArn=made["TopicArn"], Protocol="sqs", Endpoint=self.mailbox_arn)

    def publish(self, integration_id: str, mail: Mail) -> None:
        """Send a message to everybody who subscribed."""
        message = {
            "TopicArn": self.arn(integration_id),
            "Subject": mail.subject,
            "Message": mail.body,
            "MessageAttributes": {
                name: {"DataType": "String", "StringValue": value} for name, value in mail.attributes.items()
            },
        }
        try:
            self._client.publish(**message)
        except self._client.exceptions.NotFoundException:
            self.make(integration_id)
            self._client.publish(**message)

    def subscribe(self, integration_id: str, email: str) -> None:
        """Ask the owner of an address for confirmation, again if need be; raises Invalid."""
        self.make(integration_id)
        try:
            self._client.subscribe(TopicArn=self.arn(integration_id), Protocol="email", Endpoint=email)
        except self._client.exceptions.ClientError as error:
            raise _invalid(error, "email_refused") from error

    def subscriptions(self, integration_id: str) -> list[Subscription]:
        """List e-mail subscriptions, confirmed or not."""
        pages = self._client.get_paginator("list_subscriptions_by_topic")
        try:
            found = [
                one
                for page in pages.paginate(TopicArn=self.arn(integration_id))
                for one in page["Subscriptions"]
            ]
        except self._client.exceptions.NotFoundException:
            return []
        return [
            Subscription(one["Endpoint"], _confirmed(one["SubscriptionArn"]))
            for one in found
            if one["Protocol"] == "email"
        ]

    def authenticated(self, arn: str) -> bool:
        """Tell whether ending a confirmed subscription needs authentication."""
        answer = self._client.get_subscription_attributes(SubscriptionArn=arn)
        return str(answer["Attributes"].get("ConfirmationWasAuthenticated")).lower() == "true"

    def confirm(self, integration_id: str, token: str) -> None:
        """Confirm by the mail's token, so that unsubscribing needs authentication; raises Invalid."""
        try:
            self._client.confirm_subscription(
                TopicArn=self.arn(integration_id), Token=token, AuthenticateOnUnsubscribe="true"
            )
        except self._client.exceptions.ClientError as error:
            raise _invalid(error, "token_of_link_refused") from error

    def unsubscribe(self, arn: str) -> None:
        """End a confirmed subscription."""
        self._client.unsubscribe(SubscriptionArn=arn)


def _confirmed(arn: str) -> str | None:
    return arn if arn.startswith("arn:") else None


def _invalid(error: Any, code: str) -> Exception:
    """Say that SNS refused what was given; other errors stay what they are."""
    if error.response["Error"]["Code"] in _REFUSED:
        return Invalid(code)
    failed: Exception = error
    return failed
