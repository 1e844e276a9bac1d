"""What the adapter asks of SNS, and what it makes of its answers."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from chalicelib.adapters.topics import Topics
from chalicelib.domain.errors import Invalid
from chalicelib.domain.incidents import Mail
from chalicelib.domain.recipients import Subscription

PREFIX = "arn:aws:sns:sa-east-1:123456789012:stack-alerts-"
TOPIC = f"{PREFIX}abc"
MAILBOX = "arn:aws:sqs:sa-east-1:123456789012:mailbox"
MAIL = Mail("id-1", "[ALERT] subject", "body", {"kind": "stale"})
MESSAGE = {
    "TopicArn": TOPIC,
    "Subject": "[ALERT] subject",
    "Message": "body",
    "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "stale"}},
}


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")


def stubbed(mailbox: str = "") -> tuple[Topics, Stubber]:
    topics = Topics(PREFIX, mailbox)
    stubber = Stubber(topics._client)
    stubber.activate()
    return topics, stubber


def expect_topic(stubber: Stubber) -> None:
    made = {"Name": "stack-alerts-abc", "Attributes": {"KmsMasterKeyId": "alias/aws/sns"}}
    stubber.add_response("create_topic", {"TopicArn": TOPIC}, made)


def test_a_topic_is_encrypted_and_a_mailbox_hears_it() -> None:
    topics, stubber = stubbed(MAILBOX)
    expect_topic(stubber)
    subscribed = {
        "TopicArn": TOPIC,
        "Protocol": "sqs",
        "Endpoint": "arn:aws:sqs:sa-east-1:123456789012:mailbox",
    }
    stubber.add_response("subscribe", {"SubscriptionArn": "x"}, subscribed)
    topics.make("abc")
    stubber.assert_no_pending_responses()


def test_a_message_carries_subject_body_and_attributes() -> None:
    topics, stubber = stubbed()
    stubber.add_response("publish", {"MessageId": "1"}, MESSAGE)
    topics.publish("abc", MAIL)
    stubber.assert_no_pending_responses()


def test_a_topic_that_somebody_deleted_is_made_again() -> None:
    topics, stubber = stubbed()
    stubber.add_client_error("publish", "NotFound", http_status_code=404)
    expect_topic(stubber)
    stubber.add_response("publish", {"MessageId": "1"}, MESSAGE)
    topics.publish("abc", MAIL)
    stubber.assert_no_pending_responses()


def test_what_else_goes_wrong_when_publishing_is_not_hidden() -> None:
    topics, stubber = stubbed()
    stubber.add_client_error("publish", "InternalError", http_status_code=500)
    with pytest.raises(Exception, match="InternalError"):
        topics.publish("abc", MAIL)


def test_subscriptions_tell_who_has_confirmed_and_leave_out_the_mailbox() -> None:
    topics, stubber = stubbed()
    listed: list[Any] = [
        {"Protocol": "email", "Endpoint": "a@x.com", "SubscriptionArn": "PendingConfirmation"},
        {"Protocol": "email", "Endpoint": "b@x.com", "SubscriptionArn": f"{TOPIC}:1"},
        {"Protocol": "sqs", "Endpoint": "arn", "SubscriptionArn": f"{TOPIC}:2"},
    ]
    stubber.add_response(
        "list_subscriptions_by_topic", {"Subscriptions": listed[:1], "NextToken": "2"}, {"TopicArn": TOPIC}
    )
    stubber.add_response(
        "list_subscriptions_by_topic", {"Subscriptions": listed[1:]}, {"TopicArn": TOPIC, "NextToken": "2"}
    )
    found = topics.subscriptions("abc")
    assert found == [Subscription("a@x.com", None), Subscription("b@x.com", f"{TOPIC}:1")]


def test_without_a_topic_nobody_is_subscribed() -> None:
    topics, stubber = stubbed()
    stubber.add_client_error("list_subscriptions_by_topic", "NotFound", http_status_code=404)
    assert topics.subscriptions("abc") == []


def test_confirming_here_makes_unsubscribing_need_authentication() -> None:
    topics, stubber = stubbed()
    asked = {"TopicArn": TOPIC, "Token": "t", "AuthenticateOnUnsubscribe": "true"}
    stubber.add_response("confirm_subscription", {"SubscriptionArn": "x"}, asked)
    topics.confirm("abc", "t")
    stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("authenticated", "found"), [("true", True), ("True", True), ("false", False), (None, False)]
)
def test_a_subscription_tells_whether_it_was_confirmed_so(authenticated: str | None, found: bool) -> None:
    topics, stubber = stubbed()
    given = {"ConfirmationWasAuthenticated": authenticated} if authenticated else {}
    stubber.add_response("get_subscription_attributes", {"Attributes": given}, {"SubscriptionArn": ANY})
    assert topics.authenticated("arn") is found


@pytest.mark.parametrize(("act", "operation", "code"), [
    (lambda topics: topics.confirm("abc", "t"), "confirm_subscription", "token_of_link_refused"),
    (lambda topics: topics.subscribe("abc", "x"), "subscribe", "email_refused"),
])  # fmt: skip
@pytest.mark.parametrize(("error", "refused"), [("InvalidParameter", True), ("InternalError", False)])
def test_what_sns_does_not_take_is_the_callers_mistake_and_its_failures_are_not(
    act: Any, operation: str, code: str, error: str, refused: bool
) -> None:
    topics, stubber = stubbed()
    if operation == "subscribe":
        expect_topic(stubber)
    stubber.add_client_error(operation, error)
    with pytest.raises((Invalid, ClientError)) as raised:
        act(topics)
    found = raised.value
    assert found.code == code if isinstance(found, Invalid) else not refused
    assert isinstance(found, Invalid) == refused
