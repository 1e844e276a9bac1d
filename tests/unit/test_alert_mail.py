"""Messages as a person reads them: what, since when, whose it is, what to do, in one look."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.incidents import Event, Incident, Kind, Notice, Owner
from chalicelib.domain.values import instant_text
from chalicelib.i18n.texts import text
from chalicelib.services.alert_mail import AlertWriter, subject_line

WRITE = AlertWriter(text, "https://crm.test/app/", timedelta(hours=1))
FACTS: dict[Kind, dict[str, Any]] = {
    "stale": {"deadline_at": "2026-07-02T03:04:00.000000Z", "max_hours": 24},
    "run_failed": {
        "code": "run_stage_failed",
        "params": {"stage": "load", "cause": "TimeoutError", "table": "nota"},
        "count": 2,
    },
    "erp_silent": {"tables": ["nota", "pedido"], "anything_came": True, "refused": 0},
    "dead_letters": {"queue": "schedule", "last_at": "2026-07-01T03:04:00.000000Z"},
}
OWNERS: dict[Kind, tuple[Owner, ...]] = {
    "stale": ("us", "data", "erp"),
    "run_failed": ("us", "erp"),
    "erp_silent": ("erp", "network"),
    "dead_letters": ("us",),
}


def notice(kind: Kind, event: Event = "opened", owner: Owner | None = None, **background: Any) -> Notice:
    over = event in ("recovered", "closed")
    incident = Incident(
        incident_id="20260702T030400Z-ab12cd34",
        tenant_id="tenant-a",
        integration_id="abcdefghijkl",
        cause=kind,
        kind=kind,
        since="2026-07-01T03:04:00.000000Z",
        opened_at="2026-07-02T03:04:00.000000Z",
        owner=owner or OWNERS[kind][0],
        facts=FACTS[kind],
        told=2 if event == "reminder" else 1,
        closed_at="2026-07-03T05:09:00.000000Z" if over else None,
        recovered=event == "recovered" if over else None,
        missed_runs=2 if over else None,
    )
    about = {
        "name": "Distribuidora São João",
        "language": "pt-BR",
        "timezone": "America/Sao_Paulo",
        "max_hours": 24,
        "reminder_hours": 24,
        "active": True,
        "scheduled": True,
        "last_success_at": "2026-07-01T03:04:00.000000Z",
        "last_error": {
            "at": "2026-07-02T03:01:00.000000Z",
            "code": "run_stage_failed",
            "params": FACTS["run_failed"]["params"],
        },
        "next_run_at": "2026-07-03T03:00:00.000000Z",
    }
    return Notice(event, incident.told, "2026-07-02T03:04:10.000000Z", incident, {**about, **background})


def test_no_success_in_time_in_portuguese() -> None:
    mail = WRITE(notice("stale"))
    assert mail.subject == "[ALERTA] Distribuidora Sao Joao: sem sucesso ha 24 h (limite 24 h)"
    assert mail.body == (
        'A integração "Distribuidora São João" está há 24 h sem uma sincronização com sucesso; o tempo '
        "máximo configurado é de 24 h.\n"
        "\n"
        "Integração: Distribuidora São João (abcdefghijkl)\n"
        "Desde: 01/07/2026 00:04 (America/Sao_Paulo)\n"
        "Último sucesso: 01/07/2026 00:04 (America/Sao_Paulo)\n"
        "Último erro: 02/07/2026 00:01 (America/Sao_Paulo) [tabela nota]: A etapa Carga falhou repetidas "
        "vezes: TimeoutError. Os dados estão guardados; inicie a sincronização de novo e, se repetir, avise "
        "o suporte.\n"
        "Provável responsável: nós, a equipe da integração\n"
        "Próxima sincronização: 03/07/2026 00:00 (America/Sao_Paulo)\n"
        "\n"
        "O que fazer: abra a página, veja a última execução e o seu log e inicie a sincronização; se ela não "
        "terminar com sucesso, avise o suporte com o número do incidente.\n"
        "\n"
        "Página: https://crm.test/app/#integration=abcdefghijkl&alert=20260702T030400Z-ab12cd34\n"
        "\n"
        "Incidente 20260702T030400Z-ab12cd34, mensagem 20260702T030400Z-ab12cd34-0001.\n"
        "Lembramos a cada 24 h até que se resolva; na página é possível confirmar o recebimento ou adiar os "
        "lembretes.\n"
    )


def test_recovery_in_english() -> None:
    mail = WRITE(notice("stale", "recovered", language="en"))
    assert mail.subject == "[RESOLVED] Distribuidora Sao Joao: fresh again after 2 d 2 h"
    assert mail.body == (
        'The integration "Distribuidora São João" has synced successfully and is fresh again, after 2 d 2 h '
        "without success.\n"
        "\n"
        "Integration: Distribuidora São João (abcdefghijkl)\n"
        "Since: 2026-07-01 00:04 (America/Sao_Paulo)\n"
        "Until: 2026-07-03 02:09 (America/Sao_Paulo)\n"
        "Duration: 2 d 2 h\n"
        "Scheduled syncs without success: 2\n"
        "Last success: 2026-07-01 00:04 (America/Sao_Paulo)\n"
        "Last error: 2026-07-02 00:01 (America/Sao_Paulo) [table nota]: Stage Load failed repeatedly: "
        "TimeoutError. The data is safe; start the sync again and, if it repeats, tell support.\n"
        "Next sync: 2026-07-03 00:00 (America/Sao_Paulo)\n"
        "\n"
        "Page: https://crm.test/app/#integration=abcdefghijkl&alert=20260702T030400Z-ab12cd34\n"
        "\n"
        "Incident 20260702T030400Z-ab12cd34, message 20260702T030400Z-ab12cd34-0001.\n"
    )


@pytest.mark.parametrize(
    ("kind", "event", "subject"),
    [
        ("run_failed", "opened", "[ALERT] Distribuidora Sao Joao: the sync ended in error (Load)"),
        ("erp_silent", "worsened", "[ALERT] Distribuidora Sao Joao: the ERP has not sent nota, pedido"),
        (
            "dead_letters",
            "reminder",
            "[REMINDER] Distribuidora Sao Joao: a message could not be processed (schedule)",
        ),
        ("stale", "closed", "[CLOSED] Distribuidora Sao Joao: alert closed by a change of settings"),
    ],
)
def test_the_subject_says_it_all(kind: Kind, event: Event, subject: str) -> None:
    assert WRITE(notice(kind, event, language="en")).subject == subject


@pytest.mark.parametrize("language", ["pt-BR", "en"])
@pytest.mark.parametrize("event", get_args(Event))
@pytest.mark.parametrize(("kind", "owner"), [(kind, owner) for kind in OWNERS for owner in OWNERS[kind]])
def test_every_message_is_whole(kind: Kind, owner: Owner, event: Event, language: str) -> None:
    mail = WRITE(notice(kind, event, owner, language=language))
    assert "alert_" not in mail.subject + mail.body, "a text is missing"
    assert "{" not in mail.body
    assert "None" not in mail.body
    assert ("São" in mail.body, "Sao" in mail.subject) == (True, True)
    lines = mail.body.splitlines()
    assert lines[0].endswith((".", "pedido."))
    assert all(line.partition(": ")[2] for line in lines if line and ": " in line)
    assert ("O que fazer" in mail.body or "What to do" in mail.body) == (event not in ("recovered", "closed"))


def test_what_never_happened_is_said_so() -> None:
    mail = WRITE(notice("stale", last_success_at=None, last_error=None, next_run_at=None))
    for line in (
        "Último sucesso: nunca",
        "Último erro: nenhum registrado",
        "Próxima sincronização: não agendada",
    ):
        assert line in mail.body


def test_the_reminders_are_numbered() -> None:
    assert "Lembrete 1: o problema continua." in WRITE(notice("stale", "reminder")).body


def test_times_are_those_of_the_integration_s_own_clocks() -> None:
    """In New York, 8 March 2026, 3:30 comes an hour after 1:30."""
    before, after = (
        WRITE(notice("stale", language="en", timezone="America/New_York", last_success_at=at)).body
        for at in ("2026-03-08T06:30:00.000000Z", "2026-03-08T07:30:00.000000Z")
    )
    assert "Last success: 2026-03-08 01:30 (America/New_York)" in before
    assert "Last success: 2026-03-08 03:30 (America/New_York)" in after


@pytest.mark.parametrize(
    ("lasted", "said"),
    [
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=25, minutes=5), "25 h 5 min"),
        (timedelta(hours=48), "2 d"),
        (timedelta(days=30, hours=3, minutes=59), "30 d 3 h"),
    ],
)
def test_durations_are_short(lasted: timedelta, said: str) -> None:
    one = notice("stale", "recovered")
    closed = datetime.fromisoformat(one.incident.since) + lasted
    over = replace(one.incident, closed_at=instant_text(closed))
    assert f"Duração: {said}\n" in WRITE(replace(one, incident=over)).body


def test_programs_can_read_it_too() -> None:
    mail = WRITE(notice("erp_silent", owner="network"))
    assert mail.attributes == {
        "message_id": "20260702T030400Z-ab12cd34-0001",
        "alert_id": "20260702T030400Z-ab12cd34",
        "kind": "erp_silent",
        "event": "opened",
        "owner": "network",
        "tenant_id": "tenant-a",
        "integration_id": "abcdefghijkl",
        "since": "2026-07-01T03:04:00.000000Z",
        "at": "2026-07-02T03:04:10.000000Z",
    }


def test_the_same_notice_gives_the_same_message() -> None:
    assert WRITE(notice("stale")) == WRITE(notice("stale"))


@given(st.text(min_size=1, max_size=300))
def test_a_subject_is_one_line_of_ascii_under_100_characters_whatever_the_name(name: str) -> None:
    mail = WRITE(notice("stale", name=name))
    assert mail.subject.isascii()
    assert mail.subject.isprintable()
    assert 0 < len(mail.subject) < 100
    assert mail.subject.startswith("[ALERTA] ")
    assert "sem sucesso ha 24 h (limite 24 h)" in mail.subject, "the name gives way, not the news"


@given(st.text(max_size=300))
def test_any_text_becomes_a_subject_that_sns_takes(raw: str) -> None:
    line = subject_line(f"[ALERTA] {raw}")
    assert line.isascii()
    assert line.isprintable()
    assert len(line) < 100
    assert "  " not in line


def test_a_name_of_several_lines_adds_no_line_to_the_body() -> None:
    plain, spread = WRITE(notice("stale", name="a b")), WRITE(notice("stale", name="a\n\nb"))
    assert plain.body == spread.body


def test_personal_data_in_an_error_is_hidden() -> None:
    params = {"stage": "load", "cause": "ValueError: 529.982.247-25 ana@cliente.com.br"}
    error = {"at": "2026-07-02T03:01:00.000000Z", "code": "run_stage_failed", "params": params}
    body = WRITE(notice("stale", last_error=error)).body
    assert "529.982.247-25" not in body
    assert "ana@cliente" not in body
