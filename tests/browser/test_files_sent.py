"""Files of history: sent from the browser, imported, and their rejected lines sent again."""

import gzip
from pathlib import Path

from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import Visit
from tests.support.browsing import Visitor
from tests.support.shop import Integration, Shop

LINES = "codigo;nome;ativo\n10;Zélia;S\n11;;S\n12;Ana;N\n"


def opened(visit: Visit, one: Integration) -> Visitor:
    """Open the form."""
    seen = visit(one, tab="onboarding")
    seen.page.get_by_text("Enviar um arquivo").click()
    return seen


def send(seen: Visitor, name: str, content: bytes, table: str = "Vendedor") -> None:
    """Choose a file and send it."""
    form = seen.page.locator("form.drop")
    form.get_by_label("Tabela").select_option(table)
    file = FilePayload(name=name, mimeType="application/octet-stream", buffer=content)
    form.get_by_label("Arquivo").set_input_files(file)
    seen.button("Enviar", form).click()


def state(seen: Visitor, wanted: str) -> None:
    """Wait until the file is in a state."""
    expect(seen.page.locator("[data-field=upload_state]")).to_contain_text(wanted, timeout=90_000)


def test_a_csv_is_sent_imported_and_its_rejected_lines_come_back_as_a_file(
    visit: Visit, shop: Shop, tmp_path: Path
) -> None:
    one = shop.integration("Arquivos")
    seen = opened(visit, one)
    send(seen, "vendedores.csv", LINES.encode("cp1252"))
    state(seen, "Importado")
    assert seen.field("upload_accepted") == "2 · criados: 2"
    assert [seen.field(name) for name in ("upload_lines", "cell_rejected")] == ["3", "1"]
    expect(seen.card("O que falta")).to_contain_text("Vendedor")
    with seen.page.expect_download() as found:
        seen.button("Baixar as linhas recusadas (1)").click()
    rejected = Path(found.value.path()).read_bytes()
    assert "11;;S" in rejected.decode("utf-8-sig")
    send(seen, "corrigido.csv", rejected.replace(b"11;;S", b"11;Bia;S"))
    expect(seen.page.get_by_role("heading", name="corrigido.csv")).to_be_visible()
    state(seen, "Importado")
    assert seen.field("upload_accepted") == "1 · criados: 1"
    seen.page.get_by_text("Mostrar os arquivos enviados").click()
    rows = seen.settled().rows(seen.card("Envio de arquivo"))
    assert [one[1:] for one in rows] == [
        ["Vendedor", "corrigido.csv", "Importado", "1", "0"],
        ["Vendedor", "vendedores.csv", "Importado", "2", "1"],
    ]
    named = seen.named()["upload"]
    viewer = visit(one, "viewer", upload=named)
    expect(viewer.page.get_by_role("heading", name="corrigido.csv")).to_be_visible()
    assert viewer.page.locator("form.drop").count() == 0


def test_what_cannot_be_imported_says_what_to_do(visit: Visit, shop: Shop) -> None:
    seen = opened(visit, shop.integration("Truncado"))
    send(seen, "vendedores.ndjson.gz", gzip.compress(b'{"codigo": "1", "nome": "Ana"}\n' * 500)[:-20])
    state(seen, "Não importado")
    expect(seen.card("Envio de arquivo").get_by_role("alert")).to_contain_text("Nada foi importado")


def test_a_file_is_dropped_and_its_format_asked_for_only_if_its_name_does_not_say(
    visit: Visit, shop: Shop
) -> None:
    seen = opened(visit, shop.integration("Solto"))
    form = seen.page.locator("form.drop")
    drop = """([form, name, text]) => {
        const data = new DataTransfer();
        data.items.add(new File([text], name));
        form.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    }"""
    send_button = seen.button("Enviar", form)
    form.get_by_label("Tabela").select_option("Vendedor")
    seen.page.evaluate(drop, [form.element_handle(), "vazio.csv", ""])
    expect(form).to_contain_text("O arquivo está vazio.")
    seen.page.evaluate(drop, [form.element_handle(), "vendedores.dat", '{"codigo": "1", "nome": "Ana"}\n'])
    expect(form.get_by_label("Formato")).to_be_visible()
    expect(send_button).to_be_disabled()
    form.get_by_label("Formato").select_option("NDJSON")
    send_button.click()
    state(seen, "Importado")
    assert seen.field("upload_accepted") == "1 · criados: 1"


def test_sending_goes_on_while_another_tab_is_looked_at(visit: Visit, shop: Shop) -> None:
    one = shop.integration("Grande")
    seen = opened(visit, one)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_000_000}
    network = seen.page.context.new_cdp_session(seen.page)
    network.send("Network.emulateNetworkConditions", slow)
    line = b'{"codigo": "1", "nome": "' + b"x" * 900 + b'"}\n'
    send(seen, "grande.ndjson", line * 8_000)
    sending = seen.page.get_by_role("progressbar", name="Enviando grande.ndjson")
    expect(sending).to_be_visible()
    seen.page.get_by_role("tab", name="Histórico").click()
    expect(sending).to_have_count(0)
    seen.page.get_by_role("tab", name="Implantação").click()
    expect(sending).to_be_visible()
    state(seen, "Importado")
    assert seen.field("upload_lines") == "8.000"


def test_sending_can_be_stopped(visit: Visit, shop: Shop) -> None:
    one = shop.integration("Parado")
    seen = opened(visit, one)
    send(seen, "longo.ndjson", b"\n" * 40_000_000)
    seen.button("Parar o envio").click()
    expect(seen.button("Parar o envio")).to_have_count(0)
    seen.page.wait_for_timeout(2_000)
    assert {found["status"] for found in one.get("/uploads")["items"]} <= {"waiting"}
    assert "upload" not in seen.named()
