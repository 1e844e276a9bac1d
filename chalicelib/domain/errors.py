"""Errors that have a meaning for the caller; the API turns the tree into problem documents.

ProductError
├── Invalid            400  the request cannot be understood; `fields` may say where
├── Unauthenticated    401  no, wrong, expired or revoked credentials
├── Forbidden          403  known caller, not allowed to do this
├── NotFound           404  absent, or another tenant's
├── MethodNotAllowed   405  the path is right, the method is not; `Allow` names the one that is
├── Conflict           409  a race was lost, or the state does not allow it
├── Stale              412  `If-Match` names an older version
├── TooLarge           413  more than one request may carry
├── UnsupportedMedia   415  content type or encoding we cannot read
└── Busy               503  try again shortly; nothing was lost

Every error carries a stable `code`, whose text lives in the catalogue, and its parameters.
"""

from dataclasses import dataclass
from dataclasses import field as dataclass_field


@dataclass(frozen=True, slots=True)
class FieldIssue:
    """One thing wrong (or odd) in one field; `code` and `params` render to the message."""

    field: str
    code: str
    params: dict[str, str] = dataclass_field(default_factory=dict)
    index: int | None = None
    key: str | None = None


class ProductError(Exception):
    """Base of every error a caller may see; never carries text, only a code and parameters."""

    status = 500
    default_code = "internal_error"

    def __init__(
        self, code: str | None = None, *, fields: list[FieldIssue] | None = None, **params: object
    ) -> None:
        self.code = code or self.default_code
        self.params = {name: str(value) for name, value in params.items()}
        self.fields = fields or []
        super().__init__(self.code, self.params)


class Invalid(ProductError):
    """The request cannot be understood."""

    status = 400
    default_code = "invalid_request"


class Unauthenticated(ProductError):
    """No, wrong, expired or revoked credentials."""

    status = 401
    default_code = "unauthenticated"


class Forbidden(ProductError):
    """The caller is known and may not do this."""

    status = 403
    default_code = "forbidden"


class NotFound(ProductError):
    """Absent, or belonging to another tenant: the caller cannot tell which."""

    status = 404
    default_code = "not_found"


class MethodNotAllowed(ProductError):
    """The path is right, the method is not."""

    status = 405
    default_code = "method_not_allowed"


class Conflict(ProductError):
    """A race was lost, or the present state does not allow the act."""

    status = 409
    default_code = "conflict"


class Stale(ProductError):
    """The caller's `If-Match` names an older version."""

    status = 412
    default_code = "stale_version"


class TooLarge(ProductError):
    """More than one request may carry; the text says how to split it."""

    status = 413
    default_code = "too_large"


class UnsupportedMedia(ProductError):
    """A content type or encoding that we cannot read."""

    status = 415
    default_code = "unsupported_media_type"


class Busy(ProductError):
    """Contention or throttling outlasted our retries; nothing was lost, try again shortly."""

    status = 503
    default_code = "busy"
