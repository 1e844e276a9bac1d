"""Secrets from Secrets Manager, cached for five minutes by Powertools."""

_CACHE_SECONDS = 300


def secret(name: str) -> str:
    """Read a secret's text by name or ARN."""
    from aws_lambda_powertools.utilities import parameters

    return str(parameters.get_secret(name, max_age=_CACHE_SECONDS))
