"""Texts and fingerprints of what was sent, however odd it is."""

import json
from hashlib import blake2b
from typing import Any

from .nesting import shallow, too_deep


def digest_of(text: str) -> str:
    """Fingerprint a canonical text (128 bits)."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def keyless(fingerprint: str) -> str:
    """Name a rejected record that has no usable key by its content; never a key an ERP can send."""
    return f"\x01{fingerprint}"


def raw_json(raw: Any) -> str:
    """Write a record as it was sent, whatever it holds, as ASCII JSON; what lies too deep is left out."""
    shown = shallow(raw) if too_deep(raw) else raw
    return json.dumps(shown, default=lambda odd: getattr(odd, "literal", str(odd)))
