"""The shapes of the intermediate database's items: staged records, pending batches, counter deltas."""

import json
from typing import Any

from ..domain import tallies
from ..domain.deltas import Delta
from ..domain.errors import FieldIssue
from ..domain.staging import APPLY, Change, PendingBatch, Rejection, Staged
from ..domain.tallies import UNDATED, Tallies, Tally
from ..domain.versions import Past
from . import keys, tally_items
from .bulk import Item, number, text


def encode(integration_id: str, staged: Staged) -> Item:
    """Shape the item: few attributes, since botocore's time goes by attributes, not by bytes.

    `doc` is a JSON header, a line feed and the record's canonical JSON, which has no line feed; then come
    the lines of its recent past, if it has any.
    """
    header = [staged.updated_at, staged.received_at, staged.request_id, staged.place]
    past = f"\n{staged.history.recent}" if staged.history.recent else ""
    item: Item = {
        "pk": text(keys.record(integration_id, staged.table, staged.key)),
        "sk": text(staged.key),
        "rev": number(staged.revision),
        "doc": text(f"{json.dumps(header)}\n{staged.data}{past}"),
    }
    if not staged.live:
        item["gone"] = text("deleted" if staged.deleted else "never valid")
    if staged.rejection:
        item["rejection"] = text(_rejection_json(staged.rejection))
        # Lists it in the sparse index, until a put without it takes its place.
        item["refused_at"] = text(keys.refused(staged.rejection.at, staged.table, staged.key))
    if staged.history.packed:
        item["past"] = {"B": staged.history.packed}
    return item


def decode(table: str, item: Item) -> Staged:
    """Read what `encode` wrote."""
    header, _, document = item["doc"]["S"].partition("\n")
    data, _, recent = document.partition("\n")
    past = item.get("past", {})  # "S": recent lines, as they were kept before they lay in the document
    updated_at, received_at, request_id, place = json.loads(header)
    return Staged(
        table=table,
        key=item["sk"]["S"],
        revision=int(item["rev"]["N"]),
        data=data,
        updated_at=updated_at,
        received_at=received_at,
        request_id=request_id,
        deleted=item.get("gone") == {"S": "deleted"},
        place=place,
        rejection=_rejection(json.loads(item["rejection"]["S"])) if "rejection" in item else None,
        history=Past(recent or past.get("S", ""), past.get("B", b"")),
    )


def _rejection_json(rejection: Rejection) -> str:
    issues = [[issue.field, issue.code, issue.params] for issue in rejection.issues]
    return json.dumps(
        [issues, rejection.raw, rejection.digest, rejection.at, rejection.request_id], ensure_ascii=True
    )


def _rejection(stored: list[Any]) -> Rejection:
    issues, raw, digest, at, request_id = stored
    found = tuple(FieldIssue(name, code, params) for name, code, params in issues)
    return Rejection(found, raw, digest, at, request_id)


def pending_item(
    integration_id: str, table: str, changes: list[Change], gain: Tallies, at: str, label: str
) -> Item:
    """Shape the pending batch that one transaction leaves."""
    listed = [[change.key, change.kind, list(change.moved_from)] for change in changes]
    return {
        "pk": text(keys.pending(integration_id, table)),
        "sk": text(pending_name(at, label)),
        "changes": text(json.dumps(listed, ensure_ascii=False, separators=(",", ":"))),
        "gain": text(json.dumps(tallies.to_json(gain))),
    }


def pending_name(at: str, label: str) -> str:
    """Name a pending batch, so that the oldest come first."""
    return f"{at}#{label}"


def promising(item: Item, gain: Tallies) -> Item:
    """Shape a pending batch again, with another gain."""
    return {**item, "gain": text(json.dumps(tallies.to_json(gain)))}


def decode_pending(item: Item) -> PendingBatch:
    """Read what `pending_item` wrote."""
    listed = json.loads(item["changes"]["S"])
    changes = tuple(Change(key, kind, tuple(moved)) for key, kind, moved in listed)
    if "gain" in item:
        gain = tallies.from_json(json.loads(item["gain"]["S"]))
    else:  # left before months were counted
        gain = {UNDATED: Tally(pending=sum(change.kind == APPLY for change in changes))}
    return PendingBatch(item["sk"]["S"], changes, gain)


def delta_item(integration_id: str, name: str, delta: Delta, at: str = "") -> Item:
    """Shape a counter delta of a delivery `at` that time, if any; readers add it up until it is folded."""
    item = {
        "pk": text(keys.counters(integration_id)),
        "sk": text(name),
        "records_": number(delta.records),
        "bytes_": number(delta.bytes),
        "pending_": number(delta.pending),
        "rejected_": number(delta.rejected),
    }
    if delta.periods:
        item["periods"] = text(json.dumps(tallies.to_json(delta.periods)))
    return {**item, "last": text(at)} if at else item


def decode_delta(item: Item) -> Delta:
    """Read the counters of a delta, or of a table."""
    names = ("records_", "bytes_", "pending_", "rejected_")
    kept = tallies.from_json(json.loads(item["periods"]["S"])) if "periods" in item else {}
    periods = kept or tally_items.read(item)
    records, size, pending, rejected = (int(item.get(name, {"N": "0"})["N"]) for name in names)
    return Delta(records, size, pending, rejected, periods)
