"""Ids of jobs: they sort by time, and the mask of personal data lets them through."""

from datetime import UTC, date, datetime
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain.jobs import new_job_id
from chalicelib.domain.personal_data import mask_text

CHANCES = st.text("0123456789abcdef", min_size=12, max_size=12)
DAYS = st.dates(date(2025, 1, 1), date(2040, 1, 1))
MOMENTS = st.builds(datetime.combine, DAYS, st.times(), st.just(UTC))


@given(MOMENTS, CHANCES)
@example(datetime(2026, 11, 29, 1, 19, 55, 123456, UTC), "ab1199887766")
@example(datetime(2026, 11, 29, 11, 23, 45, 678901, UTC), "4473248619cc")
@example(datetime(2026, 11, 29, 11, 23, 45, 678901, UTC), "11999887766a")
def test_an_id_in_a_path_is_never_taken_for_a_phone_number(moment: datetime, chance: str) -> None:
    with mock.patch("chalicelib.domain.jobs.token_hex", lambda size: chance[: 2 * size]):
        job_id = new_job_id(moment)
    for path in (f"/v1/erp/vendedor/snapshots/{job_id}", f"/v1/x?snapshot={job_id}", job_id):
        assert mask_text(path) == path


@given(st.tuples(MOMENTS, MOMENTS))
def test_ids_sort_by_the_moment(moments: tuple[datetime, datetime]) -> None:
    earlier, later = sorted(moments)
    assert new_job_id(earlier)[:23] <= new_job_id(later)[:23]


@pytest.mark.parametrize("microsecond", [0, 7, 999_999])
def test_ids_of_one_moment_differ_and_have_one_length(microsecond: int) -> None:
    moment = datetime(2026, 11, 29, 23, 59, 59, microsecond, UTC)
    ids = {new_job_id(moment) for _ in range(100)}
    assert len(ids) == 100
    assert {len(one) for one in ids} == {36}
