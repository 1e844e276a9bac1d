"""Bulk uploads: asked for, sent, checked, imported, and what became of each line."""

import gzip
import json
from typing import Any

import pytest

from tests.support.calls import counted
from tests.support.digest import counters, recounted, staged_records
from tests.support.exports import book_of, exported
from tests.support.uploads import (
    asked,
    deliver,
    event_of,
    ndjson,
    put,
    rejected_lines,
    sent,
    stood,
    uploaded,
)
from tests.support.world import World


@pytest.fixture
def world(own_world: World) -> World:
    own_world.onboarding_queue.messages.clear()
    return own_world


def vendedores(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"codigo": f"{number:05}", "nome": f"Vendedor {number}", **fields} for number in range(count)]


def keys(world: World, table: str = "vendedor") -> list[str]:
    return [one.key for one in staged_records(world.integration_id, table) if one.live]


def test_a_file_is_imported_as_a_delivery_would_be(world: World) -> None:
    content = gzip.compress(ndjson(vendedores(2_345)))
    asking = asked(world, "vendedor", content, filename="vendedores.ndjson.gz")

    assert asking.status == 201
    upload = asking.body
    assert (upload["status"], upload["progress"], upload["bytes"]) == ("waiting", 0.0, len(content))
    assert upload["upload"]["method"] == "PUT"
    assert upload["upload"]["headers"].keys() == {"x-amz-checksum-sha256"}
    put(world, upload, content)
    assert deliver(world, event_of(world, upload["upload_id"]))

    done = stood(world, upload["upload_id"])
    assert (done["status"], done["progress"], done["error"], done["upload"]) == ("done", 1.0, None, None)
    assert (done["lines"], done["received"], done["accepted"], done["created"]) == (2_345,) * 4
    assert (done["rejected"], done["rejected_file"], done["warnings"]) == (0, None, 0)
    assert done["filename"] == "vendedores.ndjson.gz"
    assert len(keys(world)) == 2_345
    assert counters(world.integration_id, "vendedor") == recounted(world.integration_id, "vendedor")
    assert world.files.objects.keys() & {f"uploads/{world.integration_id}/{upload['upload_id']}"} == set()
    assert [name for name in world.files.objects if upload["upload_id"] in name] == []


def test_the_same_file_again_changes_nothing(world: World) -> None:
    content = ndjson([*vendedores(1_500), {"codigo": "00001", "excluido": True}])
    first = uploaded(world, "vendedor", content)
    assert (first["created"], first["deleted"]) == (1_500, 1)
    before = staged_records(world.integration_id, "vendedor")
    again = uploaded(world, "vendedor", ndjson(vendedores(1_500)[2:]))
    assert (again["unchanged"], again["created"], again["updated"]) == (1_498, 0, 0)
    assert staged_records(world.integration_id, "vendedor") == before


def test_lines_behind_new_ones_are_thought_new_and_read_only_where_they_are_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.domain.upload_pieces.BATCH_LINES", 50)
    with counted() as fresh:
        assert uploaded(world, "vendedor", ndjson(vendedores(500)[:400]))["created"] == 400
    assert fresh.by_operation["BatchGetItem"] == 1, "only the first batch is read"

    other = [{**one, "codigo": f"x{one['codigo']}"} for one in vendedores(100)]
    with counted() as mixed:
        done = uploaded(world, "vendedor", ndjson([*other, *vendedores(300, nome="Outro")]))
    assert (done["created"], done["updated"], done["accepted"]) == (100, 300, 400)
    assert mixed.by_operation["BatchGetItem"] == 1 + 6
    assert len(keys(world)) == 500
    assert counters(world.integration_id, "vendedor") == recounted(world.integration_id, "vendedor")


def test_a_line_that_cannot_be_taken_is_rejected_alone_and_listed_as_it_was_sent(world: World) -> None:
    lines = [
        {"codigo": "1", "nome": "Ana"},
        b'{"codigo": "2", "nome": ',
        b"",
        {"codigo": "3"},
        b'{"codigo": "4", "nome": "\xe9"}',
        b'[1, 2.50,  "x"]',
        b"{" * 2_000,
        b'{"codigo": "5", "nome": "Eva", "nome": "Iva"}',
        {"codigo": "6", "nome": "Rui"},
    ]
    done = uploaded(world, "vendedor", ndjson(lines).replace(b"\n", b"\r\n"))
    assert (done["lines"], done["accepted"], done["rejected"]) == (8, 2, 6)
    assert keys(world) == ["1", "6"]
    found = {one["linha"]: one for one in rejected_lines(world, done)}
    assert list(found) == [2, 4, 5, 6, 7, 8]
    assert found[2]["texto"] == '{"codigo": "2", "nome": '
    assert "linha 2" in found[2]["erros"][0]
    assert found[4]["registro"] == {"codigo": "3"}
    assert found[4]["erros"] == ["nome: Campo obrigatório ausente ou vazio; preencha-o."]
    assert found[5]["texto"] == '{"codigo": "4", "nome": "\\xe9"}'
    assert found[6]["registro"] == [1, 2.5, "x"]
    assert done["rejected_file"]["rows"] == 6
    assert counters(world.integration_id, "vendedor") == recounted(world.integration_id, "vendedor")


def test_of_the_lines_of_one_key_the_last_counts_wherever_they_stand(world: World) -> None:
    records = [{"codigo": "1", "nome": f"Nome {number}"} for number in range(2_500)]
    done = uploaded(world, "vendedor", ndjson(records))
    assert (done["lines"], done["created"], done["updated"]) == (2_500, 1, 2_499)
    [one] = staged_records(world.integration_id, "vendedor")
    assert '"Nome 2499"' in one.data


def test_every_line_may_be_rejected(world: World) -> None:
    done = uploaded(world, "vendedor", ndjson([{"x": number} for number in range(2_100)]))
    assert (done["status"], done["lines"], done["rejected"], done["accepted"]) == ("done", 2_100, 2_100, 0)
    lines = rejected_lines(world, done)
    assert [one["linha"] for one in lines] == list(range(1, 2_101))
    assert lines[-1]["registro"] == {"x": 2_099}


def test_the_history_shows_each_batch_with_its_records_and_what_became_of_them(world: World) -> None:
    upload = uploaded(
        world, "vendedor", ndjson([*vendedores(2_200), b"{", {"codigo": "x"}]), filename="v.txt"
    )
    found = [one for one in world.listed("/requests?table=vendedor") if one["type"] == "upload"]
    ranges = [f"{upload['upload_id']} L2001-L2202", f"{upload['upload_id']} L1-L2000"]
    assert [one["path"] for one in found] == ranges
    last, first = found
    assert (first["method"], first["situation"], last["situation"]) == ("UPLOAD", "success", "partial")
    assert (first["key_name"], last["status"]) == ("ERP", 200)
    assert last["counts"] == {
        "received": 202,
        "created": 200,
        "updated": 0,
        "unchanged": 0,
        "deleted": 0,
        "rejected": 2,
    }
    shown = world.as_user("admin", "GET", f"/requests/{last['request_id']}").body
    assert '{"line":2201,"text":"{"}' in shown["request_body"]
    assert '"filename":"v.txt"' in shown["request_body"]
    assert '["02199","created"],[null,"rejected"],["x","rejected"]]' in shown["response_body"]
    assert '"index":200' in shown["response_body"]
    assert '"index":201' in shown["response_body"]


def test_an_upload_whose_event_was_lost_is_driven_on_by_whoever_asks(world: World) -> None:
    content = ndjson(vendedores(3))
    upload = asked(world, "vendedor", content).body
    world.clock.advance(seconds=1)
    assert stood(world, upload["upload_id"])["status"] == "waiting"
    assert not world.onboarding_queue.messages, "there is no file yet"
    put(world, upload, content)
    for _ in range(3):
        stood(world, upload["upload_id"])
    assert len(world.onboarding_queue.messages) == 1
    world.work_off_onboarding()
    assert stood(world, upload["upload_id"])["status"] == "done"


def test_events_that_ask_for_nothing_are_dropped(world: World, caplog: pytest.LogCaptureFixture) -> None:
    upload_id = sent(world, "vendedor", ndjson(vendedores(1)))
    before = stood(world, upload_id)
    assert deliver(world, event_of(world, upload_id)), "its file was told of twice"
    assert deliver(world, {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"})
    for name in ("uploads/", "uploads/a", "uploads/a/b/c", "exports/a/b", f"uploads/{'x' * 200}/b"):
        assert deliver(world, {"Records": [{"s3": {"object": {"key": name}}}]})
    assert deliver(world, event_of(world, "20260101T000000000000Z-000000000000"))
    assert stood(world, upload_id) == before
    dropped = [one for one in caplog.records if one.getMessage() == "a file that is no upload was dropped"]
    assert len(dropped) == 5


def test_the_workbook_of_the_history_has_the_batches_and_what_they_rejected(world: World) -> None:
    upload = uploaded(world, "vendedor", ndjson([*vendedores(3), b"{", {"codigo": "x"}]))
    world.clock.advance(seconds=1)
    book = book_of(world, exported(world, tables=["vendedor"]))
    row = next(one for one in book.sheets["vendedor"] if one["Método"] == "UPLOAD")
    assert (row["Endpoint"], row["Situação"]) == (f"{upload['upload_id']} L1-L5", "Parcial")
    assert (row["Recebidos"], row["Criados"], row["Rejeitados"]) == (5, 3, 2)
    assert [(one["Posição"], one["Chave"], one["Campo"]) for one in book.sheets["Rejeitados"]] == [
        (4, None, None),
        (5, "x", "nome"),
    ]


def test_a_viewer_sees_no_personal_data_of_a_file_s_lines(world: World) -> None:
    records = [{"codigo": "1", "nome": "Ana", "email": "ana@example.com"}, b'{"email": "eva@example.com"']
    uploaded(world, "vendedor", ndjson(records))
    [one] = [one for one in world.listed("/requests") if one["type"] == "upload"]
    shown = world.as_user("viewer", "GET", f"/requests/{one['request_id']}").body
    assert "example.com" not in shown["request_body"] + shown["response_body"]
    assert (
        "ana@example.com"
        in world.as_user("admin", "GET", f"/requests/{one['request_id']}").body["request_body"]
    )


def test_lines_beyond_what_a_record_may_have_are_rejected_one_by_one(world: World) -> None:
    lines = [
        {"codigo": "1", "nome": "x" * 4_001},
        {"codigo": "2", "nome": "x", "blob": "y" * 300_000},
        {"codigo": "3", "nome": "x" * 1_100_000},
        {"codigo": "4", "nome": "Ana"},
    ]
    done = uploaded(world, "vendedor", ndjson(lines))
    assert (done["accepted"], done["rejected"]) == (1, 3)
    first, second, third = rejected_lines(world, done)
    assert first["registro"] == lines[0]
    assert second["registro"] == lines[1]
    assert third["texto"] == json.dumps(lines[2])[:1_000]
    assert "só o começo dela está aqui" in third["erros"][0]


def test_batches_of_large_records_stay_within_a_delivery_s_size(world: World) -> None:
    done = uploaded(world, "vendedor", ndjson(vendedores(60, blob="z" * 200_000)))
    assert (done["created"], done["warnings"]) == (60, 60)
    found = [one for one in world.listed("/requests") if one["type"] == "upload"]
    assert [one["counts"]["received"] for one in found] == [18, 2, 20, 20], "pieces hold 42 of them"
    assert max(one["request_bytes"] for one in found) < 4.3e6
