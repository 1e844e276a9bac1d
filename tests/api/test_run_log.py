"""The run log tells each stage's story in both languages, and nothing personal."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.slices import break_stage, deliver, deliver_dead_letter
from tests.support.world import World

NIGHT = datetime(2026, 11, 24, 3, tzinfo=UTC)
BOTH = ("pt-BR", "en")
Line = dict[str, Any]


def nota(number: int, client: str, total: str, **fields: Any) -> dict[str, Any]:
    return {"numero": str(number), "serie": "1", "empresa_codigo": client, "emitida_em": "2026-10-01",
            "situacao": "autorizada", "valor_total": total, **fields}  # fmt: skip


def lines(world: World, run_id: str, language: str = "pt-BR") -> list[Line]:
    headers = {"Accept-Language": language}
    answer = world.as_user("viewer", "GET", f"/runs/{run_id}/log?limit=200", headers=headers)
    assert answer.status == 200, answer.body
    found: list[Line] = answer.body["items"]
    return found


@pytest.fixture
def told(world: World) -> str:
    """A run with something to tell about each stage; its predecessor gave the classes."""
    world.clock.frozen = NIGHT
    world.push("empresa", [{"codigo": str(code), "razao_social": f"Loja {code}"} for code in (1, 2)])
    world.push("nota", [nota(1, "1", "900"), nota(2, "2", "4000")])
    world.clock.advance(seconds=1)
    world.run()
    world.push("vendedor", [{"codigo": "1", "nome": "Ana"}, {"codigo": "2"}])
    world.push("nota", [nota(3, "1", "5000", vendedor_codigo="9"), {**nota(2, "2", "0"), "excluido": True}])
    world.clock.advance(seconds=1)
    run_id: str = world.run()["run_id"]
    return run_id


# "!" marks warnings, "+" continues the line above
STORY = {
    "pt-BR": """
extract: Etapa iniciada.
extract: Integração do tipo API: o ERP já enviou os dados; nada a extrair.
load: Etapa iniciada.
load! vendedor "2" rejeitado: nome: Campo obrigatório ausente ou vazio; preencha-o.
load! vendedor: 1 alterações aplicadas (0 exclusões), 1 registros rejeitados, 0 referências sem registro.
load! nota "3|1" refere-se a vendedor "9", que ainda não chegou.
load! nota: 2 alterações aplicadas (1 exclusões), 0 registros rejeitados, 1 referências sem registro.
analyse: Etapa iniciada.
analyse: 2 clientes com compras recalculadas.
analyse: Curva ABC: faturamento de R$ 5.900,00; classe A com 1 clientes, B com 0, C com 0,
+ sem compra 1.
update: Etapa iniciada.
update: 2 clientes receberam nova classe.
update: 1 clientes passaram de A para -.
update: 1 clientes passaram de B para A.
categorise: Etapa iniciada.
categorise: 2 clientes com categoria e carteira; 2 mudaram.
finish: Etapa iniciada.
finish! Sincronização concluída em parte: 3 alterações aplicadas, 1 registros rejeitados.
""",
    "en": """
extract: Stage started.
extract: Integration of type API: the ERP has already pushed its data; nothing to extract.
load: Stage started.
load! vendedor "2" rejected: nome: Required field is missing or empty; fill it in.
load! vendedor: 1 changes applied (0 deletions), 1 records rejected, 0 references without a record.
load! nota "3|1" refers to vendedor "9", which has not arrived yet.
load! nota: 2 changes applied (1 deletions), 0 records rejected, 1 references without a record.
analyse: Stage started.
analyse: 2 customers with purchases recomputed.
analyse: ABC curve: revenue of R$ 5,900.00; class A with 1 customers, B with 0, C with 0,
+ without purchases 1.
update: Stage started.
update: 2 customers got a new class.
update: 1 customers moved from A to -.
update: 1 customers moved from B to A.
categorise: Stage started.
categorise: 2 customers with category and portfolio; 2 changed.
finish: Stage started.
finish! Sync finished in part: 3 changes applied, 1 records rejected.
""",
}


@pytest.mark.parametrize("language", BOTH)
def test_the_log_tells_each_stage_s_story(world: World, told: str, language: str) -> None:
    found = lines(world, told, language)
    marks = {"info": ":", "warning": "!"}
    story = [f"{line['stage']}{marks[line['level']]} {line['message']}" for line in found]
    assert story == STORY[language].replace("\n+", "").strip().splitlines()
    assert [line["number"] for line in found] == list(range(1, len(found) + 1))
    assert {line["at"] for line in found} == {"2026-11-24T03:00:02.000000Z"}


def test_a_run_without_changes_says_so(world: World) -> None:
    run_id = world.run()["run_id"]
    messages = [line["message"] for line in lines(world, run_id)]
    assert "Nenhuma alteração pendente: o CRM já tinha tudo." in messages
    assert messages[-1] == "Sincronização concluída com sucesso: 0 alterações aplicadas."
    assert {line["level"] for line in lines(world, run_id)} == {"info"}


def test_details_name_the_request_field_and_code(world: World) -> None:
    delivered = world.push("vendedor", [{"codigo": "2"}]).body["request_id"]
    run_id = world.run()["run_id"]

    [rejected] = [line for line in lines(world, run_id, "en") if line["code"] == "load_rejected"]

    assert rejected["details"] == {
        "key": "2",
        "request_id": delivered,
        "issues": [
            {"field": "nome", "code": "missing", "message": "Required field is missing or empty; fill it in."}
        ],
    }


def test_many_of_a_kind_are_counted_and_not_listed(world: World) -> None:
    world.push("contato", [{"codigo": str(code), "nome": "Bia", "empresa_codigo": "9"} for code in range(60)])
    world.push("vendedor", [{"codigo": str(code)} for code in range(60)])

    found = lines(world, world.run()["run_id"])

    codes = [line["code"] for line in found]
    assert (codes.count("load_orphan"), codes.count("load_rejected")) == (20, 20)
    assert "60 referências sem registro" in next(
        line["message"] for line in found if line["message"].startswith("contato:")
    )


# ── endings ──
def test_a_cancelled_run_s_log_ends_with_a_word_about_the_rest(world: World) -> None:
    run_id = world.start_run()
    world.as_user("admin", "POST", f"/runs/{run_id}/cancel")
    world.work_off()

    [last] = [(line["level"], line["message"]) for line in lines(world, run_id)]

    assert last == ("warning", "Sincronização cancelada; o que faltou será aplicado na próxima.")


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("pt-BR", "A etapa Análise falhou repetidas vezes: RuntimeError: no. Os dados estão guardados;"),
        ("en", "Stage Analyse failed repeatedly: RuntimeError: no. The data is safe;"),
    ],
)
def test_a_failed_run_s_log_ends_with_the_cause(
    world: World, monkeypatch: pytest.MonkeyPatch, language: str, told: str
) -> None:
    break_stage(monkeypatch, "analyse", RuntimeError("no"))
    run_id = world.start_run()
    message = world.queue.messages.popleft()
    deliver(world, message)
    deliver_dead_letter(world, message)

    last = lines(world, run_id, language)[-1]

    assert (last["stage"], last["level"]) == ("analyse", "error")
    assert last["message"].startswith(told)


# ── personal data ──
NAME, CPF, MAIL, PHONE = "Beatriz Nogueira", "529.982.247-25", "bia@example.com", "+55 11 98765-4321"
BORN, NO_DAY, STREET, COMPANY, CNPJ = (
    "1850-02-03",
    "2031-02-30",
    "Rua das Acácias",
    "Nogueira ME",
    "04.252.011/1",
)
PERSONAL = (NAME, CPF, MAIL, PHONE, BORN, NO_DAY, STREET, COMPANY, CNPJ)
PEOPLE = [
    {"codigo": "K1", "nome": NAME, "cpf": CPF, "email": MAIL, "celular": PHONE, "empresa_codigo": "K9"},
    {"codigo": "K2", "nome": NAME, "data_nascimento": BORN},
    {"codigo": "K3", "nome": NAME, "data_nascimento": NO_DAY, "atualizado_em": f"{BORN}T10:00Z"},
    {"codigo": "K4", "nome": [NAME], "cpf": {"numero": CPF}, "email": f"{MAIL}\x00"},
    {"codigo": "K5", "nome": NAME, "ativo": PHONE},
    {"nome": NAME},
]
COMPANIES = [
    {"codigo": "K6", "razao_social": COMPANY, "cnpj": CNPJ, "logradouro": STREET, "limite_credito": NAME},
    {"codigo": "K7", "razao_social": COMPANY, "data_cadastro": NAME},
]


def test_the_log_holds_no_personal_data_beyond_keys(world: World) -> None:
    world.push("contato", PEOPLE)
    world.push("empresa", COMPANIES)
    run_id = world.run()["run_id"]

    for language in BOTH:
        shown = str(lines(world, run_id, language))
        assert [value for value in PERSONAL if value in shown] == []
        assert all(key in shown for key in ("K1", "K2", "K3", "K4", "K5", "K6", "K7", "K9"))
