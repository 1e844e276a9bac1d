"""Whoever has no right to see personal data sees none: in lists, details, logs, files, and file names."""

import json
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest

from chalicelib.domain.personal_data import mask_text
from chalicelib.storage import models
from tests.support.exports import asked, book_of, exported, stood
from tests.support.world import World

NOON = datetime(2026, 7, 8, 15, 30, tzinfo=UTC)
CPF, MAIL, PHONE = "529.982.247-25", "ana.silva@example.com", "(41) 99999-1234"
SECRETS = [CPF, "52998224725", MAIL, "ana.silva", PHONE, "41999991234", "99999-1234", "3333-4444"]
ANA: dict[str, Any] = {
    "codigo": "52998224725",
    "nome": "ANA SILVA 52998224725",
    "cpf": CPF,
    "email": MAIL,
    "telefone": "41 3333-4444",
    "celular": PHONE,
    "cargo": f"ligar {PHONE}",
    "whatsapp": 41999991234,
    "observacao": {"contatos": [MAIL, {"cpf_conjuge": 52998224725}]},
}


@pytest.fixture
def world(own_world: World) -> World:
    """Personal data wherever an ERP may put it: bodies of every kind, keys, paths, headers, key names."""
    own_world.clock.frozen = NOON
    own_world.exports_queue.messages.clear()
    key = own_world.as_user("admin", "POST", "/keys", {"name": f"ERP de {MAIL}"}).body["key"]
    own_world.erp_key = key
    assert own_world.push("contato", [ANA, {**ANA, "uf": "XX", "nome": ""}]).body["rejected"] == 1
    own_world.call("GET", "/v1/erp/contato/529.982.247-25", token=key)
    own_world.call("GET", "/v1/erp/contato/52998224725", token=key)
    own_world.call("GET", f"/v1/erp/contato/{MAIL.replace('@', '%40')}", token=key)
    kind = {"From": MAIL, "User-Agent": f"ERP {PHONE}"}
    own_world.call("POST", "/v1/erp/contato", json.dumps(ANA).encode()[:-9], token=key, headers=kind)
    lines = b"\n".join(json.dumps(one).encode() for one in (ANA, ANA))
    ndjson = {"Content-Type": "application/x-ndjson"}
    own_world.call("POST", "/v1/erp/contato", lines, token=key, headers=ndjson)
    own_world.call("POST", f"/v1/erp/{MAIL.replace('@', '%40')}", b"{}", token=key)
    escaped = "".join(f"\\u{ord(one):04x}" for one in MAIL)
    own_world.call("POST", "/v1/erp/contato", f'{{"records":[{{"codigo":"{escaped}"}}]}}'.encode(), token=key)
    return own_world


def revealed(content: str) -> list[str]:
    return [secret for secret in SECRETS if secret in content]


def test_a_viewer_s_export_holds_no_personal_data_anywhere(world: World) -> None:
    export = exported(world, "viewer")
    assert export["masked"] is True
    assert export["rows"] == 8
    book = book_of(world, export)
    with zipfile.ZipFile(BytesIO(book.content)) as archive:
        for name in archive.namelist():
            assert revealed(archive.read(name).decode()) == [], name
    assert revealed(json.dumps(export)) == []
    [facts] = book.sheets["Resumo"]
    assert facts["Dados pessoais"] == "mascarados"
    bodies = [text.decode() for pair in book.bodies("contato") for text in pair]
    assert any("***.***.***-25" in one for one in bodies)
    for body in bodies:
        assert mask_text(body) == body, "not even escaped"


def test_an_admin_s_export_shows_it(world: World) -> None:
    export = exported(world, "admin")
    assert export["masked"] is False
    book = book_of(world, export)
    with zipfile.ZipFile(BytesIO(book.content)) as archive:
        whole = "".join(archive.read(name).decode() for name in archive.namelist())
    assert {CPF, MAIL, PHONE} <= set(revealed(whole))
    assert book.sheets["Resumo"][0]["Dados pessoais"] == "visíveis"


def test_an_admin_may_ask_for_a_masked_one_and_a_viewer_gets_no_other(world: World) -> None:
    assert exported(world, "admin", masked=True)["masked"] is True
    assert exported(world, "viewer", masked=False)["masked"] is True
    assert exported(world, "operator")["masked"] is True


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_an_export_that_shows_personal_data_is_for_admins_only(world: World, role: str) -> None:
    export = exported(world, "admin")
    answer = world.as_user(role, "GET", f"/exports/{export['export_id']}")
    assert (answer.status, answer.body["code"]) == (403, "export_unmasked")


def test_lists_and_details_hide_it_from_viewers_and_show_it_to_admins(world: World) -> None:
    listed = world.as_user("viewer", "GET", "/requests").body
    assert len(listed["items"]) == 8
    assert revealed(json.dumps(listed, ensure_ascii=False)) == []
    shown = ""
    for one in listed["items"]:
        seen = world.as_user("viewer", "GET", f"/requests/{one['request_id']}").body
        assert revealed(json.dumps(seen, ensure_ascii=False)) == []
        assert revealed(seen["request_body"] + seen["response_body"]) == []
        shown += json.dumps(world.as_user("admin", "GET", f"/requests/{one['request_id']}").body)
    assert {CPF, MAIL, PHONE} <= set(revealed(shown))


def test_a_run_s_log_and_its_files_hide_it_too(world: World) -> None:
    world.clock.advance(seconds=1)
    run_id = world.run()["run_id"]
    for role, personal in (("viewer", False), ("admin", True)):
        log = json.dumps(world.as_user(role, "GET", f"/runs/{run_id}/log?limit=200").body, ensure_ascii=False)
        files = []
        for kind in ("xlsx", "txt"):
            link = world.as_user(role, "POST", f"/runs/{run_id}/log/download", {"format": kind}).body
            assert link["masked"] is not personal
            content = world.files.behind(link["url"])
            if kind == "xlsx":
                with zipfile.ZipFile(BytesIO(content)) as archive:
                    content = b"".join(archive.read(name) for name in archive.namelist())
            files.append(content.decode())
        for text in (log, *files):
            assert bool(revealed(text)) == personal, (role, revealed(text))


def test_customers_hide_it_too(world: World) -> None:
    world.clock.advance(seconds=1)
    world.run()
    for role, personal in (("viewer", False), ("admin", True)):
        found = world.as_user(role, "GET", "/customers").body
        assert len(found["items"]) == 1
        assert bool(revealed(json.dumps(found))) == personal
    assert world.as_user("admin", "GET", "/customers/contato/52998224725").status == 200


def test_whoever_was_given_personal_data_is_on_the_audit_list(world: World) -> None:
    export = exported(world, "admin", tables=["contato"])
    stood(world, export["export_id"])
    asked(world, "admin", tables=["nota"])
    asked(world, "admin", tables=["nota"])  # shares the job, and is told all the same
    exported(world, "viewer")
    run_id = world.run()["run_id"]
    world.as_user("admin", "POST", f"/runs/{run_id}/log/download", {"format": "txt"})
    world.as_user("viewer", "POST", f"/runs/{run_id}/log/download", {"format": "txt"})

    page = world.as_user("admin", "GET", "/audit?limit=2").body
    found = page["items"]
    while page["next_cursor"]:
        page = world.as_user("admin", "GET", f"/audit?limit=2&cursor={page['next_cursor']}").body
        found += page["items"]
    acts = sorted(one["act"] for one in found)
    assert acts == ["export_link", "export_link", *["export_requested"] * 3, "run_log_link"]
    assert {one["user_id"] for one in found} == {"admin-1"}
    assert {one["role"] for one in found} == {"admin"}
    asked_for = [
        one for one in found if one["act"] == "export_requested" and one["what"]["tables"] == ["contato"]
    ]
    [entry] = asked_for
    assert entry["what"]["export_id"] == export["export_id"]
    assert (entry["at"], entry["what"]["from"]) == ("2026-07-08T15:30:00.000000Z", export["from"])
    assert world.as_user("viewer", "GET", "/audit").status == 403


def test_an_unmasked_export_is_not_begun_without_its_audit_entry(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.AuditItem.Meta, "table_name", "no-such-table")
    assert asked(world, "admin").status == 500
    assert not world.exports_queue.messages
