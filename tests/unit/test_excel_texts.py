"""Text in cells: nothing is lost, and no piece is longer than a cell."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.excel.texts import MAX_UNITS, as_bytes, as_text, escape, pieces, printable, unescape

any_text = st.text(st.characters(exclude_categories=()), max_size=60)
PARTS = ["_x0041_", "_x0041", "_x", "x0041_", "_", "\x01", "\r", "\n", "\ud800", "\udcff", "<&>", "😀", "a"]
nasty = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def through_xml(text: str) -> str:
    """Write and read a text as an XML parser hands it to a reader of workbooks."""
    return ElementTree.fromstring(f"<t>{escape(text)}</t>".encode()).text or ""


@given(any_text | nasty)
def test_whatever_the_text_reading_gives_it_back(text: str) -> None:
    assert unescape(through_xml(text)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "=1+1"),
        ("007", "007"),
        ("a\r\nb", "a\r\nb"),
        ("\t x ", "\t x "),
        ("\x00", "_x0000_"),
        ("\ud800", "_xD800_"),
        ("\uffff", "_xFFFF_"),
        ("_x0041_", "_x005F_x0041_"),
        ("_xzzzz_ _x004_ snake_x", "_xzzzz_ _x004_ snake_x"),
        ("_x0041\x01", "_x005F_x0041_x0001_"),
    ],
)
def test_only_what_xml_cannot_hold_or_readers_would_change_is_escaped(text: str, shown: str) -> None:
    assert through_xml(text) == shown


def test_a_text_without_anything_special_is_handed_on_as_it_is() -> None:
    text = "plain" * 10
    assert escape(text) is text


@given(st.lists(nasty, min_size=1, max_size=4), st.integers(-9, 9), st.sampled_from(["a", "é", "😀", "\x01"]))
def test_pieces_fit_and_give_the_text_joined_before_or_after_reading(
    parts: list[str], shift: int, filler: str
) -> None:
    long = filler * ((MAX_UNITS + shift) // units(filler))
    text = long.join(parts) + long
    cut = list(pieces(text))
    assert all(0 < units(piece) <= MAX_UNITS for piece in cut)
    assert "".join(cut) == text
    read = [through_xml(piece) for piece in cut]
    assert "".join(map(unescape, read)) == text
    assert unescape("".join(read)) == text


def test_an_emoji_at_the_end_of_a_cell_is_not_torn() -> None:
    text = "x" * (MAX_UNITS - 1) + "😀" + "y"
    assert list(pieces(text)) == ["x" * (MAX_UNITS - 1), "😀y"]


def test_a_cell_holds_as_much_as_excel_allows() -> None:
    assert [len(piece) for piece in pieces("x" * (2 * MAX_UNITS + 1))] == [MAX_UNITS, MAX_UNITS, 1]
    assert [units(piece) for piece in pieces("😀" * MAX_UNITS)] == [MAX_UNITS - 1, MAX_UNITS - 1, 2]
    assert list(pieces("")) == [""]


@given(st.binary(max_size=80))
def test_bytes_of_any_kind_come_back_from_cells(body: bytes) -> None:
    assert as_bytes(unescape(through_xml(as_text(body)))) == body


@given(any_text | nasty)
def test_what_openpyxl_is_given_has_nothing_that_it_refuses(text: str) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    assert not ILLEGAL_CHARACTERS_RE.search(printable(text))
    assert unescape(printable(text)) == text


def test_what_openpyxl_is_given_keeps_a_text_that_looks_like_an_escape() -> None:
    assert printable("_x0041_ x_x004") == "_x005F_x0041_ x_x004"
    assert printable("_x0041\r") == "_x005F_x0041_x000D_"
