"""`Idempotency-Key`: the same delivery sent again gets the first answer, for 24 hours (Powertools)."""

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from .. import wiring
from ..domain.errors import Conflict, Invalid
from .edge import Call

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig

_KEPT_SECONDS: Final = 24 * 3_600
_MAX_KEY: Final = 200

Answer = tuple[dict[str, Any], dict[str, int]]


def once(
    integration_id: str,
    table: str,
    key: str,
    body: bytes,
    call: Call,
    take: Callable[[], Answer],
    keep: Callable[[dict[str, Any], dict[str, int]], None],
) -> tuple[dict[str, Any], dict[str, int], bool]:
    """Run `take` once per integration, table and key; answers its result, and whether it is a repeated one.

    Only a reference to the request log is kept here: answers may be larger than an item. So `keep`
    writes the answer there before the key counts as used; should we die in between, it is taken again.
    Raises Conflict when the key came with another body, or is still being worked on.
    """
    from aws_lambda_powertools.utilities.idempotency import idempotent_function
    from aws_lambda_powertools.utilities.idempotency.exceptions import (
        IdempotencyAlreadyInProgressError,
        IdempotencyValidationError,
    )

    if not key.isascii() or not key.isprintable() or not 1 <= len(key) <= _MAX_KEY:
        raise Invalid("idempotency_key_invalid")
    fresh: list[Answer] = []

    @idempotent_function(
        data_keyword_argument="delivery", persistence_store=wiring.idempotency_store(), config=_config(call)
    )
    def run(*, delivery: dict[str, str]) -> dict[str, Any]:
        fresh.append(take())
        keep(*fresh[0])
        return {"request_id": call.request_id, "counts": fresh[0][1]}

    try:
        digest = hashlib.sha256(body).hexdigest()
        kept = run(delivery={"key": f"{integration_id}/{table}/{key}", "body": digest})
    except IdempotencyAlreadyInProgressError as error:
        call.headers["Retry-After"] = "2"
        raise Conflict("idempotency_in_progress") from error
    except IdempotencyValidationError as error:
        raise Conflict("idempotency_key_reused") from error
    if fresh:
        return *fresh[0], False
    return _first_answer(integration_id, kept["request_id"]), kept["counts"], True


def _first_answer(integration_id: str, request_id: str) -> dict[str, Any]:
    log = wiring.request_log()
    first = log.find(integration_id, request_id)
    if first is None or first.entry.status is None:
        raise Conflict("idempotency_in_progress")
    found: dict[str, Any] = json.loads(log.body(first, "response"))
    return found


def _config(call: Call) -> "IdempotencyConfig":
    """Configure how long a key counts; the context tells until when a request can still be at work."""
    from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig

    config = IdempotencyConfig(
        event_key_jmespath="key", payload_validation_jmespath="body", expires_after_seconds=_KEPT_SECONDS
    )
    if call.request.lambda_context is not None:
        config.register_lambda_context(call.request.lambda_context)
    return config
