"""Files as ERPs and spreadsheets make them: what is read as what, and what is refused as a whole."""

import gzip
from typing import Any

import pytest

from tests.support.digest import staged_records
from tests.support.uploads import asked, deliver, event_of, ndjson, put, rejected_rows, stood, uploaded
from tests.support.world import World

NOTA = "numero;serie;empresa_codigo;emitida_em;situacao;valor_total"


@pytest.fixture
def world(own_world: World) -> World:
    own_world.onboarding_queue.messages.clear()
    return own_world


def data(world: World, table: str) -> dict[str, str]:
    return {one.key: one.data for one in staged_records(world.integration_id, table) if one.live}


def csv(world: World, content: bytes, table: str = "vendedor", **body: Any) -> dict[str, Any]:
    return uploaded(world, table, content, format="csv", **body)


def refused(world: World, content: bytes, **body: Any) -> tuple[str, str]:
    """Upload a file that is refused as a whole; answers the code and the sentence."""
    done = uploaded(world, "vendedor", content, **{"format": "csv", **body})
    assert (done["status"], done["received"], done["rejected_file"]) == ("failed", 0, None)
    assert staged_records(world.integration_id, "vendedor") == []
    assert [name for name in world.files.objects if done["upload_id"] in name] == []
    return done["error"]["code"], done["error"]["message"]


def test_a_spreadsheet_of_brazil_is_read_as_it_is_meant(world: World) -> None:
    rows = [
        '1;A;E1;04/07/2026;autorizada;"1.234,56"',
        "2;A;E1;2026-07-05;cancelada;1234,5",
        "3;A;E1; 06/07/2026 ;denegada;-1.234.567,89",
        "4;A;E1;2026-07-05;autorizada;1234.56",
        "",
    ]
    done = csv(world, ("\ufeff" + "\r\n".join([NOTA, *rows])).encode(), "nota")
    assert (done["lines"], done["created"], done["warnings"], done["error"]) == (4, 4, 0, None)
    found = data(world, "nota")
    assert [found[f"{number}|A"].split('"valor_total":')[1] for number in range(1, 5)] == [
        '"1234.56"}',
        '"1234.5"}',
        '"-1234567.89"}',
        '"1234.56"}',
    ]
    assert '"emitida_em":"2026-07-04"' in found["1|A"]
    assert '"emitida_em":"2026-07-06"' in found["3|A"]


def test_a_number_of_two_meanings_is_refused_until_its_separator_is_said(world: World) -> None:
    content = f"{NOTA}\n1;A;E1;2026-07-04;autorizada;1.234\n".encode()
    done = csv(world, content, "nota")
    assert (done["accepted"], done["rejected"]) == (0, 1)
    [_, row] = rejected_rows(world, done)
    assert row[0] == "2"
    assert row[1].startswith('valor_total: "1.234" pode ser lido de duas formas')
    assert row[2:] == ["1", "A", "E1", "2026-07-04", "autorizada", "1.234"]
    assert csv(world, content, "nota", decimal=",")["created"] == 1
    assert '"valor_total":"1234"' in data(world, "nota")["1|A"]
    assert csv(world, content, "nota", decimal=".")["updated"] == 1
    assert '"valor_total":"1.234"' in data(world, "nota")["1|A"]
    other = csv(world, content.replace(b"1.234", b"1234,56"), "nota", decimal=".")
    assert 'não usa "." como separador decimal' in rejected_rows(world, other)[1][1]


@pytest.mark.parametrize(
    ("encoding", "name"), [("latin-1", "latin-1"), ("cp1252", "windows-1252"), ("cp1252", None)]
)
def test_texts_of_old_systems_keep_their_accents(world: World, encoding: str, name: str | None) -> None:
    content = "codigo;nome\n1;João Conceição\n2;Ana\n".encode(encoding)
    done = csv(world, content, **({"encoding": name} if name else {}))
    assert (done["created"], done["warnings"]) == (2, 0 if name else 1)
    assert '"João Conceição"' in data(world, "vendedor")["1"]


def test_a_line_that_is_not_in_the_encoding_that_was_said_is_refused_alone(world: World) -> None:
    content = "codigo;nome\n1;Ana\n2;João\n3;Rui\n".encode("latin-1")
    done = csv(world, content, encoding="utf-8")
    assert (done["accepted"], done["rejected"]) == (2, 1)
    [_, row] = rejected_rows(world, done)
    assert (row[0], row[2], row[3]) == ("3", "2", "Jo\\xe3o")
    assert "UTF-8" in row[1]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_quoted_newlines_delimiters_and_quotes_are_part_of_the_text(world: World, newline: str) -> None:
    text = f'"Rua A;{newline}nº 5 ""fundos"""'
    content = newline.join(["codigo;razao_social;logradouro", f"1;Loja;{text}", '2;Bar 5";x', "3;Mar;y"])
    done = csv(world, content.encode(), "empresa")
    assert (done["lines"], done["created"]) == (3, 3)
    found = data(world, "empresa")
    assert f'Rua A;{newline}nº 5 \\"fundos\\"'.replace("\r", "\\r").replace("\n", "\\n") in found["1"]
    assert 'Bar 5\\"' in found["2"]
    again = csv(world, (content + f"{newline}4;Sol").encode(), "empresa")
    assert [row[0] for row in rejected_rows(world, again)] == ["_linha", "6"]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(world: World, delimiter: str) -> None:
    lines = [["codigo", "nome", "ativo"], ["1", "Ana", "S"], ["2", "Rui", "não"]]
    done = csv(world, "\n".join(delimiter.join(line) for line in lines).encode())
    assert done["created"] == 2
    assert ['"ativo":true' in one for one in data(world, "vendedor").values()] == [True, False]


def test_the_header_decides_by_its_words_not_by_their_case_or_place(world: World) -> None:
    content = b"Nome ; CODIGO;Apelido;_interno;;atualizado_em;excluido\nAna;1;Aninha;x;;01/07/2026 10:00;\n"
    done = csv(world, content)
    assert (done["created"], done["warnings"]) == (1, 1), "one unknown column is one warning"
    [found] = data(world, "vendedor").values()
    assert (
        '"Apelido":"Aninha","atualizado_em":"2026-07-01T13:00:00.000000Z","codigo":"1","nome":"Ana"' in found
    )
    assert "_interno" not in found
    gone = csv(world, b"codigo;excluido\n1;S\n")
    assert (gone["deleted"], data(world, "vendedor")) == (1, {})


def test_a_corrected_file_of_rejected_lines_can_be_sent_again(world: World) -> None:
    done = csv(world, b"codigo;nome;ativo\n1;Ana;S\n2;;S\n3;Rui;talvez\n4;Eva\n")
    assert (done["accepted"], done["rejected_file"]["rows"]) == (1, 3)
    content = world.files.behind(done["rejected_file"]["url"])
    header, *rows = rejected_rows(world, done)
    assert header == ["_linha", "_erros", "codigo", "nome", "ativo"]
    assert [row[:1] + row[2:] for row in rows] == [
        ["3", "2", "", "S"],
        ["4", "3", "Rui", "talvez"],
        ["5", "4", "Eva"],
    ]
    again = csv(world, content.replace(b";;S", b";Bia;S").replace(b"talvez", b"N").replace(b";Eva", b";Eva;"))
    assert (again["created"], again["rejected"], again["warnings"]) == (3, 0, 0)


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"a;b\n1;2\n", "csv_header_missing", "codigo"),
        (b"1;Ana\n2;Rui\n", "csv_header_missing", "vendedor"),
        (b"nome;ativo\nAna;S\n", "csv_key_columns_missing", "codigo"),
        (b"codigo;nome;NOME\n1;2;3\n", "csv_column_twice", '"nome"'),
        (b"codigo;x;x\n1;2;3\n", "csv_column_twice", '"x"'),
        (b'codigo;nome\n1;Ana\n2;"Rui\n3;Eva\n', "csv_quote_open", "linha 3"),
        (b'codigo;nome\n1;Ana\n2;"Rui\n3;Eva";"x\n4;y\n', "csv_quote_open", "linha 4"),
        (b'codigo;"nome\n1;Ana\n', "csv_quote_open", "linha 1"),
        (b"codigo;nome\n1;Ana\n".decode().encode("utf-16"), "upload_utf16", "UTF-16"),
        (b"codigo;nome\n1;Ana\n".decode().encode("utf-16-le"), "upload_utf16", "UTF-16"),
        (b"codigo;nome\r1;Ana\r2;Rui\r", "csv_header_broken", "CR LF"),
        (b"codigo;" + b"x" * 1_100_000 + b"\n1;2\n", "csv_header_too_large", "500"),
        (b"PK\x03\x04\x14\0\6\0\x08\0\0\0!\0xl/workbook", "upload_not_text", "ZIP"),
        (b"\n \n\r\n", "upload_empty", "nenhuma linha"),
        (b"\xef\xbb\xbf", "upload_empty", "nenhuma linha"),
        (gzip.compress(b""), "upload_empty", "nenhuma linha"),
        (";".join(f"c{n}" for n in range(501)).encode(), "csv_header_too_large", "500"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(
    world: World, content: bytes, code: str, said: str
) -> None:
    found, message = refused(world, content)
    assert found == code
    assert said in message


@pytest.mark.parametrize("content", [b"\n\n", b"\xef\xbb\xbf\n", gzip.compress(b"")])
def test_a_file_of_blank_lines_is_empty(world: World, content: bytes) -> None:
    assert refused(world, content, format="ndjson")[0] == "upload_empty"


def test_a_csv_of_a_header_alone_has_no_lines(world: World) -> None:
    done = csv(world, b"codigo;nome\r\n")
    assert (done["status"], done["lines"], done["progress"], done["error"]) == ("done", 0, 1.0, None)


def test_gzip_is_told_by_its_bytes_and_may_have_several_members(world: World) -> None:
    members = [gzip.compress(ndjson([{"codigo": str(number), "nome": "x"}])) for number in range(3)]
    done = uploaded(world, "vendedor", b"".join(members) + b"\0" * 700, filename="plain.txt")
    assert done["created"] == 3


@pytest.mark.parametrize("share", [0.02, 0.5, 0.999])
def test_a_truncated_gzip_says_where_it_ends_and_imports_nothing(world: World, share: float) -> None:
    packed = gzip.compress(ndjson([{"codigo": f"{n}", "nome": f"{n * n}"} for n in range(20_000)]))
    code, message = refused(world, packed[: int(len(packed) * share)], format="ndjson")
    assert code == "upload_gzip_truncated"
    assert "Nada foi importado" in message


def test_a_damaged_gzip_says_so(world: World) -> None:
    packed = bytearray(gzip.compress(ndjson([{"codigo": f"{n}", "nome": f"{n * n}"} for n in range(2_000)])))
    packed[-5] ^= 255
    assert refused(world, bytes(packed), format="ndjson")[0] == "upload_gzip_broken"
    trailing = gzip.compress(b"{}\n") + b"garbage"
    assert refused(world, trailing, format="ndjson")[0] == "upload_gzip_broken"


def test_other_bytes_than_were_announced_are_refused(world: World) -> None:
    content = ndjson([{"codigo": "1", "nome": "Ana"}])
    for verifies in (True, False):
        world.files.verifies = verifies
        for other, code in (
            (content + b"\n", "upload_size_wrong"),
            (content.replace(b"Ana", b"Eva"), "upload_checksum_wrong"),
        ):
            upload = asked(world, "vendedor", content).body
            put(world, upload, other)
            assert deliver(world, event_of(world, upload["upload_id"]))
            found = stood(world, upload["upload_id"], "en")
            assert (found["status"], found["error"]["code"]) == ("failed", code)
            assert "Nothing was imported" in found["error"]["message"]
    assert uploaded(world, "vendedor", content)["created"] == 1, "we hash what the bucket has not verified"
    world.files.verifies = True


def test_a_file_beyond_what_may_be_read_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.services.uploads.checking.MAX_PLAIN_BYTES", 5_000_000)
    packed = gzip.compress(b" " * 5_000_001)
    assert refused(world, packed, format="ndjson")[0] == "upload_plain_too_large"
    monkeypatch.setattr("chalicelib.services.uploads.checking.MAX_LINES", 2)
    assert refused(world, b"{}\n{}\n{}\n", format="ndjson")[0] == "upload_too_many_lines"


def test_a_file_that_is_gone_when_its_turn_comes_is_told(world: World) -> None:
    upload = asked(world, "vendedor", b"{}\n").body
    assert deliver(world, event_of(world, upload["upload_id"]))
    assert stood(world, upload["upload_id"])["error"]["code"] == "upload_file_gone"
