"""Who gets alerts: added, asked for confirmation, shown as they are, and taken off by admins only."""

from typing import Any

import pytest

from tests.support.world import Answer, World

PATH = "/alert-recipients"
ADDRESS = "ti@cliente.com.br"


def add(world: World, email: Any = ADDRESS, role: str = "admin") -> Answer:
    return world.as_user(role, "POST", PATH, {"email": email})


def listed(world: World) -> list[tuple[str, str]]:
    items = world.as_user("admin", "GET", PATH).body["items"]
    return [(one["email"], one["state"]) for one in items]


def confirm_by_mail(world: World, email: str = ADDRESS) -> None:
    """The owner follows the link in SNS's mail."""
    world.topics.subscribed[world.integration_id][email].confirmed = True


def test_an_address_waits_for_its_owner_and_is_then_confirmed(own_world: World) -> None:
    added = add(own_world)
    assert (added.status, added.body["state"], added.body["added_by"]) == (201, "pending", "admin-1")
    assert listed(own_world) == [(ADDRESS, "pending")]
    confirm_by_mail(own_world)
    [one] = own_world.as_user("admin", "GET", PATH).body["items"]
    assert (one["state"], one["unsubscribe_needs_authentication"]) == ("confirmed", False)


@pytest.mark.parametrize(
    "token", ["token1", "https://sns.sa-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=token1&x=y"]
)
def test_confirmed_here_it_takes_an_admin_to_unsubscribe(own_world: World, token: str) -> None:
    one = f"{PATH}/{add(own_world).body['recipient_id']}"
    confirmed = own_world.as_user("admin", "POST", f"{one}/confirm", {"token": token})
    assert confirmed.status == 200, confirmed.body
    assert (confirmed.body["state"], confirmed.body["unsubscribe_needs_authentication"]) == (
        "confirmed",
        True,
    )
    again = own_world.as_user("admin", "POST", f"{one}/confirm", {"token": token})
    assert (again.status, again.body["code"]) == (400, "token_of_link_refused")


def test_who_unsubscribed_by_the_mails_link_shows_as_such_and_can_be_asked_again(own_world: World) -> None:
    add(own_world)
    confirm_by_mail(own_world)
    own_world.topics.subscribed[own_world.integration_id].clear()
    assert listed(own_world) == [(ADDRESS, "unsubscribed")]
    assert add(own_world).body["state"] == "pending"
    assert listed(own_world) == [(ADDRESS, "pending")]


def test_an_address_is_on_the_list_once_however_it_is_written(own_world: World) -> None:
    first = add(own_world, "Ti@Cliente.com.br").body
    second = add(own_world, "ti@cliente.COM.BR").body
    assert first["recipient_id"] == second["recipient_id"]
    assert listed(own_world) == [("Ti@cliente.com.br", "pending")]


@pytest.mark.parametrize("name", ["id", "address"])
def test_taken_off_the_subscription_ends(own_world: World, name: str) -> None:
    added = add(own_world).body
    confirm_by_mail(own_world)
    path = f"{PATH}/{added['recipient_id'] if name == 'id' else ADDRESS.replace('@', '%40')}"
    removed = own_world.as_user("admin", "DELETE", path)
    assert (removed.status, removed.body["state"]) == (200, "unsubscribed")
    assert listed(own_world) == []
    assert own_world.topics.subscribed[own_world.integration_id] == {}
    assert own_world.as_user("admin", "DELETE", path).status == 404


def test_taken_off_before_confirming_a_late_confirmation_is_ended(own_world: World) -> None:
    """SNS cannot end what is not confirmed: the mail with the link is still in somebody's inbox."""
    added = add(own_world).body
    assert own_world.as_user("admin", "DELETE", f"{PATH}/{added['recipient_id']}").status == 200
    assert listed(own_world) == []
    confirm_by_mail(own_world)
    assert listed(own_world) == []
    assert own_world.topics.subscribed[own_world.integration_id] == {}
    assert add(own_world).body["state"] == "pending"


def test_taken_off_and_added_again_while_pending_it_stays(own_world: World) -> None:
    added = add(own_world).body
    own_world.as_user("admin", "DELETE", f"{PATH}/{added['recipient_id']}")
    assert add(own_world).status == 201
    confirm_by_mail(own_world)
    assert listed(own_world) == [(ADDRESS, "confirmed")]


WRONG = (
    *("", " ", "ti", "ti@", "@cliente.com.br", "ti@cliente", "a b@cliente.com", "ti@cliente..com"),
    *("ti@x.com\nBcc: y@z.w", "josé@cliente.com.br", f"{'a' * 65}@cliente.com"),
    *(5, None, ["ti@cliente.com.br"], {"a": 1}),
)


@pytest.mark.parametrize("email", WRONG)
def test_a_wrong_address_is_refused_by_field(own_world: World, email: Any) -> None:
    answer = add(own_world, email)
    assert (answer.status, answer.body["code"]) == (400, "invalid_setting")
    [issue] = answer.body["errors"]
    assert issue["field"] == "email"
    assert listed(own_world) == []


@pytest.mark.parametrize("body", [[], "x", {"email": ADDRESS, "name": "Ana"}])
def test_a_body_of_another_shape_is_refused(own_world: World, body: Any) -> None:
    assert own_world.as_user("admin", "POST", PATH, body).status == 400
    assert listed(own_world) == []


def test_an_address_that_sns_refuses_is_not_put_on_the_list(own_world: World) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(own_world.topics, "refused", {ADDRESS})
        answer = add(own_world)
    assert (answer.status, answer.body["code"]) == (400, "email_refused")
    assert listed(own_world) == []


@pytest.mark.parametrize("token", ["", " ", "a b", "ção", "x" * 2_000, None, 5, "https://x.y/?Tok=1"])
def test_what_is_no_token_is_refused_by_field(own_world: World, token: Any) -> None:
    one = f"{PATH}/{add(own_world).body['recipient_id']}"
    answer = own_world.as_user("admin", "POST", f"{one}/confirm", {"token": token})
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "token")


def test_the_list_has_an_end(own_world: World) -> None:
    for number in range(100):
        assert add(own_world, f"pessoa{number}@cliente.com.br").status == 201
    full = add(own_world, "mais@cliente.com.br")
    assert (full.status, full.body["code"]) == (409, "recipients_full")
    assert add(own_world, "pessoa5@cliente.com.br").status == 201


def test_only_admins_see_and_change_the_list_and_operators_see_no_addresses(own_world: World) -> None:
    added = add(own_world).body
    one = f"{PATH}/{added['recipient_id']}"
    for method, path, body in (
        ("GET", PATH, None),
        ("POST", PATH, {"email": "a@b.com"}),
        ("DELETE", one, None),
    ):
        assert own_world.as_user("viewer", method, path, body).status == 403
        full = f"/v1/integrations/{own_world.integration_id}{path}"
        assert own_world.call(method, full, body).status == 401
        assert own_world.call(method, full, body, token=own_world.erp_key).status == 403
        assert own_world.call(method, full, body, token=own_world.token("admin", "tenant-b")).status == 404
    assert ADDRESS not in str(own_world.as_user("operator", "GET", PATH).body)
    assert listed(own_world) == [(ADDRESS, "pending")]


def test_recipients_of_one_integration_are_nobodys_elses(own_world: World) -> None:
    add(own_world)
    other, _ = own_world.new_integration()
    path = f"/v1/integrations/{other}{PATH}"
    assert own_world.call("GET", path, token=own_world.token("admin")).body["items"] == []
    assert other in own_world.topics.made, "a topic of its own, from its creation on"
