"""What is said of a file beforehand: taken as it is meant, or refused with every field that is wrong."""

from typing import Any

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.upload_requests import parse
from chalicelib.domain.uploads import MAX_SENT_BYTES, subject_of

FACTS: dict[str, Any] = {"format": "csv", "bytes": 10, "sha256": "A" * 64}


def test_the_least_that_has_to_be_said() -> None:
    found = parse(FACTS, "nota")
    assert (found.table, found.format, found.size, found.sha256) == ("nota", "csv", 10, "a" * 64)
    rest = (found.filename, found.encoding, found.delimiter, found.decimal, found.snapshot_id)
    assert rest == (None,) * 5


def test_everything_that_can_be_said() -> None:
    more = {"filename": "a b.csv", "encoding": "windows-1252", "delimiter": "\t", "decimal": ","}
    found = parse({**FACTS, **more, "table": "nota", "snapshot_id": "s-1", "bytes": MAX_SENT_BYTES})
    assert (found.table, found.encoding, found.delimiter, found.decimal) == ("nota", "cp1252", "\t", ",")
    assert (found.filename, found.snapshot_id, found.size) == ("a b.csv", "s-1", MAX_SENT_BYTES)


WRONG: dict[str, tuple[Any, ...]] = {
    "format": (None, "CSV", "xlsx", 1, ["csv"], {}),
    "bytes": (None, 0, -1, MAX_SENT_BYTES + 1, True, "10", 10.5),
    "sha256": (None, "", "g" * 64, "a" * 63, "a" * 65, 1, "a" * 64 + "\n"),
    "filename": ("", "x" * 201, "a\nb", 5, "\ud800"),
    "encoding": ("utf8", "UTF-8", "", 8, []),
    "delimiter": ("", ";;", ":", 0),
    "decimal": ("", ";", 1),
    "snapshot_id": ("", "a b", "é", "x" * 101, 1),
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in WRONG.items() for value in values]
)
def test_a_field_that_is_wrong_is_named(field: str, value: object) -> None:
    with pytest.raises(Invalid) as caught:
        parse({**FACTS, field: value}, "nota")
    assert [one.field for one in caught.value.fields] == [field]


def test_all_fields_that_are_wrong_are_named_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        parse({"table": "x", "format": "xml", "bytes": 0, "sha256": ""})
    assert [one.field for one in caught.value.fields] == ["format", "bytes", "sha256", "table"]


@pytest.mark.parametrize("field", ["delimiter", "decimal"])
def test_what_only_a_csv_has_is_refused_for_json(field: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse({**FACTS, "format": "ndjson", field: ","}, "nota")
    assert caught.value.code == "upload_only_csv"


@pytest.mark.parametrize("body", [None, [], "x", 1, {**FACTS, "name": 1}, {**FACTS, "table": "nota"}])
def test_what_is_no_such_object_is_refused(body: object) -> None:
    with pytest.raises(Invalid):
        parse(body, "nota")


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("uploads/i/u", ("i", "u")),
        ("uploads/i", None),
        ("uploads/i/u/x", None),
        ("uploads//u", None),
        ("uploads/i/", None),
        ("work/i/u", None),
        (f"uploads/{'i' * 101}/u", None),
        ("", None),
    ],
)
def test_an_upload_is_told_by_its_file_s_name(name: str, subject: tuple[str, str] | None) -> None:
    assert subject_of(name) == subject
