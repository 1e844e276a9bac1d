"""Keys with which ERPs push."""

from dataclasses import dataclass
from typing import Final

from pydantic_core import PydanticCustomError

from . import values
from .errors import FieldIssue, Invalid

MAX_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class ErpKey:
    """An ERP's key as stored: only a keyed hash of its secret.

    reads_only  its integration reads views: the key may look records up, and deliver none
    """

    key_id: str
    integration_id: str
    tenant_id: str
    name: str
    secret_hash: str
    created_at: str
    created_by: str
    revoked_at: str | None = None
    reads_only: bool = False


def parse_name(body: object) -> str:
    """Read a new key's name from what was sent; raises Invalid."""
    if not isinstance(body, dict):
        raise Invalid("body_not_object")
    try:
        return _name(body.get("name"))
    except PydanticCustomError as error:
        params = {key: str(value) for key, value in (error.context or {}).items()}
        raise Invalid("invalid_setting", fields=[FieldIssue("name", error.type, params)]) from error


def _name(value: object) -> str:
    """Accept one line of visible text, without spaces around it."""
    name = values.required_text(value).strip()
    if len(name) > MAX_NAME:
        raise PydanticCustomError("text_too_long", "", {"length": str(len(name)), "limit": str(MAX_NAME)})
    if odd := next((one for one in name if not one.isprintable()), None):
        raise PydanticCustomError("control_character", "", {"character": f"U+{ord(odd):04X}"})
    return name
