"""The service itself: health and the API's description; no authentication."""

from typing import Any

from chalice.app import Blueprint

from .. import wiring
from .edge import PUBLIC, Call, endpoint

bp = Blueprint(__name__)


@endpoint(
    bp,
    "GET",
    "/v1/health",
    caller=PUBLIC,
    tag="Service",
    summary="Tell whether the service works",
    answers={200: "Health"},
)
def health(call: Call) -> dict[str, Any]:
    """Answer when the service and its database do."""
    wiring.runs().state("health")
    return {"status": "ok", "time": wiring.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")}


@endpoint(
    bp,
    "GET",
    "/v1/openapi.json",
    caller=PUBLIC,
    tag="Service",
    summary="Describe this API (OpenAPI 3.1)",
    answers={200: "OpenApi"},
)
def openapi(call: Call) -> dict[str, Any]:
    """Describe every endpoint."""
    from .openapi import document

    return document()
