from tests.support.world import World


def test_a_delivered_record_reaches_the_crm(world: World) -> None:
    answer = world.push("vendedor", [{"codigo": "1", "nome": "Ana"}])
    assert (answer.status, answer.body["created"]) == (200, 1)
    run = world.run()
    assert run["status"] == "success"
    stored = world.call("GET", "/v1/erp/vendedor/1", token=world.erp_key)
    assert stored.body["state"] == "applied"
