"""Create or update the stack: package → upload → CloudFormation, in an AWS account or on the local AWS alike.

Where it goes is boto3's business: credentials, region and, for the local AWS, AWS_ENDPOINT_URL.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from infra.package import ROOT, Archive, Package, build

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client

APP_NAME = "integration-history"
STAGES = ROOT / "infra" / "stages"
WAIT_SECONDS = 1800
# What is left of a first creation that failed can only be deleted.
NEVER_CREATED = ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS")


class StackError(RuntimeError):
    """The stack could not be created or updated; the message says what failed."""


@dataclass(frozen=True)
class Target:
    """Where to deploy: a stage in an account. `infra/stages/<stage>.json` may hold its parameters.

    `packed` answers the zip to upload for one of the package's.
    """

    stage: str
    session: boto3.Session
    endpoint_url: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    packed: Callable[[Archive], Archive] = lambda archive: archive

    @property
    def stack_name(self) -> str:
        return f"{APP_NAME}-{self.stage}"

    @property
    def cloudformation(self) -> CloudFormationClient:
        return self.session.client("cloudformation", endpoint_url=self.endpoint_url)

    @property
    def s3(self) -> S3Client:
        return self.session.client("s3", endpoint_url=self.endpoint_url)

    @property
    def region(self) -> str:
        return self.cloudformation.meta.region_name

    def all_parameters(self) -> dict[str, str]:
        """Return the template's parameters: the stage's file, then what was given by hand."""
        file = STAGES / f"{self.stage}.json"
        own = json.loads(file.read_text()) if file.exists() else {}
        return {"Stage": self.stage, **own, **self.parameters}


def deploy(target: Target, root: Path = ROOT) -> dict[str, str]:
    """Package, upload and create or update the stack; wait and return its outputs."""
    package = build(root)
    package = replace(package, common=target.packed(package.common), views=target.packed(package.views))
    bucket = _packages_bucket(target)
    for archive in (package.common, package.views):
        _upload(target.s3, bucket, archive.key, archive.path.read_bytes())
    template = json.dumps(located(package, bucket)).encode()
    template_key = f"templates/{hashlib.sha256(template).hexdigest()}.json"
    _upload(target.s3, bucket, template_key, template)
    _create_or_update(target, _object_url(target, bucket, template_key))
    return outputs(target)


def outputs(target: Target) -> dict[str, str]:
    """Return the stack's outputs; on a local AWS, `ApiUrl` takes the form that every client can resolve."""
    stack = _describe(target)
    if stack is None:
        raise StackError(f"there is no stack {target.stack_name}")
    found = {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}
    endpoint = target.cloudformation.meta.endpoint_url
    if not endpoint.rstrip("/").endswith(("amazonaws.com", "amazonaws.com.cn")):
        # <id>.execute-api.localhost resolves in browsers, but not in Python.
        stage = found["ApiUrl"].rsplit("/", 1)[-1]
        found["ApiUrl"] = f"{endpoint.rstrip('/')}/_aws/execute-api/{found['RestAPIId']}/{stage}"
    return found


def delete(target: Target) -> None:
    """Delete the stack and wait. Tables, bucket and secrets stay, by their deletion policy."""
    target.cloudformation.delete_stack(StackName=target.stack_name)
    _wait(target)


def _packages_bucket(target: Target) -> str:
    """Return the bucket for packages, made private and encrypted on first use."""
    account = target.session.client("sts", endpoint_url=target.endpoint_url).get_caller_identity()["Account"]
    name = f"{target.stack_name}-packages-{account}-{target.region}"[:63].rstrip("-")
    try:
        target.s3.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        where: Any = {} if target.region == "us-east-1" else {"LocationConstraint": target.region}
        target.s3.create_bucket(Bucket=name, **({"CreateBucketConfiguration": where} if where else {}))
        target.s3.put_public_access_block(
            Bucket=name,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
        )
    return name


def _upload(s3: S3Client, bucket: str, key: str, content: bytes) -> None:
    """Upload unless it is there: keys are made of the content's hash."""
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        s3.put_object(Bucket=bucket, Key=key, Body=content, ServerSideEncryption="AES256")


def located(package: Package, bucket: str) -> dict[str, Any]:
    """Return the template with every function's code pointing at its uploaded zip."""
    template = copy.deepcopy(package.template)
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": package.archive_of(name).key}
    return template


def _object_url(target: Target, bucket: str, key: str) -> str:
    if target.s3.meta.endpoint_url.endswith("amazonaws.com"):
        return f"https://{bucket}.s3.{target.region}.amazonaws.com/{key}"
    return f"{target.s3.meta.endpoint_url}/{bucket}/{key}"


def _create_or_update(target: Target, template_url: str) -> None:
    stack = _describe(target)
    if stack and stack["StackStatus"] in NEVER_CREATED:
        delete(target)
        stack = None
    parameters = target.all_parameters().items()
    request: Any = {
        "StackName": target.stack_name,
        "TemplateURL": template_url,
        "Parameters": [{"ParameterKey": key, "ParameterValue": str(value)} for key, value in parameters],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Tags": [{"Key": "app", "Value": APP_NAME}, {"Key": "stage", "Value": target.stage}],
    }
    try:
        if stack is None:
            target.cloudformation.create_stack(**request)
        else:
            target.cloudformation.update_stack(**request)
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return
        raise
    _wait(target)


def _describe(target: Target) -> Any:
    """Return the stack's description, or None when there is no such stack."""
    try:
        return target.cloudformation.describe_stacks(StackName=target.stack_name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def _wait(target: Target) -> None:
    """Wait until the stack rests; raise StackError with the reasons if it failed."""
    deadline, pause = time.monotonic() + WAIT_SECONDS, 0.2
    while time.monotonic() < deadline:
        stack = _describe(target)
        status = stack["StackStatus"] if stack else "DELETE_COMPLETE"
        if not status.endswith("_IN_PROGRESS"):
            if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"):
                raise StackError(f"{target.stack_name}: {status}\n" + "\n".join(_failures(target)))
            return
        time.sleep(pause)
        pause = min(pause * 1.5, 5)
    raise StackError(f"{target.stack_name} is still working after {WAIT_SECONDS} s")


def _failures(target: Target) -> list[str]:
    """List what failed since the last operation began; events come newest first."""
    events = target.cloudformation.describe_stack_events(StackName=target.stack_name)["StackEvents"]
    failed = []
    for event in events:
        if event["ResourceStatus"].endswith("_FAILED"):
            failed.append(f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}")
        if event.get("ResourceStatusReason") == "User Initiated":
            break
    return failed


def main(argv: Sequence[str] | None = None) -> int:
    """Run `python -m infra.stack deploy|outputs|delete|package`; print outputs as JSON."""
    parser = argparse.ArgumentParser(prog="python -m infra.stack", description=__doc__)
    parser.add_argument("command", choices=["deploy", "outputs", "delete", "package"])
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    arguments = parser.parse_args(argv)
    if arguments.command == "package":
        package = build()
        print(package.common.path, package.views.path, sep="\n")
        return 0
    given = dict(pair.split("=", 1) for pair in arguments.parameter)
    target = Target(arguments.stage, boto3.Session(), parameters=given)
    try:
        if arguments.command == "delete":
            delete(target)
        else:
            found = deploy(target) if arguments.command == "deploy" else outputs(target)
            print(json.dumps(found, indent=2, sort_keys=True))
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
