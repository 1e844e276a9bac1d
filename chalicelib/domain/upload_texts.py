"""Lines as text: in the encoding that was said, or the one that old systems of the region write."""

from typing import Final

from .errors import FieldIssue
from .upload_lines import Line
from .upload_problems import FileRefused
from .uploads import MAX_LINE_BYTES, BulkUpload

_UTF8: Final = b"\xef\xbb\xbf"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_GUESSED: Final = "cp1252"
_NAMES: Final = {"utf-8": "UTF-8", "cp1252": "Windows-1252", "latin-1": "ISO-8859-1"}


def mark_of(beginning: bytes) -> int:
    """Give the length of the byte order mark at a file's beginning; raises FileRefused if it is no text."""
    first = beginning.partition(b"\n")[0]
    halves = beginning[:40:2], beginning[1:40:2]
    if beginning.startswith(_UTF16) or (b"\0" in first and not all(map(any, halves))):
        raise FileRefused("upload_utf16")
    if b"\0" in first:
        raise FileRefused("upload_not_text")
    return len(_UTF8) if beginning.startswith(_UTF8) else 0


def text_of(line: Line, upload: BulkUpload) -> tuple[bytes, FieldIssue | None, bool]:
    """Give a line in UTF-8, why it cannot be read, and whether its encoding was guessed."""
    if line.dropped:
        params = {"bytes": str(len(line.raw) + line.dropped), "limit": str(MAX_LINE_BYTES)}
        issue = FieldIssue("", "upload_line_too_long", params)
        return shown(line.raw, upload).encode(), issue, False
    encoding = upload.encoding or "utf-8"
    try:
        text = line.raw.decode(encoding)
    except UnicodeDecodeError as error:
        if upload.encoding is None and upload.format == "csv":
            return line.raw.decode(_GUESSED, "replace").encode(), None, True
        params = {"encoding": _NAMES[encoding], "position": str(error.start + 1)}
        issue = FieldIssue("", "upload_line_encoding", params)
        return shown(line.raw, upload).encode(), issue, False
    return line.raw if encoding == "utf-8" else text.encode(), None, False


def shown(raw: bytes, upload: BulkUpload) -> str:
    """Give bytes as text, whatever they are; what is none is written as its code."""
    if upload.encoding is None and upload.format == "csv":
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return raw.decode(_GUESSED, "replace")
    return raw.decode(upload.encoding or "utf-8", "backslashreplace")
