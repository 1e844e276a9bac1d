"""Marks of keys: a key that was named is found, at the mark's own boundaries only."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.request_marks import MARK_BYTES, mark, marks, named


@given(st.lists(st.text(max_size=20), max_size=50), st.text(max_size=20))
def test_exactly_the_keys_that_were_named_are_found(keys: list[str], other: str) -> None:
    packed = marks(keys)
    assert len(packed) == MARK_BYTES * len(set(keys))
    assert all(named(packed, mark(key)) for key in keys)
    assert named(packed, mark(other)) == (other in keys)


def test_bytes_across_two_marks_are_no_mark() -> None:
    assert not named(b"abcdefghij", b"cdefg")
    assert named(b"abcdefghij" + b"cdefg", b"cdefg"), "what follows is looked at all the same"
    assert not named(b"", b"cdefg")
    assert not named(b"xcdefgcdef", b"cdefg")


def test_a_mark_is_stored_and_therefore_stays_as_it_is() -> None:
    assert mark("1|1").hex() == "2d6185e2a2"
