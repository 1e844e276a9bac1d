"""Who gets an integration's alerts by e-mail, and how far their subscription has come."""

import hashlib
from dataclasses import dataclass
from typing import Final, Literal, get_args
from urllib.parse import parse_qs, urlsplit

from .errors import FieldIssue
from .setting_fields import InvalidSetting, only

State = Literal["pending", "confirmed", "unsubscribed"]
STATES: Final[tuple[State, ...]] = get_args(State)
MOST: Final = 100
"""Recipients of one integration; a distribution list serves more people than that."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is to get alerts; times are canonical instants.

    removed_at  taken off the list before the subscription was confirmed: should it be confirmed after all,
                it is ended
    """

    integration_id: str
    email: str
    added_at: str
    added_by: str
    removed_at: str | None = None

    @property
    def recipient_id(self) -> str:
        """Name them: the same address has the same name."""
        return id_of(self.email)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription of a topic; `arn` is None until it is confirmed."""

    email: str
    arn: str | None


def id_of(email: str) -> str:
    """Name an address, however its letters are cased."""
    return hashlib.sha256(email.casefold().encode()).hexdigest()[:16]


def parse_email(body: object) -> str:
    """Read `email`; raises Invalid when it is no address that mail can be sent to."""
    from email_validator import EmailNotValidError, validate_email

    found = only(body, "email")
    if not isinstance(found, str) or not found.strip():
        raise InvalidSetting([FieldIssue("email", "missing" if found is None else "email_invalid")])
    try:
        checked = validate_email(found.strip(), check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        raise InvalidSetting([FieldIssue("email", "email_invalid")]) from error
    return checked.ascii_email or checked.normalized


def parse_token(body: object) -> str:
    """Read the token of a confirmation, or the whole link that the confirmation mail carries."""
    found = only(body, "token")
    if not isinstance(found, str) or not found.strip():
        raise InvalidSetting([FieldIssue("token", "missing" if found is None else "token_of_link_invalid")])
    given = found.strip()
    token = parse_qs(urlsplit(given).query).get("Token", [given])[0] if "://" in given else given
    if not (token.isascii() and token.isalnum() and len(token) <= 1_000):
        raise InvalidSetting([FieldIssue("token", "token_of_link_invalid")])
    return token
