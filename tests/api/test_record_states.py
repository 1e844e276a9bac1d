"""A record's life: which version stays, what deletion means, and what its ERP reads about it."""

from typing import Any
from urllib.parse import quote

import pytest

from chalicelib import wiring
from tests.support.samples import KEYS, full
from tests.support.world import Answer, World

OLDER = "unchanged older_version"
MAY, JUNE, JULY = "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z"


def ana(at: str | None = None, **fields: Any) -> dict[str, Any]:
    moment = {"atualizado_em": at} if at else {}
    return {"codigo": "1", "nome": f"Ana {at}", **moment, **fields}


def gone(at: str | None = None) -> dict[str, Any]:
    return {"codigo": "1", "excluido": True, **({"atualizado_em": at} if at else {})}


def send(world: World, record: dict[str, Any]) -> str:
    """Deliver one record; answers what happened to it, and its warning."""
    answer = world.push("vendedor", [record])
    assert answer.status == 200, answer.body
    [outcome] = [
        name for name in ("created", "updated", "unchanged", "deleted", "rejected") if answer.body[name]
    ]
    warned = [warning["code"] for warning in answer.body["warnings"]]
    return " ".join([outcome, *warned])


def read(world: World, table: str = "vendedor", key: str = "1", language: str = "pt-BR") -> Answer:
    path = f"/v1/erp/{table}/{quote(key, safe='')}"
    return world.call("GET", path, token=world.erp_key, headers={"Accept-Language": language})


def state(world: World) -> tuple[str, str | None]:
    """Read the record's state and name."""
    body = read(world).body
    return body["state"], (body["record"] or {}).get("nome")


def quarantined(world: World, table: str = "vendedor") -> int:
    [one] = [one for one in world.as_user("viewer", "GET", "/tables").body["items"] if one["table"] == table]
    return int(one["rejected"])


STORIES: dict[str, list[tuple[dict[str, Any], str, str | None]]] = {
    "older never overwrites newer": [
        (ana(JUNE), "created", JUNE), (ana(MAY), OLDER, JUNE), (ana(JULY), "updated", JULY),
        (ana(JUNE), OLDER, JULY),
    ],
    "offsets are times, not texts": [
        (ana("2026-06-01T00:00:00-03:00"), "created", "2026-06-01T00:00:00-03:00"),
        (ana("2026-06-01T02:59:59Z"), OLDER, "2026-06-01T00:00:00-03:00"),
        (ana("2026-06-01T03:00:00.000001Z"), "updated", "2026-06-01T03:00:00.000001Z"),
    ],
    "of one time, the last one sent counts: many ERPs stamp whole seconds": [
        (ana(JUNE), "created", JUNE), (ana(JUNE, nome="Bia"), "updated", "Bia"), (ana(JUNE), "updated", JUNE),
    ],
    "without a time, the last one sent counts": [
        (ana(JUNE), "created", JUNE), (ana(), "updated", "None"), (ana(MAY), OLDER, "None"),
        (ana(), "unchanged", "None"),
    ],
    "a deletion": [(ana(), "created", "None"), (gone(), "deleted", None), (gone(), "unchanged", None)],
    "a deletion of what was never there keeps older versions out": [
        (gone(JUNE), "unchanged nothing_to_delete", None), (ana(MAY), OLDER, None),
        (ana(JULY), "created", JULY),
    ],
    "an older version does not bring back what was deleted": [
        (ana(MAY), "created", MAY), (gone(JUNE), "deleted", None), (ana(MAY), OLDER, None),
        (ana(JULY), "created", JULY),
    ],
    "an older deletion does not delete": [
        (ana(JUNE), "created", JUNE), (gone(MAY), OLDER, JUNE), (gone(JULY), "deleted", None),
    ],
    "a deletion without a time comes after what was there": [
        (ana(JUNE), "created", JUNE), (gone(), "deleted", None), (ana(MAY), OLDER, None),
    ],
    "excluido false is an ordinary record": [
        (ana(excluido=False), "created", "None"), (ana(), "unchanged", "None"),
        (ana(excluido=None), "unchanged", "None"),
    ],
    "an equal value in another form is the same record": [
        (ana(JUNE, extra=None, email=None), "created", JUNE),
        (ana("2026-05-31T21:00:00.000-03:00", nome=f"Ana {JUNE}"), "unchanged", JUNE),
    ],
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_versions(own_world: World, story: str) -> None:
    for number, (record, outcome, name) in enumerate(STORIES[story]):
        assert send(own_world, record) == outcome, number
        shown = name if name in (None, "Bia") else f"Ana {name}"
        assert state(own_world)[1] == shown, number
    own_world.run()
    final = STORIES[story][-1][2]
    crm = wiring.crm().documents(own_world.integration_id, [("vendedor", "1", None)])
    assert bool(crm) == (final is not None)


def test_a_record_is_pending_until_a_run_has_applied_it(own_world: World) -> None:
    send(own_world, ana(MAY))
    pending = read(own_world).body
    assert (pending["state"], pending["applied_at"], pending["revision"]) == ("pending", None, 1)
    assert pending["state_since"] == pending["received_at"]

    own_world.clock.advance(seconds=1)
    run = own_world.run()
    applied = read(own_world).body
    assert (applied["state"], applied["applied_run_id"]) == ("applied", run["run_id"])
    assert applied["state_since"] == applied["applied_at"] > applied["received_at"]

    own_world.clock.advance(seconds=1)
    send(own_world, ana(JUNE))
    changed = read(own_world).body
    assert (changed["state"], changed["revision"], changed["record"]["nome"]) == ("pending", 2, f"Ana {JUNE}")
    assert changed["applied_at"] == applied["applied_at"], "the CRM still has the version before"

    own_world.clock.advance(seconds=1)
    send(own_world, gone(JULY))
    own_world.clock.advance(seconds=1)
    assert (read(own_world).body["state"], read(own_world).body["deleted"]) == ("pending", True)
    own_world.run()
    assert (read(own_world).body["state"], read(own_world).body["deleted"]) == ("applied", True)


def test_a_refused_version_is_shown_beside_the_one_that_stays(own_world: World) -> None:
    send(own_world, ana(MAY))
    own_world.clock.advance(seconds=1)
    refused = own_world.push("vendedor", [ana(JUNE, nome=7, ativo="S")])

    told = {language: read(own_world, language=language).body for language in ("pt-BR", "en")}

    body = told["en"]
    assert (body["state"], body["rejected_request_id"]) == ("rejected", refused.body["request_id"])
    assert body["record"]["nome"] == f"Ana {MAY}"
    assert body["rejected_record"] == ana(JUNE, nome=7, ativo="S")
    assert body["state_since"] > body["received_at"]
    assert [(one["field"], one["message"]) for one in body["errors"]] == [
        ("nome", "Must be text in quotes."),
        ("ativo", "Must be true or false, without quotes."),
    ]
    assert told["pt-BR"]["errors"][0]["message"] == "Precisa ser texto entre aspas."


LEAVING = {
    "corrected": (ana(JULY), "updated"),
    "sent again as it was": (ana(MAY), "unchanged"),
    "deleted": (gone(JULY), "deleted"),
}


@pytest.mark.parametrize("way", LEAVING)
def test_a_key_leaves_quarantine_when_its_next_delivery_is_valid(own_world: World, way: str) -> None:
    record, outcome = LEAVING[way]
    assert send(own_world, ana(MAY)) == "created"
    assert send(own_world, ana(JUNE, nome=None)) == "rejected"
    assert (state(own_world)[0], quarantined(own_world)) == ("rejected", 1)
    assert send(own_world, record) == outcome
    assert (state(own_world)[0] == "rejected", quarantined(own_world)) == (False, 0)
    own_world.clock.advance(seconds=1)
    own_world.run()
    assert state(own_world)[0] == "applied"


def test_a_deleted_key_leaves_quarantine_when_its_deletion_is_sent_again(own_world: World) -> None:
    assert send(own_world, ana(MAY)) == "created"
    assert send(own_world, gone(JUNE)) == "deleted"
    assert send(own_world, ana(JULY, nome=None)) == "rejected"
    assert quarantined(own_world) == 1
    assert send(own_world, gone(JUNE)) == "unchanged"
    assert (state(own_world)[0] == "rejected", quarantined(own_world)) == (False, 0)


def test_a_first_version_that_is_refused_can_be_read(own_world: World) -> None:
    assert send(own_world, ana(nome="")) == "rejected"
    body = read(own_world).body
    assert (body["state"], body["record"], body["rejected_record"]["nome"]) == ("rejected", None, "")
    assert send(own_world, ana(MAY)) == "created"
    assert (state(own_world)[0], quarantined(own_world)) == ("pending", 0)


def test_lone_surrogates_that_were_refused_are_shown_as_sent(own_world: World) -> None:
    own_world.push("vendedor", [ana(nome="\ud800")])
    assert read(own_world).body["rejected_record"]["nome"] == "\ud800"


@pytest.mark.parametrize("table", KEYS)
def test_any_key_can_be_read(own_world: World, table: str) -> None:
    name = next(iter(full(table)))
    odd = "á/b %2F+?#&=.. ~\"'é😀"
    record = full(table, **{name: odd})
    assert own_world.push(table, [record]).body["created"] == 1
    key = "|".join([odd, *KEYS[table].split("|")[1:]])
    assert (read(own_world, table, key).status, read(own_world, table, key).body["key"]) == (200, key)
    unknown = read(own_world, table, f"{key}x")
    assert (unknown.status, unknown.body["code"]) == (404, "record_not_found")
