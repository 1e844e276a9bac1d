"""The demo ERP's client: it keeps versions in order, tries again, and sums up the answers."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

import pytest
import urllib3

from infra.local.erp.push import PushRefusedError, encode_body, push
from infra.local.erp.tables import Delivery, Record

KEY = "erp_1_secret"
FAST = urllib3.Retry(total=5, status_forcelist={429, 503}, allowed_methods={"POST"}, raise_on_status=False)


class Api(ThreadingHTTPServer):
    """A stand-in for the API: every third attempt fails, every fifth delivery's connection is lost."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.lock = Lock()
        self.attempts = 0
        self.refuse_with: int | None = None
        self.taken: dict[str, list[Record]] = defaultdict(list)
        self.headers_seen: list[dict[str, str]] = []


class Handler(BaseHTTPRequestHandler):
    server: Api
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        api = self.server
        with api.lock:
            api.attempts += 1
            attempt = api.attempts
            api.headers_seen.append(dict(self.headers))
        if api.refuse_with:
            self.answer(api.refuse_with, {"code": "refused"})
        elif attempt % 5 == 0:
            self.close_connection = True  # no answer at all
        elif attempt % 3 == 0:
            self.answer(503 if attempt % 2 else 429, {"code": "busy"})
        else:
            self.take(self.path.rsplit("/", 1)[-1], self.read_records(body))

    def take(self, table: str, records: list[Record]) -> None:
        with self.server.lock:
            self.server.taken[table].extend(records)
        counts = dict.fromkeys(("updated", "unchanged", "deleted"), 0)
        errors = [{"index": 0, "key": "1", "field": "nome", "message": "…"}]
        counts |= {"received": len(records), "created": len(records) - 1, "rejected": 1}
        self.answer(200, {"table": table, **counts, "errors": errors, "warnings": []})

    def read_records(self, body: bytes) -> list[Record]:
        text = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        if self.headers["Content-Type"] == "application/x-ndjson":
            return [json.loads(line) for line in text.splitlines()]
        records: list[Record] = json.loads(text)["records"]
        return records

    def answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status in (429, 503):
            self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep the test's output quiet."""


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def versions(count: int) -> list[Delivery]:
    """Deliver `count` versions of the same five vendedores, and others between them."""
    return [
        (table, [{"codigo": f"{number:06d}", "nome": f'versão {version}; "aspas"\n'} for number in range(5)])
        for version in range(count)
        for table in ("vendedor", "empresa")
    ]


def test_versions_of_a_key_arrive_in_order_despite_failures(api: Api) -> None:
    deliveries = versions(12)

    totals = push(deliveries, api.url, KEY, concurrency=4, retry=FAST)

    for table in ("vendedor", "empresa"):
        assert api.taken[table] == [one for name, records in deliveries if name == table for one in records]
    assert totals.requests == 24
    assert totals.retries > 0
    assert totals.counts["received"] == 120
    assert totals.counts["created"] == 96
    assert totals.errors == {("vendedor", "nome"): 12, ("empresa", "nome"): 12}


def test_a_repeated_attempt_keeps_its_idempotency_key(api: Api) -> None:
    push(versions(6), api.url, KEY, concurrency=1, retry=FAST)

    keys = [headers["Idempotency-Key"] for headers in api.headers_seen]
    assert len(set(keys)) == 12
    assert len(keys) > 12
    assert keys == sorted(keys, key=keys.index)  # attempts of one delivery follow each other
    assert {headers["Authorization"] for headers in api.headers_seen} == {f"Bearer {KEY}"}


def test_bodies_come_in_every_form(api: Api) -> None:
    push(versions(6), api.url, KEY, retry=FAST)

    forms = {(headers["Content-Type"], headers.get("Content-Encoding")) for headers in api.headers_seen}
    assert forms == {
        (kind, coding) for kind in ("application/json", "application/x-ndjson") for coding in (None, "gzip")
    }


def test_progress_is_told_after_each_delivery(api: Api) -> None:
    seen: list[int] = []

    push(versions(3), api.url, KEY, on_progress=lambda totals: seen.append(totals.requests), retry=FAST)

    assert seen == [1, 2, 3, 4, 5, 6]


def test_a_refusal_stops_the_push_and_says_why(api: Api) -> None:
    api.refuse_with = 403

    with pytest.raises(PushRefusedError, match=r"vendedor: HTTP 403: .*refused"):
        push(versions(3), api.url, KEY, concurrency=1, retry=FAST)

    assert api.attempts == 1


def test_an_api_that_never_recovers_is_an_error(api: Api) -> None:
    api.refuse_with = 503

    with pytest.raises(PushRefusedError, match="HTTP 503"):
        push(versions(1), api.url, KEY, retry=FAST)


def test_line_breaks_inside_texts_do_not_break_ndjson() -> None:
    body, _ = encode_body([{"nome": "a\nb"}, {"nome": "c"}], ndjson=True, compressed=False)

    assert [json.loads(line) for line in body.split(b"\n")] == [{"nome": "a\nb"}, {"nome": "c"}]
