"""What is said of a file before it is uploaded: read and checked, one issue a field."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from .errors import FieldIssue, Invalid
from .tables import NAMES
from .uploads import FORMATS, MAX_SENT_BYTES, Format

ENCODINGS: Final = {"utf-8": "utf-8", "windows-1252": "cp1252", "latin-1": "latin-1"}
"""As they are asked for, and as Python names them."""
DELIMITERS: Final = (";", ",", "\t", "|")
DECIMALS: Final = (",", ".")
LONGEST_NAME: Final = 200
_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}")
_SNAPSHOT: Final = re.compile(r"[\x21-\x7e]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """A file that somebody wants to send."""

    table: str
    format: Format
    size: int
    sha256: str
    filename: str | None
    encoding: str | None
    delimiter: str | None
    decimal: str | None
    snapshot_id: str | None


def parse(body: Any, table: str | None = None) -> FileFacts:
    """Read a request for an upload, whose table the path or the body names; raises Invalid."""
    if not isinstance(body, dict):
        raise Invalid("body_not_object")
    known = [*_FIELDS, *([] if table else ["table"])]
    if unknown := sorted(body.keys() - set(known)):
        raise Invalid("upload_field_unknown", name=unknown[0][:100], known=", ".join(sorted(known)))
    issues: list[FieldIssue] = []
    found = {name: _read(name, body.get(name), read, issues) for name, read in _FIELDS.items()}
    table = table or _read("table", body.get("table"), _table, issues)
    if found["format"] == "ndjson":
        given = [name for name in ("delimiter", "decimal") if found[name] is not None]
        issues += [FieldIssue(name, "upload_only_csv", {"name": name}) for name in given]
    if issues or table is None:
        raise Invalid(issues[0].code, fields=issues, **issues[0].params)
    return FileFacts(table=table, size=found.pop("bytes"), **found)


def _read(name: str, raw: object, read: Callable[[str, object], Any], issues: list[FieldIssue]) -> Any:
    found = read(name, raw)
    if isinstance(found, FieldIssue):
        issues.append(found)
        return None
    return found


def _choice(choices: tuple[str, ...], *, needed: bool = False) -> Callable[[str, object], Any]:
    def read(name: str, raw: object) -> Any:
        if raw is None and not needed:
            return None
        if type(raw) is str and raw in choices:
            return raw
        shown = ", ".join(f'"{one}"'.replace("\t", "\\t") for one in choices)
        return FieldIssue(name, "upload_choice_invalid", {"name": name, "choices": shown})

    return read


def _table(name: str, raw: object) -> Any:
    if type(raw) is str and raw in NAMES:
        return raw
    return FieldIssue(name, "upload_choice_invalid", {"name": name, "choices": ", ".join(NAMES)})


def _encoding(name: str, raw: object) -> Any:
    found = _choice(tuple(ENCODINGS))(name, raw)
    return ENCODINGS[found] if isinstance(found, str) else found


def _bytes(name: str, raw: object) -> Any:
    if type(raw) is int and 1 <= raw <= MAX_SENT_BYTES:
        return raw
    return FieldIssue(name, "upload_bytes_invalid", {"limit": str(MAX_SENT_BYTES)})


def _sha256(name: str, raw: object) -> Any:
    if type(raw) is str and _SHA256.fullmatch(raw):
        return raw.lower()
    return FieldIssue(name, "upload_sha256_invalid")


def _filename(name: str, raw: object) -> Any:
    if raw is None:
        return None
    if type(raw) is str and 0 < len(raw) <= LONGEST_NAME and raw.isprintable():
        return raw
    return FieldIssue(name, "upload_filename_invalid", {"limit": str(LONGEST_NAME)})


def _snapshot(name: str, raw: object) -> Any:
    if raw is None or (type(raw) is str and _SNAPSHOT.fullmatch(raw)):
        return raw
    return FieldIssue(name, "upload_snapshot_invalid")


_FIELDS: Final[dict[str, Callable[[str, object], Any]]] = {
    "format": _choice(FORMATS, needed=True),
    "bytes": _bytes,
    "sha256": _sha256,
    "filename": _filename,
    "encoding": _encoding,
    "delimiter": _choice(DELIMITERS),
    "decimal": _choice(DECIMALS),
    "snapshot_id": _snapshot,
}
