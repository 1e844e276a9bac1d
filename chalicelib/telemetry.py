"""Numbers for dashboards and alarms: CloudWatch metrics, written as log lines (EMF), so they cost no call."""

from typing import Final

NAMESPACE: Final = "IntegrationHistory"


def count(name: str, value: int = 1, **dimensions: str) -> None:
    """Add `value` to a metric; each set of dimensions is a metric of its own."""
    from aws_lambda_powertools import single_metric
    from aws_lambda_powertools.metrics import MetricUnit

    with single_metric(name=name, unit=MetricUnit.Count, value=value, namespace=NAMESPACE) as metric:
        for dimension, chosen in dimensions.items():
            metric.add_dimension(name=dimension, value=chosen)
