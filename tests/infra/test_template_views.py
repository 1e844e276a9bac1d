"""The functions that read views: in a VPC if one is given, and what they may then do besides."""

import pytest

from tests.support import template

READERS = ("ExtractViews", "CheckViews", "ProveCompleteness")


@pytest.mark.parametrize("name", READERS)
def test_a_reader_joins_the_vpc_that_is_given(name: str) -> None:
    condition, given, otherwise = template.functions()[name]["VpcConfig"]["Fn::If"]
    assert (condition, otherwise) == ("HasViewVpc", {"Ref": "AWS::NoValue"})
    assert given == {
        "SubnetIds": {"Ref": "ViewSubnetIds"},
        "SecurityGroupIds": {"Ref": "ViewSecurityGroupIds"},
    }
    allowed = template.conditional_statements(template.role_of(name))
    assert allowed.keys() == {"HasViewVpc"}
    assert {one.partition(":")[0] for one in allowed["HasViewVpc"]["Action"]} == {"ec2"}
    assert "ec2:CreateNetworkInterface" in allowed["HasViewVpc"]["Action"]


def test_nobody_else_joins_it() -> None:
    assert {name for name, one in template.functions().items() if "VpcConfig" in one} == set(READERS)


def test_without_subnets_there_is_no_vpc() -> None:
    parameters = template.packaged()["Parameters"]
    assert parameters["ViewSubnetIds"]["Default"] == ""
    wanted = {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", {"Ref": "ViewSubnetIds"}]}, ""]}]}
    assert template.packaged()["Conditions"]["HasViewVpc"] == wanted


def test_databases_may_lie_anywhere_but_on_the_machine_and_its_link() -> None:
    networks = template.packaged()["Parameters"]["ViewForbiddenNetworks"]["Default"].split(",")
    assert {"127.0.0.0/8", "169.254.0.0/16", "::1/128"} <= set(networks)
    assert template.packaged()["Parameters"]["ViewSqliteFolder"]["Default"] == ""
