"""Recipients of alerts: who gets them by e-mail, and whether they have confirmed it."""

from typing import Any
from urllib.parse import unquote

from chalice.app import Blueprint

from .. import alert_wiring
from ..domain.recipients import parse_email, parse_token
from ..services.recipients import Listed
from ..services.settings import iso, moment
from .edge import Call, endpoint
from .paging import listed

bp = Blueprint(__name__)
RECIPIENTS = "/v1/integrations/{integration_id}/alert-recipients"
_ONE = RECIPIENTS + "/{recipient_id}"


@endpoint(
    bp,
    "GET",
    RECIPIENTS,
    caller="admin",
    tag="Alerts",
    summary="List who gets alerts by e-mail",
    answers={200: "RecipientList"},
)
def index(call: Call, integration_id: str) -> dict[str, Any]:
    """List all recipients, by address."""
    integration = call.integration(integration_id)
    found = alert_wiring.recipient_desk().listed(integration.integration_id)
    return listed(call.seen([_recipient(one) for one in found]), None)


@endpoint(
    bp,
    "POST",
    RECIPIENTS,
    caller="admin",
    tag="Alerts",
    summary="Send alerts to an address, once its owner confirms; again: ask its owner again",
    body="NewRecipient",
    answers={201: "Recipient"},
)
def create(call: Call, integration_id: str) -> tuple[int, dict[str, Any]]:
    """Put an address on the list; its owner gets a mail to confirm it."""
    integration = call.integration(integration_id)
    email = parse_email(call.body())
    added = alert_wiring.recipient_desk().add(integration.integration_id, email, call.caller.user_id)
    return 201, call.seen(_recipient(added))


@endpoint(
    bp,
    "POST",
    _ONE + "/confirm",
    caller="admin",
    tag="Alerts",
    summary="Confirm with the link of the mail, so that no forwarded mail can end the subscription",
    body="Confirmation",
    answers={200: "Recipient"},
)
def confirm(call: Call, integration_id: str, recipient_id: str) -> dict[str, Any]:
    """Confirm a subscription here instead of by the mail's link."""
    integration = call.integration(integration_id)
    desk = alert_wiring.recipient_desk()
    recipient = desk.find(integration.integration_id, unquote(recipient_id))
    found = desk.confirm(recipient, parse_token(call.body()))
    seen: dict[str, Any] = call.seen(_recipient(found))
    return seen


@endpoint(
    bp,
    "DELETE",
    _ONE,
    caller="admin",
    tag="Alerts",
    summary="Send no more alerts to an address",
    answers={200: "Recipient"},
)
def remove(call: Call, integration_id: str, recipient_id: str) -> dict[str, Any]:
    """Take somebody off the list, by id or address."""
    integration = call.integration(integration_id)
    removed = alert_wiring.recipient_desk().remove(integration.integration_id, unquote(recipient_id))
    seen: dict[str, Any] = call.seen(_recipient(Listed(removed, "unsubscribed")))
    return seen


def _recipient(one: Listed) -> dict[str, Any]:
    return {
        "recipient_id": one.recipient.recipient_id,
        "email": one.recipient.email,
        "state": one.state,
        "unsubscribe_needs_authentication": one.unsubscribe_needs_authentication,
        "added_at": iso(moment(one.recipient.added_at)),
        "added_by": one.recipient.added_by,
    }
