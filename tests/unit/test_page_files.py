"""The page's own files: they keep to its policy, and speak the manual's language and English."""

import hashlib
import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from chalicelib.domain import (
    alert_settings,
    completeness,
    incidents,
    proofs,
    recipients,
    request_log,
    runs,
    snapshots,
    uploads,
    versions,
    view_source,
)
from chalicelib.i18n.texts import LANGUAGES
from infra import vendor
from infra.npm import PackageError
from tests.support.html import Links

WEB = Path(__file__).parents[2] / "chalicelib" / "web"
OWN = sorted(
    path.relative_to(WEB).as_posix()
    for path in WEB.rglob("*")
    if path.is_file() and "vendor" not in path.parts
)
MODULES = [name for name in OWN if name.endswith(".js")]
CATALOGUES = [name for name in MODULES if name.endswith("/texts.js")]
CODE = [name for name in MODULES if name not in CATALOGUES]
MANUAL = {
    "tab_general": "Informações Gerais",
    "tab_history": "Histórico",
    "integration_type": "Tipo de integração",
    "database_size": "Tamanho do banco de dados da integração",
    "erp_name": "ERP",
    "erp_version": "Versão do ERP",
    "deployment_status": "Situação da implantação",
    "active": "Ativo",
    "scheduled": "Agendado",
    "next_run": "Próxima integração agendada",
    "average_duration": "Duração média",
    "business_rule": "Regra de negócio da integração",
    "schedule": "Agendamento",
    "max_hours": "Tempo máximo sem sucesso na integração",
    "save": "Salvar",
    "run_date": "Data",
    "run_status": "Status",
    "run_log": "Log",
    "logs": "Logs",
    "download": "Download",
    "table": "Tabela",
    "description": "Descrição",
    "status_success": "Sucesso",
    "status_error": "Erro",
    "deployment_completed": "Concluída",
    "not_scheduled": "Não agendada",
}
OUTCOMES = (
    *(*versions.WHATS, "applied"),
    *("unchanged", "replayed", "accepted", "unknown", "no_response", "in_progress"),
)
CHOICES = {
    "alert": incidents.KINDS,
    "brief": ("ok", "warning", "overdue", "not_armed", "running"),
    "count": ("received", "created", "updated", "unchanged", "deleted", "rejected"),
    "deployment": ("pending", "in_progress", "completed"),
    "event": incidents.EVENTS,
    "export": ("queued", "running", "done", "error"),
    "from": ("warning", "error"),
    "kind": ("empresa", "contato"),
    "last": ("partial", "error", "cancelled"),
    "level": ("warning", "error"),
    "only": ("open", "resolved"),
    "owner": incidents.OWNERS,
    "queue": ("runs", "exports", "onboarding", "schedule"),
    "recipient": recipients.STATES,
    "situation": request_log.SITUATIONS,
    "stage": runs.STAGES,
    "state": ("fresh", "ending", "stale", "running", "never", "unproven", "inactive", "unscheduled"),
    "status": ("running", "success", "partial", "error", "cancelled", *incidents.STATUSES),
    "tab": ("general", "history", "onboarding", "abc", "alerts"),
    "trigger": ("schedule", "manual"),
    "type": ("api", "view"),
    "request_type": ("api", "view", "upload", "snapshot"),
    "engine": view_source.ENGINES,
    "tls": view_source.TLS,
    "report": ("error", "warning"),
    "way": ("up", "down"),
    "change": ("better", "worse", "changed"),
    "declared": ("erp", "view"),
    "do": tuple(one for one in completeness.STATUSES if one != "equal"),
    "finding": proofs.KINDS,
    "outcome": OUTCOMES,
    "proof": ("queued", "running", "error"),
    "sent": uploads.STATUSES,
    "side": ("erp", "intermediate", "crm"),
    "snapshot": snapshots.STATUSES,
    "todo": tuple(one for one in completeness.STATUSES if one != "equal"),
    "took": uploads.OUTCOMES,
    "total": ("missing", "extra", "rejected", "pending", "undeclared"),
    "trace": ("pending", "applied", "rejected", "deleted", "missing"),
    "upload": ("reading", "sending"),
    "verdict": completeness.VERDICTS,
}
HINTED = [
    name for name in alert_settings.AlertSettings.model_fields if name not in ("language", "reminder_hours")
]


def source(name: str) -> str:
    return (WEB / name).read_text(encoding="utf-8")


def catalogue(name: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(source(name).removeprefix("export default").rstrip(" ;\n"))
    return found


def texts() -> dict[str, dict[str, str]]:
    return {key: text for name in CATALOGUES for key, text in catalogue(name).items()}


def imported(name: str, pattern: str = r'from "(\.[^"]+)"') -> set[str]:
    """Resolve what a module imports, as a browser does."""
    folder = Path(name).parent
    return {Path(os.path.normpath(folder / one)).as_posix() for one in re.findall(pattern, source(name))}


def closure(*names: str) -> set[str]:
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += imported(name)
    return found


def test_nothing_in_the_page_is_inline() -> None:
    assert Links(source("index.html")).inline == []
    assert Links('<p onclick="x()" style="y"><script>z</script>').inline == ["p onclick", "p style", "z"]


@pytest.mark.parametrize("name", OWN)
def test_no_file_names_another_origin(name: str) -> None:
    text = source(name).replace("http://www.w3.org/2000/svg", "")
    text = text.replace("motor://", "").replace("engine://", "")  # how a database's address looks
    assert re.findall(r"\w+://|['\"(]//|@import|url\(", text) == []


@pytest.mark.parametrize("name", CODE)
def test_modules_never_make_markup_or_code_of_text(name: str) -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|\bFunction\(|srcdoc"
    assert re.findall(forbidden, source(name)) == []


@pytest.mark.parametrize("name", OWN)
def test_files_stay_short_enough_to_be_read(name: str) -> None:
    assert len(source(name).splitlines()) <= (400 if name.endswith((".css", "texts.js")) else 200)


def test_what_the_first_load_needs_is_fetched_at_once_and_everything_is_used() -> None:
    linked = {link.removeprefix("{assets}/") for link in Links(source("index.html")).loaded}
    assert {name for name in linked if name.endswith(".js")} == closure("main.js")
    rooms = {room for name in MODULES for room in imported(name, r'import\("(\.[^"]+)"\)')}
    files = {path.relative_to(WEB).as_posix() for path in WEB.rglob("*.js")}
    assert closure("main.js", *rooms) == files
    assert {name for name in linked if name.endswith(".css")} == {
        path.relative_to(WEB).as_posix() for path in WEB.rglob("*.css")
    }


def test_the_token_leaves_the_address_and_stays_in_the_tab() -> None:
    kept = re.findall(r'keep\("(\w+)", TOKEN', source("shell/session.js"))
    assert kept == ["sessionStorage", "sessionStorage"]
    assert "history.replaceState" in source("shell/session.js")
    assert source("main.js").index("takeAddress()") < source("main.js").index("render(html")


@pytest.mark.parametrize(("key", "label"), MANUAL.items())
def test_the_page_speaks_the_manual_s_language(key: str, label: str) -> None:
    assert texts()[key]["pt-BR"] == label


def test_every_text_is_in_both_languages_with_the_same_values() -> None:
    keys = Counter(key for name in CATALOGUES for key in catalogue(name))
    assert [key for key, times in keys.items() if times > 1] == []
    for key, languages in texts().items():
        assert tuple(languages) == LANGUAGES, key
        assert all(text.strip() for text in languages.values()), key
        assert len({frozenset(re.findall(r"{\w+}", text)) for text in languages.values()}) == 1, key


def test_every_text_that_the_page_asks_for_is_there_and_none_is_left_over() -> None:
    code = "".join(source(name) for name in CODE)
    families = set(re.findall(r"\bt\(`(\w+)_\$\{", code))
    assert families == CHOICES.keys()
    chosen = {f"{family}_{choice}" for family, choices in CHOICES.items() for choice in choices}
    chosen |= {f"{name}_hint" for name in HINTED}
    asked = set(re.findall(r'\bt\("(\w+)"', code)) | chosen
    assert asked - texts().keys() == set()
    named = set(re.findall(r'"(\w+)"', code)) | set(re.findall(r"^\s+(\w+): \w", code, re.M))
    assert texts().keys() - asked - named == set()


def test_every_field_of_the_manual_is_shown_in_its_order() -> None:
    shown = re.findall(r'^ +\["(\w+)", ', source("general/fields.js"), re.M)
    assert shown == list(MANUAL)[2 : 2 + len(shown)]
    assert shown[-1] == "max_hours"


def test_every_picture_in_the_readme_is_one_that_the_tests_take() -> None:
    root = WEB.parents[1]
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (root / "README.md").read_text())
    kept = {path.relative_to(root).as_posix() for path in (root / "tests" / "browser" / "pictures").iterdir()}
    assert set(shown) == kept
    assert shown


def test_the_libraries_are_the_ones_that_were_reviewed() -> None:
    listing = json.loads((vendor.FOLDER / vendor.LISTING).read_text())
    assert [(one["name"], one["version"], one["npm_sha512"]) for one in listing] == [
        (one.name, one.version, one.integrity) for one in vendor.LIBRARIES
    ]
    known = {name: digest for one in listing for name, digest in one["sha256"].items()}
    kept = {path.name: path.read_bytes() for path in vendor.FOLDER.iterdir() if path.name != vendor.LISTING}
    assert {name: hashlib.sha256(content).hexdigest() for name, content in kept.items()} == known
    assert all(f"{one.name}.LICENSE" in kept for one in vendor.LIBRARIES)


def test_the_libraries_can_be_fetched_again_byte_by_byte(tmp_path: Path) -> None:
    try:
        vendor.write(tmp_path)
    except PackageError as error:
        pytest.skip(str(error))
    kept = {path.name: path.read_bytes() for path in vendor.FOLDER.iterdir()}
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == kept
