"""What each function may do (its role's policy), and what it does: every AWS call it makes, recorded.

The local AWS does not enforce IAM, so a missing permission would only show in a real account.
A permission is a pair: an action, and the resource by its logical id in the template ("RunsTable").
"""

import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from tests.support import template

Permission = tuple[str, str]

_TRANSACTION_ACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


_S3_ACTIONS = {
    **dict.fromkeys(
        ("PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"), "PutObject"
    ),
    **dict.fromkeys(("GetObject", "HeadObject"), "GetObject"),
    "DeleteObjects": "DeleteObject",
}


def granted(function: str) -> set[Permission]:
    """List what the policy of a function's role allows."""
    return {
        (action, place(resource))
        for statement in template.statements(template.role_of(function))
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def listed(one_or_more: Any) -> list[Any]:
    """Take a list as it is, anything else as a list of one."""
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]


def place(resource: Any) -> str:
    """Name a resource by its logical id and what lies below it: `RunsTable/index/watch-index`."""
    if isinstance(resource, str):
        return resource
    if "Ref" in resource:
        return str(resource["Ref"])
    if "Fn::GetAtt" in resource:
        return str(resource["Fn::GetAtt"][0])
    text = re.sub(r"\$\{AWS::\w+\}", "", resource["Fn::Sub"])
    for ours in ("arn::sns:::", "arn::secretsmanager:::secret:", "arn::lambda:::function:"):
        if text.startswith(ours):
            return text.removeprefix(ours)
    found = re.fullmatch(r"(?:arn::scheduler:::schedule/)?\$\{(\w+)(?:\.Arn)?\}(/.+)?", text)
    assert found, f"a resource that is not one of ours: {resource}"
    return found[1] + (found[2] or "")


def needed_by_triggers(function: str) -> set[Permission]:
    """List what Lambda itself does with the function's role: logs, traces, messages, failed events."""
    own = template.functions()[function]
    logs = place(own["LoggingConfig"]["LogGroup"])
    needed = {("logs:CreateLogStream", logs), ("logs:PutLogEvents", logs)}
    needed |= {("xray:PutTelemetryRecords", "*"), ("xray:PutTraceSegments", "*")}
    for mapping in template.of_type("AWS::Lambda::EventSourceMapping").values():
        if place(mapping["FunctionName"]) == function:
            calls = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "ChangeMessageVisibility")
            needed |= {(f"sqs:{call}", place(mapping["EventSourceArn"])) for call in calls}
    on_failure = own.get("EventInvokeConfig", {}).get("DestinationConfig", {}).get("OnFailure")
    if on_failure:
        needed.add(("sqs:SendMessage", place(on_failure["Destination"])))
    return needed


class Calls:
    """The AWS calls of the function at work: DynamoDB's go to the engine, others are answered here."""

    def __init__(self, names: dict[str, str], secrets: Callable[[str], str]) -> None:
        """Know the resources by the names the app has for them (name → logical id), and the secrets."""
        self.permissions: dict[str, set[Permission]] = {}
        self.operations: set[str] = set()
        self.messages: list[dict[str, Any]] = []
        self._names, self._secrets = names, secrets
        self._schedules: set[str] = set()
        self._topics: set[str] = set()
        self._objects: dict[str, bytes] = {}
        self._connections: dict[str, str] = {}
        self.functions: dict[str, Callable[[dict[str, Any]], Any]] = {}
        self._function: str | None = None

    @contextmanager
    def of(self, function: str) -> Iterator[None]:
        """Count the calls made within the block as the function's, which another one may have called."""
        calling, self._function = self._function, function
        try:
            yield
        finally:
            self._function = calling

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Stand between the app and AWS until the test ends."""
        send = BaseClient._make_api_call  # type: ignore[attr-defined]

        def make_api_call(client: Any, operation: str, request: dict[str, Any]) -> Any:
            service = client.meta.service_model.service_name
            if self._function:
                self.operations.add(operation)
                found = self.permissions.setdefault(self._function, set())
                found |= self._needed(service, operation, request)
            if service == "dynamodb":
                return send(client, operation, request)
            return getattr(self, f"_{service}")(client, operation, request)

        patch.setattr(BaseClient, "_make_api_call", make_api_call)

    def _needed(self, service: str, operation: str, request: dict[str, Any]) -> set[Permission]:
        if service == "dynamodb":
            return self._dynamodb_needed(operation, request)
        if service == "sqs":
            return {(f"sqs:{operation}", self._names[request["QueueUrl"]])}
        if service == "secretsmanager":
            name = request.get("SecretId") or request["Name"]
            return {(f"secretsmanager:{operation}", self._names.get(name, "/views/*"))}
        if service == "lambda":
            return {("lambda:InvokeFunction", f"-{request['FunctionName']}")}
        if service == "s3":
            return self._s3_needed(operation, request)
        if service == "sns":
            return {(f"sns:{operation}", "*" if "SubscriptionArn" in request else "-alerts-*")}
        if service == "scheduler":
            role = self._names[request["Target"]["RoleArn"]]
            schedule = f"{self._names[request['GroupName']]}/*"
            return {(f"scheduler:{operation}", schedule), ("iam:PassRole", role)}
        raise AssertionError(f"say which permission {service} {operation} needs")

    def _s3_needed(self, operation: str, request: dict[str, Any]) -> set[Permission]:
        bucket = self._names[request["Bucket"]]
        deleted = request.get("Delete", {}).get("Objects", [])
        folders = {one["Key"].partition("/")[0] for one in (request, *deleted) if "Key" in one}
        needed = {(f"s3:{_S3_ACTIONS[operation]}", f"{bucket}/{folder}/*") for folder in folders}
        # Without it, S3 answers 403 where there is no object.
        return needed | ({("s3:ListBucket", bucket)} if operation == "HeadObject" else set())

    def _dynamodb_needed(self, operation: str, request: dict[str, Any]) -> set[Permission]:
        if operation.startswith("Batch"):
            return {(f"dynamodb:{operation}", self._names[table]) for table in request["RequestItems"]}
        if operation == "TransactWriteItems":
            return {
                (f"dynamodb:{_TRANSACTION_ACTIONS[kind]}", self._names[item["TableName"]])
                for action in request["TransactItems"]
                for kind, item in action.items()
            }
        index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
        return {(f"dynamodb:{operation}", self._names[request["TableName"]] + index)}

    def _sqs(self, client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.messages.append(json.loads(request["MessageBody"]))
        return {"MessageId": str(len(self.messages))}

    def _sns(self, client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """A topic that is there once it was made, with one confirmed subscriber."""
        if operation == "CreateTopic":
            self._topics.add(request["Name"])
            return {"TopicArn": f"arn:aws:sns:sa-east-1:0:{request['Name']}"}
        if operation == "Publish" and request["TopicArn"].rpartition(":")[2] not in self._topics:
            raise client.exceptions.NotFoundException({"Error": {"Code": "NotFound"}}, operation)
        if operation == "GetSubscriptionAttributes":
            return {"Attributes": {"ConfirmationWasAuthenticated": "true"}}
        one = {"Protocol": "email", "Endpoint": "ti@cliente.com.br", "SubscriptionArn": "arn:aws:sns:x"}
        return {"Subscriptions": [one]} if operation == "ListSubscriptionsByTopic" else {}

    def keep(self, name: str, content: bytes) -> None:
        """Let somebody else send a file to the bucket."""
        self._objects[name] = content

    def forget_topics(self) -> None:
        """Let somebody delete the topics."""
        self._topics.clear()

    def _secretsmanager(self, client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        name = request.get("SecretId") or request["Name"]
        if name in self._names:
            return {"SecretString": self._secrets(name)}
        if operation != "CreateSecret" and name not in self._connections:
            raise client.exceptions.ResourceNotFoundException({"Error": {"Code": "404"}}, operation)
        self._connections[name] = request.get("SecretString") or self._connections[name]
        return {"SecretString": self._connections[name]}

    def _lambda(self, client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        answer = self.functions[request["FunctionName"]](json.loads(request["Payload"]))
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}

    def _scheduler(self, client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if operation == "UpdateSchedule" and request["Name"] not in self._schedules:
            raise client.exceptions.ResourceNotFoundException({"Error": {"Code": "404"}}, operation)
        self._schedules.add(request["Name"])
        return {}

    def _s3(self, client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        name = request.get("Key", "")
        if operation in {"PutObject", "UploadPart"}:
            self._objects[name] = request["Body"]
            return {"ETag": "etag"}
        if operation == "GetObject":
            first, last = request.get("Range", "bytes=0-").removeprefix("bytes=").split("-")
            return {"Body": io.BytesIO(self._objects[name][int(first) : int(last) + 1 if last else None])}
        if operation == "HeadObject":
            if name not in self._objects:
                raise ClientError({"Error": {"Code": "404"}}, operation)
            return {"ContentLength": len(self._objects[name])}
        return {"UploadId": "upload"}
