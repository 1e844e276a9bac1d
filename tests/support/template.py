"""The packaged template, as Chalice and `infra/resources.yaml` make it, and ways to ask it."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from infra.package import build

FUNCTION = "AWS::Serverless::Function"


@cache
def packaged() -> dict[str, Any]:
    """Package the app (an earlier build of the same sources is reused) and return the template."""
    return build().template


def properties(logical_id: str) -> dict[str, Any]:
    """Return a resource's properties."""
    found: dict[str, Any] = packaged()["Resources"][logical_id]["Properties"]
    return found


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """Return the properties of all resources of a type, by logical id."""
    return {
        name: one.get("Properties", {})
        for name, one in packaged()["Resources"].items()
        if one["Type"] == kind
    }


def functions() -> dict[str, dict[str, Any]]:
    """Return the properties of all functions, by logical id."""
    return of_type(FUNCTION)


def job_name(logical_id: str) -> str:
    """Return a function's name in Chalice's configuration: `start_run` for `StartRun`."""
    if logical_id == "APIHandler":
        return "api_handler"
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in logical_id).lstrip("_")


def role_of(logical_id: str) -> str:
    """Return the logical id of a function's role."""
    role: str = properties(logical_id)["Role"]["Fn::GetAtt"][0]
    return role


def statements(role: str) -> Iterator[dict[str, Any]]:
    """Go through the statements of a role's own policies, but for those that hang on a condition."""
    for policy in properties(role)["Policies"]:
        yield from (one for one in policy["PolicyDocument"]["Statement"] if "Fn::If" not in one)


def conditional_statements(role: str) -> dict[str, dict[str, Any]]:
    """Return the statements that hang on a condition, by its name; without it there is none."""
    found = [
        one["Fn::If"]
        for policy in properties(role)["Policies"]
        for one in policy["PolicyDocument"]["Statement"]
        if "Fn::If" in one
    ]
    assert all(otherwise == {"Ref": "AWS::NoValue"} for _, _, otherwise in found)
    return {condition: statement for condition, statement, _ in found}


def environment(logical_id: str) -> dict[str, Any]:
    """Return the environment variables a function gets: everybody's and its own."""
    own = properties(logical_id).get("Environment", {}).get("Variables", {})
    return {**packaged()["Globals"]["Function"]["Environment"]["Variables"], **own}


def values(stage: dict[str, str]) -> dict[str, str]:
    """Return the value of each parameter in a stage: its own, else the default."""
    defaults = {name: one.get("Default", "") for name, one in packaged()["Parameters"].items()}
    return {name: str(value) for name, value in {**defaults, **stage}.items()}


def seconds(value: Any, parameters: dict[str, str]) -> int:
    """Read a number of seconds that may be a reference to a parameter."""
    return int(parameters[value["Ref"]] if isinstance(value, dict) else value)
