"""Alerts as they arrive: an hour of limits and reminders lasts six seconds here, the mailbox is SNS's own."""

import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from infra.local.client import ApiError
from infra.local.mailbox import Letter, letters
from tests.support.stack import TENANT, Stack, until

HOUR = 6.0
NIGHTLY = {"time": "03:00", "timezone": "America/Sao_Paulo"}


def mail(stack: Stack, integration_id: str) -> list[Letter]:
    """Read what was sent of one integration, in order."""
    found = letters(stack.client("sqs"), stack.outputs["AlertsMailboxUrl"])
    return [one for one in found if one.attributes["integration_id"] == integration_id]


def look(stack: Stack) -> dict[str, int]:
    """Let the watchdog look, beside the rule that does so every minute."""
    answer = stack.client("lambda").invoke(FunctionName=stack.outputs["WatchdogName"])
    found: dict[str, int] = json.load(answer["Payload"])
    assert "FunctionError" not in answer, found
    return found


def waiting(stack: Stack, integration_id: str, events: list[str], seconds: float = 40) -> list[Letter]:
    """Let the watchdog look time and again, until these messages have arrived and no other."""

    def arrived() -> list[Letter] | None:
        time.sleep(0.5)
        look(stack)
        found = mail(stack, integration_id)
        assert len(found) <= len(events), [str(one) for one in found]
        return found if len(found) == len(events) else None

    found = until(arrived, seconds, f"not all of {events} came")
    assert [one.attributes["event"] for one in found] == events
    return found


def freshness(stack: Stack, integration_id: str) -> str:
    state: str = stack.api().get(f"/v1/integrations/{integration_id}")["freshness"]["state"]
    return state


def test_one_that_never_ran_alerts_at_its_deadline_once_and_is_followed_to_its_recovery(stack: Stack) -> None:
    settings = {"language": "pt-BR", "reminder_hours": 2, "erp_silent": False}
    integration_id, _ = stack.new_integration(
        "Nunca rodou", schedule=NIGHTLY, max_hours_without_success=1, alert_settings=settings
    )
    path = f"/v1/integrations/{integration_id}"
    created = time.monotonic()
    assert freshness(stack, integration_id) == "ok"
    look(stack)
    assert mail(stack, integration_id) == []
    [opened] = waiting(stack, integration_id, ["opened"])
    assert time.monotonic() - created >= HOUR - 1
    assert re.fullmatch(
        r"\[ALERTA\] Nunca rodou: sem sucesso ha 1 h( \d+ min)? \(limite 1 h\)", opened.subject
    )
    assert "Último sucesso: nunca" in opened.body
    assert f"/app/#integration={integration_id}&alert={opened.attributes['alert_id']}" in opened.body
    assert freshness(stack, integration_id) == "overdue"

    _, reminder = waiting(stack, integration_id, ["opened", "reminder"])
    assert reminder.subject.startswith("[LEMBRETE] Nunca rodou: sem sucesso ha ")
    assert "Lembrete 1: o problema continua.\n" in reminder.body
    assert time.monotonic() - created >= 3 * HOUR - 1
    alert = f"{path}/alerts/{opened.attributes['alert_id']}"
    snoozed = stack.api().post(f"{alert}/acknowledge", {"snooze_hours": 1})
    assert snoozed["status"] == "snoozed"
    waiting(stack, integration_id, ["opened", "reminder", "reminder"])
    assert stack.api().post(f"{alert}/acknowledge", {})["status"] == "acknowledged"
    time.sleep(2 * HOUR + 2)
    waiting(stack, integration_id, ["opened", "reminder", "reminder"])

    run_id = stack.start_run(integration_id)
    assert stack.ended(integration_id, run_id)["status"] == "success"
    assert freshness(stack, integration_id) in ("ok", "warning")
    *_, recovered = waiting(stack, integration_id, ["opened", "reminder", "reminder", "recovered"])
    assert recovered.subject.startswith("[RESOLVIDO] Nunca rodou: em dia de novo apos ")
    assert re.search(r"^Duração: \d+ h", recovered.body, re.MULTILINE)
    assert re.search(r"^Sincronizações agendadas sem sucesso: \d+$", recovered.body, re.MULTILINE)
    [found] = stack.api().get(f"{path}/alerts")["items"]
    assert (found["status"], found["recovered"], found["kind"]) == ("resolved", True, "stale")
    assert [one["sent_at"] is not None for one in found["messages"]] == [True] * 4


def test_the_rule_wakes_the_watchdog_and_a_failed_start_of_a_run_is_told(stack: Stack) -> None:
    integration_id, _ = stack.new_integration("Pelo relógio", alert_settings={"language": "en"})
    event = {"tenant_id": TENANT, "integration_id": integration_id, "scheduled_time": "x"}
    stack.client("sqs").send_message(
        QueueUrl=stack.outputs["ScheduleDeadLettersUrl"], MessageBody=json.dumps(event)
    )

    def told() -> Letter | None:
        time.sleep(1)
        return next(iter(mail(stack, integration_id)), None)

    found = until(told, 150, "the watchdog's rule has sent nothing")
    assert found.subject == "[ALERT] Pelo relogio: a message could not be processed (schedule)"


def test_killed_while_it_works_the_watchdog_tells_everything_and_nothing_under_two_names(
    stack: Stack,
) -> None:
    quiet = {"erp_silent": False, "reminder_hours": 168}  # nobody is reminded, however slow the machine
    settings = {"schedule": NIGHTLY, "max_hours_without_success": 1, "alert_settings": quiet}
    ids = [stack.new_integration(f"Morte {number}", **settings)[0] for number in range(12)]
    time.sleep(HOUR)
    killed = 0
    with ThreadPoolExecutor(1) as threads:
        for _ in range(12):
            looking = threads.submit(_look_and_perhaps_die, stack)
            time.sleep(0.4)
            killed += stack.kill("WatchdogName")
            looking.result()

    def all_told() -> dict[str, list[Letter]] | None:
        _look_and_perhaps_die(stack)
        time.sleep(1)
        everything = letters(stack.client("sqs"), stack.outputs["AlertsMailboxUrl"])
        by_id = {
            one: [mail for mail in everything if mail.attributes["integration_id"] == one] for one in ids
        }
        return by_id if all(by_id.values()) else None

    told = until(all_told, 200, "somebody was not told")
    assert killed
    for integration_id in ids:
        assert len({one.attributes["message_id"] for one in told[integration_id]}) == 1
        assert len({str(one.body) for one in told[integration_id]}) == 1
        assert freshness(stack, integration_id) == "overdue"


def _look_and_perhaps_die(stack: Stack) -> None:
    stack.client("lambda").invoke(FunctionName=stack.outputs["WatchdogName"])


def test_recipients_are_subscribed_to_the_integrations_own_topic(stack: Stack) -> None:
    integration_id, _ = stack.new_integration("Destinatários")
    path = f"/v1/integrations/{integration_id}/alert-recipients"
    added = stack.api().post(path, {"email": "Ti@Cliente.com.br"})
    assert added["state"] in ("pending", "confirmed")  # the local SNS asks nobody
    sns = stack.client("sns")
    topic = f"{stack.outputs['AlertsTopicPrefix']}{integration_id}"
    subscribed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [one["Endpoint"] for one in subscribed if one["Protocol"] == "email"] == ["Ti@cliente.com.br"]
    assert stack.api().get(path)["items"] == [added]
    for role, status in (("viewer", 403), ("operator", 200)):
        assert _status(lambda role=role: stack.api(role).get(path)) == status  # type: ignore[misc]
    assert _status(lambda: stack.api(tenant="tenant-b").get(path)) == 404
    stack.api().call("DELETE", f"{path}/{added['recipient_id']}")
    assert stack.api().get(path)["items"] == []
    left = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [one["Protocol"] for one in left] == ["sqs"]


def _status(call: Callable[[], Any]) -> int:
    try:
        call()
    except ApiError as error:
        return error.status
    return 200
