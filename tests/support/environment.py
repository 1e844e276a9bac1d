"""The variables that a deployed function finds, for the app in this process."""

import tempfile


def environment_of(endpoint_url: str, tables: dict[str, str]) -> dict[str, str]:
    """Write the variables that the app reads its settings from."""
    return {
        **tables,
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint_url,
        "AWS_REGION": "sa-east-1",
        "AWS_DEFAULT_REGION": "sa-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "BUCKET": "bucket",
        "RUNS_QUEUE_URL": "queue",
        "EXPORTS_QUEUE_URL": "exports",
        "ONBOARDING_QUEUE_URL": "onboarding",
        "PROOFS_QUEUE_URL": "proofs",
        "VIEWS_QUEUE_URL": "views",
        "VIEW_SECRET_PREFIX": "test/views/",
        "VIEW_SQLITE_FOLDER": tempfile.gettempdir(),
        "CHECK_VIEWS_FUNCTION": "check_views",
        "SCHEDULE_GROUP": "group",
        "SCHEDULE_TARGET_ARN": "target",
        "SCHEDULE_ROLE_ARN": "role",
        "SCHEDULE_DLQ_ARN": "dead-letters",
        "ONBOARDING_DLQ_ARN": "onboarding-dead-letters",
        "ALERTS_TOPIC_PREFIX": "arn:aws:sns:sa-east-1:000000000000:test-alerts-",
        "PAGE_URL": "https://page.test/app/",
        "JWT_SECRET_ID": "jwt",
        "KEY_PEPPER_SECRET_ID": "pepper",
        "SLICE_SECONDS": "45",
        "LEASE_SECONDS": "150",
        "POWERTOOLS_SERVICE_NAME": "integration-history",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }
