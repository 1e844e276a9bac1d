"""The one place that turns errors into problem documents (RFC 9457) in the caller's language."""

from typing import Any

from ..domain.errors import ProductError
from ..i18n.issues import rendered
from ..i18n.texts import text

CONTENT_TYPE = "application/problem+json"
_TYPE = "urn:integration-history:problem:"
_MAX_ERRORS = 100  # more would help nobody, and might not fit into an answer


def problem(error: Exception, request_id: str, language: str) -> dict[str, Any]:
    """Describe an error; one that is not the product's becomes an internal error without its text."""
    status = error.status if isinstance(error, ProductError) else 500
    code = error.code if isinstance(error, ProductError) else ProductError.default_code
    params = error.params if isinstance(error, ProductError) else {}
    issues = error.fields if isinstance(error, ProductError) else []
    return {
        "type": _TYPE + code,
        "title": text(f"title_{status}", {}, language),
        "status": status,
        "code": code,
        "detail": text(code, {**params, "request_id": request_id}, language),
        "request_id": request_id,
        "errors": rendered(issues[:_MAX_ERRORS], language),
    }
