import datetime as dt

import boto3
import pytest

from sandbox.provider.aws.botoshape import bare, from_api, record_of, to_api
from sandbox.provider.sdk import Shape, catalogue


def input_of(service, operation):
    client = boto3.client(service, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    return client.meta.service_model.operation_model(operation).input_shape


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("subnetIds", "SubnetIds"),
        ("rules", "Rule"),
        ("policies", "Policy"),
        ("kmsKeyId", "KMSKeyId"),
        ("class", "Class"),
    ],
)
def test_names_are_compared_without_case_and_number(one, other):
    assert bare(one) == bare(other)


def test_properties_become_a_request():
    shape = input_of("scheduler", "CreateSchedule")
    request = to_api(
        {
            "name": "x",
            "flexibleTimeWindow": {"mode": "OFF"},
            "target": {"arn": "a", "roleArn": "r", "retryPolicy": {"maximumRetryAttempts": "3"}},
            "somethingElse": 1,
        },
        shape,
        {},
    )
    assert request == {
        "Name": "x",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": "a", "RoleArn": "r", "RetryPolicy": {"MaximumRetryAttempts": 3}},
    }


def test_a_single_block_becomes_the_list_that_the_api_wants():
    shape = input_of("ecr", "CreateRepository").members["tags"]
    assert to_api({"key": "a", "value": "b"}, shape, {}) == [{"Key": "a", "Value": "b"}]


def test_renames_win():
    shape = input_of("cloudwatch", "PutMetricAlarm")
    assert to_api({"name": "x"}, shape, {"name": "AlarmName"}) == {"AlarmName": "x"}
    assert to_api({"name": "x"}, shape, {"name": "-"}) == {}


def test_an_answer_becomes_properties():
    fields = catalogue("aws").find("aws:scheduler/schedule:Schedule").inputs
    found = record_of(
        {
            "Name": "x",
            "Target": {"Arn": "a", "DeadLetterConfig": {"Arn": "d"}, "New": 1},
            "StartDate": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        },
        fields,
        {},
    )
    assert found == {
        "name": "x",
        "target": {"arn": "a", "deadLetterConfig": {"arn": "d"}},
        "startDate": "2026-01-01T00:00:00+00:00",
    }


def test_documents_become_text():
    assert from_api({"a": 1}, Shape("string"), {}) == '{"a": 1}'
