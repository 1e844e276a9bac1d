"""Bulk uploads as an ERP makes them, and the bucket's event that tells of the file."""

import csv
import io
import json
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus

from tests.support.world import Answer, World


def ndjson(records: list[Any]) -> bytes:
    """Write records as lines; what is no record but text stands as it is."""
    return b"".join(
        (one if isinstance(one, bytes) else json.dumps(one, ensure_ascii=False).encode()) + b"\n"
        for one in records
    )


def asked(world: World, table: str, content: bytes, **body: Any) -> Answer:
    """Ask for an upload of these bytes as the ERP."""
    facts = {"format": "ndjson", "bytes": len(content), "sha256": sha256(content).hexdigest()}
    return world.call("POST", f"/v1/erp/{table}/uploads", {**facts, **body}, token=world.erp_key)


def put(world: World, upload: dict[str, Any], content: bytes) -> None:
    """Send the file to the bucket, as its link has it."""
    name = upload["upload"]["url"].removeprefix("https://bucket.example/").partition("?")[0]
    world.files.objects[name] = content


def event_of(world: World, upload_id: str) -> dict[str, Any]:
    """Write the bucket's event for an upload's file."""
    key = quote_plus(f"uploads/{world.integration_id}/{upload_id}", safe="/")
    return {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": key}}}]}


def deliver(world: World, message: Any, message_id: str = "m") -> bool:
    """Deliver one message to advance_onboarding; False when it is to come back later."""
    body = message if isinstance(message, str) else json.dumps(message)
    event = {"Records": [{"messageId": message_id, "body": body}]}
    answer = world.client.lambda_.invoke("advance_onboarding", event).payload
    return not answer["batchItemFailures"]


def stood(world: World, upload_id: str, language: str = "pt-BR") -> dict[str, Any]:
    """Read where an upload stands, as the ERP."""
    headers = {"Accept-Language": language}
    answer = world.call("GET", f"/v1/erp/uploads/{upload_id}", token=world.erp_key, headers=headers)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.body
    return found


def sent(world: World, table: str, content: bytes, **body: Any) -> str:
    """Ask, send the file, and let the bucket tell of it; the rest waits in the queue. Answers the id."""
    answer = asked(world, table, content, **body)
    assert answer.status == 201, answer.body
    put(world, answer.body, content)
    upload_id = str(answer.body["upload_id"])
    assert deliver(world, event_of(world, upload_id))
    return upload_id


def uploaded(world: World, table: str, content: bytes, **body: Any) -> dict[str, Any]:
    """Upload a file and work it off; answers how it ended."""
    upload_id = sent(world, table, content, **body)
    world.work_off_onboarding()
    return stood(world, upload_id)


def rejected_rows(world: World, upload: dict[str, Any], delimiter: str = ";") -> list[list[str]]:
    """Read the file of rejected lines of a CSV."""
    content = world.files.behind(upload["rejected_file"]["url"]).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter))


def rejected_lines(world: World, upload: dict[str, Any]) -> list[dict[str, Any]]:
    """Read the file of rejected lines of NDJSON."""
    lines = world.files.behind(upload["rejected_file"]["url"]).decode().splitlines()
    return [json.loads(line) for line in lines]
