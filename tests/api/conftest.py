"""What holds of every answer that a test of the API sees."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.described import complaints
from tests.support.world import Answer, World


@pytest.fixture(scope="module", autouse=True)
def answers_are_as_described() -> Iterator[None]:
    """Let a test fail on any answer that the API's own description does not allow."""
    ask = World.call

    def call(world: World, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        answer = ask(world, method, path, body, **options)
        assert complaints(method, path, answer) == []
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(World, "call", call)
        yield
