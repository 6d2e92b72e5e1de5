"""Item-level access: one principal's credentials reach one principal's items."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from holdfast import errors
from holdfast.principals import TAG, PrincipalClients, PrincipalCredentials, session_policy
from holdfast.resilience import Policy
from holdfast.topology import Key, Region, Table, Topology

ARN = "arn:aws:dynamodb:us-east-1:111122223333:table/orders"


class Sts:
    def __init__(self, now=0.0):
        self.calls, self.now = [], now

    def assume_role(self, **request):
        self.calls.append(request)
        expires = datetime.fromtimestamp(self.now, UTC) + timedelta(seconds=request["DurationSeconds"])
        number = str(len(self.calls))
        return {
            "Credentials": {
                "AccessKeyId": "AK" + number, "SecretAccessKey": "SK" + number, "SessionToken": "T", "Expiration": expires,
            }
        }  # fmt: skip


@pytest.fixture
def sts():
    return Sts()


def credentials(sts, **options):
    return PrincipalCredentials(sts, "arn:aws:iam::111122223333:role/app", [ARN], wall=lambda: sts.now, **options)


def test_the_policy_lets_through_the_principals_own_items_and_nothing_else():
    statement = session_policy("u1", [ARN])["Statement"][0]
    assert statement["Condition"] == {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["u1"]},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }
    assert statement["Resource"] == [ARN]
    assert "dynamodb:Scan" not in statement["Action"], "a scan has no leading key"
    reading = session_policy("u1", [ARN], write=False)["Statement"][0]
    assert not any("Put" in action or "Delete" in action for action in reading["Action"])


def test_a_prefix_ends_at_its_separator():
    condition = session_policy("u1", [ARN], separator="#")["Statement"][0]["Condition"]
    assert condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] == ["u1", "u1#*"]


@pytest.mark.parametrize("principal", ["u*", "u?", "${aws:username}", ""])
def test_a_name_that_would_widen_the_policy_is_refused(sts, principal):
    with pytest.raises(errors.InvalidArgumentError):
        credentials(sts).of(principal)
    assert not sts.calls


def test_credentials_are_tagged_kept_and_renewed_in_time(sts):
    made = credentials(sts)
    first = made.of("u1")
    assert made.of("u1") is first
    assert made.of("u2") is not first
    assert sts.calls[0]["Tags"] == [{"Key": TAG, "Value": "u1"}]
    assert json.loads(sts.calls[0]["Policy"])["Statement"][0]["Sid"] == "OwnItems"
    assert "SK1" not in repr(first)
    sts.now = 3_600 - 299
    assert made.of("u1") is not first
    made.forget("u2")
    made.of("u2")
    assert len(sts.calls) == 4


def test_each_principal_has_a_client_without_shared_caches(sts):
    region = Region(
        name="us-east-1", tables={"orders": Table(name="orders", arn=ARN, partition_key=Key(name="pk"))},
        redis_endpoint="redis://127.0.0.1:1", endpoints={"dynamodb": "http://127.0.0.1:1"},
    )  # fmt: skip
    topology = Topology(stack="t", home_region="us-east-1", regions={"us-east-1": region})
    from holdfast.caching import CachePolicy

    clients = PrincipalClients(credentials(sts), topology, policy=Policy(cache=CachePolicy(), coalesce=True))
    one, two = clients.of("u1"), clients.of("u2")
    assert one is clients.of("u1")
    assert one is not two
    assert type(one.pipeline).__name__ == "SyncPipeline"
    sts.now = 3_500
    assert clients.of("u1") is not one
    clients.close()
