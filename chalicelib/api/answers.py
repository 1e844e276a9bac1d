"""Answers that are bytes or large: gzip for those who take it, and the size that can leave Lambda."""

import base64
import gzip
import json
import re
from typing import Any, Final

from chalice.app import Response

from .edge import Call, json_response

MAX_ANSWER_BYTES: Final = 6_000_000
"""Of Lambda's 6 MB (6,291,556 bytes), headers and the rest of the answer's envelope left aside."""
_WORTH_PACKING: Final = 100_000
_REFUSES = re.compile(r";\s*q=0(\.0*)?\s*$")


class BytesResponse(Response):
    """An answer of bytes.

    Chalice's own way, `binary_types`, answers 400 to whoever does not name the type in Accept.
    """

    def to_dict(self, binary_types: list[str] | None = None) -> dict[str, Any]:
        """Describe the answer as Lambda hands it to the gateway."""
        described: dict[str, Any] = super().to_dict()
        body = base64.b64encode(self.body).decode()
        return {**described, "body": body, "isBase64Encoded": True}


def takes_gzip(call: Call) -> bool:
    """Read Accept-Encoding: a weight of 0 refuses."""
    accepted = call.request.headers.get("accept-encoding") or ""
    choices = {one.partition(";")[0].strip().lower(): one for one in accepted.split(",")}
    named = choices.get("gzip", choices.get("*"))
    return named is not None and not _REFUSES.search(named)


def sized_json(call: Call, body: Any) -> Response | None:
    """Write a JSON answer that may be large, packed where that is taken; None when it cannot leave Lambda."""
    plain = json_response(call, 200, body, "application/json")
    if len(plain.body) < _WORTH_PACKING:
        return plain
    if takes_gzip(call):
        packed = gzip.compress(plain.body.encode(), compresslevel=1, mtime=0)
        headers = {**plain.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return BytesResponse(packed, headers) if len(packed) * 4 // 3 <= MAX_ANSWER_BYTES else None
    plain.headers["Vary"] = "Accept-Encoding"
    escaped = json.dumps(plain.body)  # as the runtime writes it into Lambda's own answer
    return plain if len(escaped) <= MAX_ANSWER_BYTES else None
