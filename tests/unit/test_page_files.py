"""The page's own files: they keep to its policy, and speak the manual's language and English."""

import json
import re
from pathlib import Path

import pytest

from chalicelib.domain import runs
from chalicelib.i18n.texts import LANGUAGES
from tests.support.html import Links

WEB = Path(__file__).parents[2] / "chalicelib" / "web"
FILES = sorted(path.name for path in WEB.iterdir())
MODULES = [name for name in FILES if name.endswith(".js")]
MANUAL = {
    "general": "Informações Gerais",
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
    "run_date": "Data",
    "run_status": "Status",
    "status_success": "Sucesso",
    "status_error": "Erro",
    "deployment_completed": "Concluída",
    "not_scheduled": "Não agendada",
}
CHOICES = {
    "type": ("api", "view"),
    "deployment": ("pending", "in_progress", "completed"),
    "stage": runs.STAGES,
    "status": ("running", "success", "partial", "error", "cancelled"),
    "trigger": ("schedule", "manual"),
    "last": ("partial", "error", "cancelled"),
    "state": ("fresh", "ending", "stale", "running", "never", "unproven", "inactive", "unscheduled"),
}


def source(name: str) -> str:
    return (WEB / name).read_text(encoding="utf-8")


def texts() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(
        source("texts.js").removeprefix("export default").rstrip(" ;\n")
    )
    return found


def test_nothing_in_the_page_is_inline() -> None:
    assert Links(source("index.html")).inline == []
    assert Links('<p onclick="x()" style="y"><script>z</script>').inline == ["p onclick", "p style", "z"]


@pytest.mark.parametrize("name", FILES)
def test_no_file_names_another_origin(name: str) -> None:
    text = source(name).replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"\w+://|['\"(]//|@import|url\(", text) == []


@pytest.mark.parametrize("name", MODULES)
def test_modules_never_make_markup_or_code_of_text(name: str) -> None:
    text = source(name)
    forbidden = r"\.(inner|outer)HTML\s*=[^=]|insertAdjacentHTML|document\.write|\beval\(|\bFunction\("
    assert re.findall(forbidden, text) == []


def test_modules_import_files_that_exist_and_are_fetched_at_once() -> None:
    linked = {Path(link).name for link in Links(source("index.html")).loaded}
    imported = {found for name in MODULES for found in re.findall(r'from "\./([\w.]+)"', source(name))}
    assert imported == set(MODULES) - {"main.js"}
    assert set(MODULES) < linked


def test_the_token_leaves_the_address_and_stays_in_the_tab() -> None:
    kept = re.findall(r'keep\("(\w+)", TOKEN', source("session.js"))
    assert kept == ["sessionStorage", "sessionStorage"]
    assert "history.replaceState" in source("session.js")
    begun = re.findall(r"^(session\.takeAddress|open)\(", source("main.js"), re.M)
    assert begun == ["session.takeAddress", "open"]


@pytest.mark.parametrize(("key", "label"), MANUAL.items())
def test_the_page_speaks_the_manual_s_language(key: str, label: str) -> None:
    assert texts()[key]["pt-BR"] == label


def test_every_text_is_in_both_languages_with_the_same_values() -> None:
    for key, languages in texts().items():
        assert tuple(languages) == LANGUAGES, key
        assert all(text.strip() for text in languages.values()), key
        assert len({frozenset(re.findall(r"{\w+}", text)) for text in languages.values()}) == 1, key


def test_every_text_that_the_page_asks_for_is_there_and_none_is_left_over() -> None:
    code = "".join(source(name) for name in MODULES if name != "texts.js")
    asked = set(re.findall(r'\bt\("(\w+)"', code)) | set(re.findall(r'^ +\["(\w+)", ', code, re.M))
    asked |= {found for pair in re.findall(r't\(\w+ \? "(\w+)" : "(\w+)"', code) for found in pair}
    families = set(re.findall(r"\bt\(`(\w+)_\$", code))
    assert families == CHOICES.keys()
    asked |= {f"{family}_{choice}" for family, choices in CHOICES.items() for choice in choices}
    assert asked == texts().keys()


def test_every_field_of_the_manual_is_shown() -> None:
    shown = re.findall(r'^ +\["(\w+)", ', source("sections.js"), re.M)
    expected = [key for key in MANUAL if key not in ("general", "not_scheduled")]
    assert shown == [key for key in expected if not key.startswith(("run_", "status_", "deployment_c"))]
