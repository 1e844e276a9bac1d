"""Secrets Manager: our own secrets, cached for five minutes by Powertools, and those of ERPs' databases."""

from functools import cache
from typing import Any

_CACHE_SECONDS = 300


@cache
def client() -> Any:
    """Build the client for ERPs' secrets, on first use."""
    import boto3

    return boto3.client("secretsmanager")


def secret(name: str) -> str:
    """Read a secret's text by name or ARN."""
    from aws_lambda_powertools.utilities import parameters

    return str(parameters.get_secret(name, max_age=_CACHE_SECONDS))


def present_secret(name: str) -> str | None:
    """Read a secret as it is now: people have just mended it; None when there is none."""
    try:
        return str(client().get_secret_value(SecretId=name)["SecretString"])
    except (client().exceptions.ResourceNotFoundException, KeyError):
        return None


def store_secret(name: str, text: str) -> None:
    """Create a secret, or give it a new value; the last value stays as the previous version."""
    try:
        client().put_secret_value(SecretId=name, SecretString=text)
    except client().exceptions.ResourceNotFoundException:
        client().create_secret(Name=name, SecretString=text, Description="Connection to an ERP's database")
