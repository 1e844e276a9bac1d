"""Whatever is sent: no 5xx, every record accounted for, always in the log, and no run stumbles over it."""

import gzip
import json
from typing import Any
from urllib.parse import quote

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.digest import counters, recounted, unapplied
from tests.support.history import entry_of
from tests.support.samples import FULL, full
from tests.support.world import Answer, World

TYPES = [
    "application/json",
    "application/x-ndjson",
    "application/json; charset=latin-1",
    "text/plain",
    "",
    "*/*",
]
ENCODINGS = ["", "gzip", "identity", "GZIP ", "br"]
OUTCOMES = ("created", "updated", "unchanged", "deleted", "rejected")

texts = st.text(st.characters(exclude_categories=()), max_size=12).map(json.dumps) | st.sampled_from(
    ['"\\ud800"', '"\\u0000"', '"\\u001f"', '"|"', '" "', '"2026-02-30"', json.dumps("é" * 451)]
)
numbers = st.one_of(
    st.integers().map(str),
    st.floats().map(json.dumps),
    st.decimals(allow_nan=False, allow_infinity=False).map(str).filter(lambda text: "E" not in text),
    st.sampled_from(["1e400", "-1e-400", "-0", "0e99999", "1E+999999999999999999999", "9" * 5_000]),
)
leaves = st.one_of(texts, numbers, st.sampled_from(["null", "true", "false", "NaN", "-Infinity"]))


def as_list(parts: list[str]) -> str:
    return f"[{','.join(parts)}]"


def as_object(pairs: list[tuple[str, str]]) -> str:
    """Write an object, names in the order given, repeated ones too."""
    return f"{{{','.join(f'{name}:{value}' for name, value in pairs)}}}"


trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4).map(as_list)
        | st.lists(st.tuples(texts, inner), max_size=4).map(as_object)
    ),
    max_leaves=12,
)


@st.composite
def near_records(draw: st.DrawFn, table: str) -> str:
    """Take the table's sample, and change, repeat, remove or add fields."""
    fields = [(json.dumps(name), json.dumps(value)) for name, value in full(table).items()]
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(fields) - 1))
        if draw(st.booleans()) and len(fields) > 1:
            fields.pop(at)
        else:
            name = draw(st.sampled_from([fields[at][0], '"excluido"', '"atualizado_em"', '"extra"']) | texts)
            fields.insert(at, (name, draw(trees)))
    return as_object(fields)


def check(world: World, answer: Answer, table: str) -> None:
    """What holds for every answer to a delivery."""
    assert answer.status < 500, answer.body
    entry = entry_of(world.integration_id, answer.body["request_id"])
    assert entry is not None
    assert (entry.status, entry.integration_id) == (answer.status, world.integration_id)
    if answer.status != 200:
        assert answer.headers["Content-Type"] == "application/problem+json"
        return
    receipt = answer.body
    assert receipt["received"] == sum(receipt[outcome] for outcome in OUTCOMES)
    assert len({error["index"] for error in receipt["errors"]}) == receipt["rejected"]
    assert all(error["message"] != error["code"] for error in receipt["errors"] + receipt["warnings"])
    for key in {issue["key"] for issue in receipt["errors"] + receipt["warnings"] if issue["key"]}:
        asked = world.call("GET", f"/v1/erp/{table}/{quote(key, safe='')}", token=world.erp_key)
        assert (asked.status, asked.body.get("key")) == (200, key)


def test_arbitrary_bytes(own_world: World) -> None:
    bodies = st.one_of(st.binary(max_size=200), trees.map(str.encode), st.binary().map(gzip.compress))

    @settings(max_examples=100, deadline=None)
    @given(bodies, st.sampled_from(TYPES), st.sampled_from(ENCODINGS), st.integers(0, 60))
    @example(gzip.compress(b'{"records":[]}'), "application/json", "", 0)
    def anything(body: bytes, content_type: str, encoding: str, cut: int) -> None:
        headers = {"Content-Type": content_type, "Content-Encoding": encoding}
        sent = body[: max(0, len(body) - cut)] if cut > 40 else body
        answer = own_world.call("POST", "/v1/erp/nota", sent, token=own_world.erp_key, headers=headers)
        check(own_world, answer, "nota")

    anything()


def test_arbitrary_records(own_world: World) -> None:
    here = own_world.integration_id

    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def anything(data: Any) -> None:
        table = data.draw(st.sampled_from(list(FULL)))
        records = data.draw(st.lists(near_records(table) | trees, max_size=6))
        lines = data.draw(st.booleans())
        body = "\n".join(records) if lines else f'{{"records":{as_list(records)}}}'
        headers = {"Content-Type": TYPES[1] if lines else TYPES[0]}
        answer = own_world.call(
            "POST", f"/v1/erp/{table}", body.encode(), token=own_world.erp_key, headers=headers
        )
        check(own_world, answer, table)
        assert answer.status == 200 or not records
        assert counters(here, table) == recounted(here, table)

    anything()
    assert own_world.run()["status"] in ("success", "partial")
    for table in FULL:
        assert unapplied(here, table) == []
        assert counters(here, table) == recounted(here, table)
