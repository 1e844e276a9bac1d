"""The page's own rules, run where they run: days of time zones, bodies laid out, addresses, durations."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser

from tests.support.browsing import Visitor, visitor
from tests.support.shop import Integration

ZONES = [
    "America/Sao_Paulo",
    "America/New_York",
    "America/Santiago",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "UTC",
]
"""In Santiago and Beirut clocks change at midnight, on Lord Howe by half an hour."""


def call(seen: Visitor, module: str, function: str, *given: Any) -> Any:
    """Call a function of one of the page's modules."""
    root = next(one.split()[1].partition("main.js")[0] for one in seen.asked if one.endswith("/main.js"))
    return seen.page.evaluate(
        "async ([file, name, given]) => (await import(file))[name](...given)",
        [root + module, function, list(given)],
    )


@pytest.fixture(scope="module")
def seen(browser: Browser, aurora: Integration) -> Iterator[Visitor]:
    """Open the page once: nothing here changes it."""
    with visitor(browser, f"{aurora.shop.stack.outputs['ApiUrl']}/app/") as found:
        yield found.open(aurora.shop.token("viewer"), integration=aurora.integration_id)


def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """Find the first minute of a day by looking at every one around midnight."""
    start = datetime.combine(day, datetime.min.time(), UTC) - timedelta(hours=15)
    return next(
        at
        for minute in range(30 * 60)
        if (at := start + timedelta(minutes=minute)).astimezone(zone).date() == day
    )


@pytest.mark.parametrize("name", ZONES)
def test_days_begin_where_they_begin_in_their_zone(seen: Visitor, name: str) -> None:
    zone = ZoneInfo(name)
    days = [date(2026, 1, 1) + timedelta(days=at) for at in range(365)]
    changes = [
        one
        for one in days
        if len(
            {
                datetime.combine(one + timedelta(days=at), datetime.min.time(), zone).utcoffset()
                for at in (0, 1, 2)
            }
        )
        > 1
    ]
    looked_at = sorted({*changes, *(one + timedelta(days=1) for one in changes), *days[::60]})
    for day in looked_at:
        found = call(seen, "parts/zone.js", "startOf", day.isoformat(), name)
        assert datetime.fromtimestamp(found / 1000, UTC) == first_instant(day, zone), day
        assert call(seen, "parts/zone.js", "dayOf", found, name) == day.isoformat()
        assert call(seen, "parts/zone.js", "dayOf", found - 1, name) == (day - timedelta(days=1)).isoformat()


@pytest.mark.parametrize("name", ZONES)
def test_a_period_of_seven_days_is_one_that_the_api_takes(
    seen: Visitor, aurora: Integration, name: str
) -> None:
    days = call(seen, "history/period.js", "lastDays", name)
    asked = call(seen, "history/period.js", "instants", days, name)
    assert date.fromisoformat(days["to"]) - date.fromisoformat(days["from"]) == timedelta(days=6)
    assert datetime.fromisoformat(asked["to"]) - datetime.fromisoformat(asked["from"]) <= timedelta(days=7)
    aurora.get(f"/requests?from={asked['from']}&to={asked['to']}")


@pytest.mark.parametrize(
    "text",
    [
        '{"a":[],"b":{},"c":[1,-2.50e+10,{"d":null}],"":"\\"{[,:]}\\\\"}',
        '"só um texto"',
        "12345678901234567890.1000",
        '{"chave repetida":1,"chave repetida":2}',
        '[[[]],[{}],"\\u00e9 é 😀"]',
        "[]",
    ],
)
def test_json_is_laid_out_token_by_token(seen: Visitor, text: str) -> None:
    shown = call(seen, "parts/pretty.js", "pretty", text)
    tokens = r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+'
    assert re.findall(tokens, shown) == re.findall(tokens, text)
    assert (
        json.dumps(json.loads(text), indent=2, ensure_ascii=False).count("\n") == shown.count("\n")
        or "repetida" in text
    )


@pytest.mark.parametrize(
    "text",
    [
        '{"meta": 12345678901234567890.10, "b": [1.50, -0, 1e400, {"c": 0.1}], "d": "12345678901234567890"}',
        '[true, null, "\\u00e9 [,:] 1.0", 10, -2.50e+10]',
    ],
)
def test_numbers_keep_every_digit_when_they_are_read_and_written(seen: Visitor, text: str) -> None:
    root = next(one.split()[1].partition("main.js")[0] for one in seen.asked if one.endswith("/main.js"))
    again = seen.page.evaluate(
        "async ([file, text]) => (await import(file).then((it) => it.written(it.exactly(text))))",
        [root + "parts/exact.js", text],
    )
    numbers = r'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*'
    assert [one for one in re.findall(numbers, again) if one[0] != '"'] == [
        one for one in re.findall(numbers, text) if one[0] != '"'
    ]
    assert json.loads(again, parse_float=str, parse_int=str) == json.loads(
        text, parse_float=str, parse_int=str
    )


@pytest.mark.parametrize("size", [0, 1, 55, 56, 63, 64, 65, 119, 120, 3_000_001])
def test_the_sha_256_of_a_file_is_the_one_that_everybody_computes(seen: Visitor, size: int) -> None:
    root = next(one.split()[1].partition("main.js")[0] for one in seen.asked if one.endswith("/main.js"))
    found = seen.page.evaluate(
        """async ([file, size]) => (await import(file)).sha256(
            new Blob([new Uint8Array(size).map((_, at) => at * 7)]))""",
        [root + "onboarding/sha256.js", size],
    )
    assert found == sha256(bytes(at * 7 % 256 for at in range(size))).hexdigest()


def test_months_without_anything_stand_between_those_that_have_something(seen: Visitor) -> None:
    tables = [
        {"months": [{"month": "2026-02"}, {"month": None}]},
        {"months": [{"month": "2025-11"}]},
        {"months": []},
    ]
    months = call(seen, "onboarding/months.js", "monthsOf", tables)
    assert months == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert call(seen, "onboarding/months.js", "monthsOf", []) == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a.CSV", "csv"),
        ("a.csv.gz", "csv"),
        ("a.jsonl", "ndjson"),
        ("a.ndjson.GZ", "ndjson"),
        ("a.dat", None),
    ],
)
def test_a_file_s_name_tells_its_format(seen: Visitor, name: str, told: str | None) -> None:
    assert call(seen, "onboarding/sending.js", "formatOf", name) == told


@pytest.mark.parametrize(
    "text", ["", "nada disso", '{"records": [', "a;b\n1;2\n", '{"a":1} lixo', "\x00\x01"]
)
def test_what_is_no_json_stays_as_it_is(seen: Visitor, text: str) -> None:
    assert call(seen, "parts/pretty.js", "pretty", text) == text


def test_addresses_come_back_as_they_were_written(seen: Visitor) -> None:
    for named in (
        {"tab": "abc", "customer": "empresa/A&b=#%/ç"},
        {"tab": "history", "request": "01a2"},
        {"tab": "history", "request": "01a2", "trace": "nota/1|2 &=#%/ç"},
        {"tab": "onboarding", "cell": "nota/2026-03"},
        {"tab": "onboarding", "rejected": "vendedor/Mw"},
        {"tab": "onboarding", "report": "r", "with": "s", "findings": "nota/2026-03"},
        {"tab": "general", "run": "20261124T050000Z-s"},
        {"tab": "alerts", "alert": "20261124T171715Z-019353de"},
    ):
        written = call(seen, "shell/address.js", "fragment", {"integration": "x", **named})
        read = call(seen, "shell/address.js", "read", written)
        assert {name: value for name, value in read.items() if value} == {"integration": "x", **named}
    assert call(seen, "shell/address.js", "read", "#alert=1")["tab"] == "alerts"
    assert call(seen, "shell/address.js", "read", "#tab=nowhere")["tab"] == "general"
    assert call(seen, "shell/address.js", "read", "#tab=abc&run=1")["run"] is None


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.4, "< 1 s"),
        (13, "13 s"),
        (59.6, "1 min"),
        (245, "4 min 05 s"),
        (49 * 60, "49 min"),
        (3_899, "1 h 05 min"),
        (200_000, "55 h 33 min"),
        (-1, None),
        (None, None),
    ],
)
def test_durations_are_written_as_people_say_them(
    seen: Visitor, seconds: float | None, shown: str | None
) -> None:
    assert call(seen, "parts/format.js", "duration", seconds) == shown
