"""The packaged template holds what operations rely on: data is kept and private, failures are seen."""

import json

import pytest

from chalicelib.domain.uploads import LIFE
from chalicelib.settings import DEFAULTS, Settings
from infra.stack import STAGES
from tests.support import template
from tests.support.permissions import place

TABLES = template.of_type("AWS::DynamoDB::Table")
QUEUES = template.of_type("AWS::SQS::Queue")
FUNCTIONS = template.functions()
MAPPINGS = template.of_type("AWS::Lambda::EventSourceMapping")

# Tables whose items live for a time, and the attribute that says until when. The others keep for good.
EXPIRING = {
    **dict.fromkeys(
        (f"{one}Table" for one in ("Requests", "Runs", "Exports", "Audit", "Alerts", "Onboarding")),
        "expires_at",
    ),
    "IdempotencyTable": "expiration",
}
STAGE_FILES = {path.stem: json.loads(path.read_text()) for path in STAGES.glob("*.json")}
KEPT_TYPES = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret")


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_paid_by_use_encrypted_and_can_be_restored_to_any_point(name: str) -> None:
    table = TABLES[name]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


@pytest.mark.parametrize("name", TABLES)
def test_items_expire_in_the_tables_that_hold_history_and_in_no_other(name: str) -> None:
    found = TABLES[name].get("TimeToLiveSpecification", {"AttributeName": None})
    assert found["AttributeName"] == EXPIRING.get(name)
    assert found.get("Enabled", True)


@pytest.mark.parametrize(
    "name", [name for name, one in template.packaged()["Resources"].items() if one["Type"] in KEPT_TYPES]
)
def test_deleting_the_stack_deletes_no_data(name: str) -> None:
    resource = template.packaged()["Resources"][name]
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resource["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_is_encrypted_and_dead_letters_wait_for_two_weeks(name: str) -> None:
    assert QUEUES[name]["SqsManagedSseEnabled"] is True
    if name.endswith("DeadLetters"):
        assert QUEUES[name]["MessageRetentionPeriod"] == 14 * 86_400


@pytest.mark.parametrize("name", [name for name in QUEUES if name.endswith("Queue")])
def test_a_work_queue_gives_up_a_message_in_the_end(name: str) -> None:
    redrive = QUEUES[name]["RedrivePolicy"]
    # A slice of a run is one wherever it waits, and so is one of the onboarding.
    shared = {"ViewsQueue": "Runs", "ProofsQueue": "Onboarding"}
    owner = shared.get(name, name.removesuffix("Queue"))
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": [f"{owner}DeadLetters", "Arn"]}
    assert 20 <= redrive["maxReceiveCount"] <= 100  # the app gives up earlier, unless a slice gets on


def test_a_start_that_fails_ends_in_the_schedules_dead_letters() -> None:
    target = template.environment("APIHandler")["SCHEDULE_DLQ_ARN"]
    assert target == {"Fn::GetAtt": ["ScheduleDeadLetters", "Arn"]}
    invoke = FUNCTIONS["StartRun"]["EventInvokeConfig"]
    assert place(invoke["DestinationConfig"]["OnFailure"]["Destination"]) == "ScheduleDeadLetters"


def test_the_bucket_is_private_encrypted_and_forgets() -> None:
    bucket = template.properties("Bucket")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] in ("AES256", "aws:kms")
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    rules = {one["Id"]: one for one in bucket["LifecycleConfiguration"]["Rules"]}
    assert all(rule["Status"] == "Enabled" for rule in rules.values())
    # A body outlives neither its entry in the request log nor is it gone before.
    assert rules["requests"]["Prefix"] == "requests/"
    assert (
        rules["requests"]["ExpirationInDays"]
        == template.environment("APIHandler")["REQUEST_RETENTION_DAYS"]
        == {"Ref": "RetentionDays"}
    )
    assert rules["uploads"]["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 1


def test_the_bucket_tells_the_onboarding_of_files_and_forgets_them() -> None:
    bucket = template.packaged()["Resources"]["Bucket"]
    [told] = bucket["Properties"]["NotificationConfiguration"]["QueueConfigurations"]
    assert place(told["Queue"]) == "OnboardingQueue"
    assert told["Event"] == "s3:ObjectCreated:*"
    assert told["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "uploads/"}]
    # S3 tries the queue out while it makes the bucket, so the policy comes first and cannot name the bucket.
    assert bucket["DependsOn"] == "OnboardingQueuePolicy"
    policy = template.properties("OnboardingQueuePolicy")
    assert [place(one) for one in policy["Queues"]] == ["OnboardingQueue"]
    [statement] = policy["PolicyDocument"]["Statement"]
    assert (statement["Principal"], statement["Action"]) == (
        {"Service": "s3.amazonaws.com"},
        "sqs:SendMessage",
    )
    assert place(statement["Resource"]) == "OnboardingQueue"
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    days = {
        one["Prefix"]: one["ExpirationInDays"]
        for one in bucket["Properties"]["LifecycleConfiguration"]["Rules"]
        if "Prefix" in one
    }
    assert (days["uploads/"], days["rejected/"]) == (7, LIFE.days)
    [cors] = bucket["Properties"]["CorsConfiguration"]["CorsRules"]
    assert cors["AllowedMethods"] == ["PUT"]
    assert "x-amz-checksum-sha256" in cors["AllowedHeaders"]


def test_the_bucket_answers_over_tls_only() -> None:
    policy = template.properties("BucketPolicy")
    assert policy["Bucket"] == {"Ref": "Bucket"}
    [statement] = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert sorted(place(one) for one in statement["Resource"]) == ["Bucket", "Bucket/*"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_a_role_and_a_log_group_of_its_own(name: str) -> None:
    others = [one for other, one in FUNCTIONS.items() if other != name]
    role, logs = FUNCTIONS[name]["Role"], FUNCTIONS[name]["LoggingConfig"]["LogGroup"]
    assert role not in [one["Role"] for one in others]
    assert logs not in [one["LoggingConfig"]["LogGroup"] for one in others]
    assert template.packaged()["Resources"][template.role_of(name)]["Type"] == "AWS::IAM::Role"
    assert template.properties(place(logs))["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_no_log_is_kept_for_ever() -> None:
    assert all(one.get("RetentionInDays") for one in template.of_type("AWS::Logs::LogGroup").values())
    assert int(template.packaged()["Parameters"]["LogRetentionDays"]["Default"]) == 90


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_memory_a_timeout_and_traces(name: str) -> None:
    assert int(FUNCTIONS[name]["MemorySize"]) >= 1024  # Chalice's 128 MB would take seconds to import the app
    assert 1 <= template.seconds(FUNCTIONS[name]["Timeout"], template.values({})) <= 900
    assert FUNCTIONS[name]["Tracing"] == "Active"


def test_the_api_answers_before_the_gateway_gives_up() -> None:
    assert FUNCTIONS["APIHandler"]["Timeout"] <= 29


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_gets_every_setting_that_has_no_default_and_no_other_name(name: str) -> None:
    given = template.environment(name)
    settings = {one.upper() for one in Settings.__annotations__}
    needed = settings - {one.upper() for one in DEFAULTS}
    assert needed - given.keys() == set()
    assert given.keys() - settings - {"POWERTOOLS_SERVICE_NAME", "LOG_LEVEL"} == set()
    assert "PYTHONOPTIMIZE" not in given  # assertions stay on


def test_runs_exports_and_jobs_may_send_themselves_messages_for_as_long_as_it_takes() -> None:
    assert {one["RecursiveLoop"] for one in FUNCTIONS.values() if "RecursiveLoop" in one} == {"Allow"}
    assert [name for name, one in FUNCTIONS.items() if "RecursiveLoop" in one] == [
        "AdvanceOnboarding",
        "AdvanceRun",
        "BuildExport",
        "ExtractViews",
        "ProveCompleteness",
    ]


@pytest.mark.parametrize("name", MAPPINGS)
def test_a_message_that_failed_comes_back_and_the_others_do_not(name: str) -> None:
    assert MAPPINGS[name]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert MAPPINGS[name]["BatchSize"] == 1  # a slice uses its whole time budget


@pytest.mark.parametrize("stage", [None, *sorted(STAGE_FILES)])
def test_no_worker_outlives_its_lease_and_no_message_comes_back_before(stage: str | None) -> None:
    given = STAGE_FILES[stage] if stage else {}
    assert given.keys() <= template.packaged()["Parameters"].keys()
    parameters = template.values(given)
    budget, lease = int(parameters["SliceSeconds"]), int(parameters["LeaseSeconds"])
    timeout = template.seconds(FUNCTIONS["AdvanceRun"]["Timeout"], parameters)
    for other in ("BuildExport", "ExtractViews", "AdvanceOnboarding", "ProveCompleteness"):
        assert timeout == template.seconds(FUNCTIONS[other]["Timeout"], parameters)
    visibility = template.seconds(QUEUES["RunsQueue"]["VisibilityTimeout"], parameters)
    assert 0 < budget < timeout < lease < visibility


@pytest.mark.parametrize("name", MAPPINGS)
def test_a_message_stays_hidden_while_its_function_may_work(name: str) -> None:
    parameters = template.values({})
    queue = QUEUES[place(MAPPINGS[name]["EventSourceArn"])]
    function = FUNCTIONS[place(MAPPINGS[name]["FunctionName"])]
    visibility = template.seconds(queue["VisibilityTimeout"], parameters)
    assert visibility > template.seconds(function["Timeout"], parameters)


@pytest.mark.parametrize("function", ["WatchRuns", "Watchdog"])
def test_lost_runs_and_what_is_due_are_looked_for_every_minute(function: str) -> None:
    rule = template.properties(f"{function}EveryMinute")
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 minute)", "ENABLED")
    assert [place(one["Arn"]) for one in rule["Targets"]] == [function]
    permission = template.properties(f"{function}EveryMinutePermission")
    assert permission["Principal"] == "events.amazonaws.com"
    assert place(permission["SourceArn"]) == f"{function}EveryMinute"


def test_the_scheduler_may_call_the_function_that_the_app_names() -> None:
    target = template.environment("APIHandler")["SCHEDULE_TARGET_ARN"]
    allowed = [
        one["Resource"]
        for one in template.statements("ScheduleRole")
        if one["Action"] == "lambda:InvokeFunction"
    ]
    assert allowed == [target]
    function_name = FUNCTIONS["StartRun"]["FunctionName"]["Fn::Sub"]
    assert target["Fn::Sub"].endswith(f":function:{function_name}")


def test_secrets_are_generated_and_never_in_the_template() -> None:
    secrets = template.of_type("AWS::SecretsManager::Secret")
    assert secrets.keys() == {"JwtSecret", "KeyPepperSecret"}
    for secret in secrets.values():
        assert "SecretString" not in secret
        assert secret["GenerateSecretString"]["PasswordLength"] >= 32
