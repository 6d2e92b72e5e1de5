import pytest

from sandbox.codec import UNKNOWN, Secret
from sandbox.provider.checking import constraints
from sandbox.provider.sdk import catalogue

AWS = catalogue("aws")
TABLE = "aws:dynamodb/table:Table"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def reasons(token, inputs):
    return [failure.reason for failure in constraints.check(AWS.find(token), inputs)]


@pytest.mark.parametrize(
    ("token", "inputs", "reason"),
    [
        (TABLE, {"name": "a b"}, "'name' must match [a-zA-Z0-9_.-]+; got 'a b'"),
        (TABLE, {"name": "ab"}, "'name' must have at least 3 characters; got 2"),
        (TABLE, {"billingMode": "FREE"}, "'billingMode' must be one of 'PROVISIONED', 'PAY_PER_REQUEST'; got 'FREE'"),
        (
            TABLE,
            {"attributes": [{"name": "a", "type": "S"}, {"name": "b", "type": "X"}]},
            "'attributes[1].type' must be one of 'S', 'N', 'B'; got 'X'",
        ),
        (
            TABLE,
            {"pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 36}},
            "'pointInTimeRecovery.recoveryPeriodInDays' must be at most 35; got 36",
        ),
        (ALARM, {"evaluationPeriods": 0}, "'evaluationPeriods' must be at least 1; got 0"),
        (
            ALARM,
            {"statistic": "Mean"},
            "'statistic' must be one of 'SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'; got 'Mean'",
        ),
        ("aws:iam/role:Role", {"name": "x" * 65}, "'name' must have at most 64 characters; got 65"),
        ("aws:kms/key:Key", {"rotationPeriodInDays": 30}, "'rotationPeriodInDays' must be at least 90; got 30"),
        ("aws:kms/alias:Alias", {"name": "app-key"}, "'name' must match ^alias/[a-zA-Z0-9/_-]+$; got 'app-key'"),
        (
            "aws:eks/nodeGroup:NodeGroup",
            {"taints": [{"key": "a", "effect": "NoSchedule"}]},
            "'taints[0].effect' must be one of 'NO_SCHEDULE', 'NO_EXECUTE', 'PREFER_NO_SCHEDULE'; got 'NoSchedule'",
        ),
        (
            "aws:eks/cluster:Cluster",
            {"accessConfig": {"authenticationMode": "X"}},
            "'accessConfig.authenticationMode' must be one of 'API', 'API_AND_CONFIG_MAP', 'CONFIG_MAP'; got 'X'",
        ),
        ("aws:sqs/queue:Queue", {"delaySeconds": 901}, "'delaySeconds' must be at most 900; got 901"),
        (
            "aws:route53/healthCheck:HealthCheck",
            {"requestInterval": 60},
            "'requestInterval' must be one of 10, 30; got 60",
        ),
    ],
)
def test_what_the_service_would_refuse_is_refused_with_path_and_constraint(token, inputs, reason):
    assert reasons(token, inputs) == [reason]


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        (TABLE, {"name": "Orders_1.a-b", "billingMode": "PAY_PER_REQUEST", "streamViewType": "NEW_AND_OLD_IMAGES"}),
        (TABLE, {"name": UNKNOWN, "billingMode": UNKNOWN, "attributes": [UNKNOWN]}),
        (ALARM, {"comparisonOperator": "GreaterThanThreshold", "period": 60, "datapointsToAlarm": 2}),
        ("aws:iam/role:Role", {"name": "app", "assumeRolePolicy": '{"Version": "2012-10-17"}', "path": "/a/"}),
        ("aws:cloudwatch/logGroup:LogGroup", {"retentionInDays": 90}),
        ("aws:kinesis/stream:Stream", {"name": "x"}),
        ("aws:dynamodb/resourcePolicy:ResourcePolicy", {"policy": "{}", "resourceArn": "arn"}),
    ],
)
def test_what_the_service_takes_is_taken(token, inputs):
    assert reasons(token, inputs) == []


def test_a_secret_value_is_never_shown():
    [reason] = reasons("aws:iam/role:Role", {"name": Secret("has space" * 3)})
    assert "space" not in reason
    assert reason.endswith("got a secret value")


def test_a_wrong_type_is_told_once(aws, urn):
    _, failures = aws.check(urn(TABLE), {}, {"name": "orders", "billingMode": [], "attributes": "x"})
    assert sorted(failure.property for failure in failures) == ["attributes", "billingMode"]


def test_rules_are_kept_between_runs(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(constraints, "_rules", {})
    info = AWS.find("aws:sns/topic:Topic")
    made = constraints.rules_of(info)
    monkeypatch.setattr(constraints, "_rules", {})
    monkeypatch.setattr(constraints, "_made", lambda _info: pytest.fail("made again"))
    assert constraints.rules_of(info) == made


def test_a_spoilt_cache_is_made_anew(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    info = AWS.find("aws:kms/key:Key")
    file = constraints._file(info.token)
    file.parent.mkdir(parents=True)
    for text in ("not json", '{"format": 0, "rules": {}}', "[]"):
        file.write_text(text)
        monkeypatch.setattr(constraints, "_rules", {})
        assert "keyUsage" in constraints.rules_of(info)


def test_a_cache_that_cannot_be_written_is_no_fault(monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    monkeypatch.setattr(constraints, "_rules", {})
    assert "keyUsage" in constraints.rules_of(AWS.find("aws:kms/key:Key"))


@pytest.mark.slow
@pytest.mark.parametrize("token", AWS.tokens())
def test_rules_of_every_type_can_be_made(token):
    assert isinstance(constraints.rules_of(AWS.find(token)), dict)
