"""The layers in a cloud: what each one makes does there what it was made for.

One stack and one deployment for all of them, so one test: it goes through the layers in turn.
"""

from __future__ import annotations

import json
import time

import pytest
import redis
from botocore.exceptions import ClientError

pytestmark = pytest.mark.sandbox

REGION = "us-east-1"
QUEUE = "arn:aws:sqs:us-east-1:111122223333:oncall"


@pytest.fixture
def layered(shop):
    """One region with a network, item roles, tables, a cache, alarms and backups; small, but nothing left out."""
    shop["holdfast:regions"].pop()
    tables = shop["holdfast:data"]["tables"]
    tables["orders"]["indexes"] = {
        "StatusIndex": {
            "partition_key": {"name": "status"},
            "sort_key": {"name": "order_date"},
            "projection": "KEYS_ONLY",
        }
    }
    units = {"initial": 10, "minimum": 5, "maximum": 50}
    tables["sessions"] = {
        "name": "sessions-shop",
        "partition_key": {"name": "session_id"},
        "provisioned": {"read": units, "write": units},
    }
    shop["holdfast:data"]["backup"] = {"copy_region": "us-west-2", "export": None}
    attributes = ["customer_id", "order_id", "total"]
    shop["holdfast:security"]["item_access"] = {
        "customer": {"table": "orders", "session_tag": "customer_id", "attributes": attributes}
    }
    shop["holdfast:network"] = {"nat": "none", "interface_endpoints": ["kms"]}
    shop["holdfast:cache"] = {"redis": {"shards": 3, "replicas_per_shard": 1}}
    shop["holdfast:monitoring"] = {"subscriptions": {"p2": [{"protocol": "sqs", "endpoint": QUEUE}]}}
    return shop


def test_every_layer_does_what_it_is_for(estate, layered):
    queue = estate.aws("sqs", REGION).create_queue(QueueName="oncall")["QueueUrl"]
    outcome = estate.up(layered)
    network(estate)
    tables(estate)
    backup(estate)
    cache(outcome, estate)
    alarms(estate, queue)
    items(estate)


def network(estate):
    """Every route table leads to DynamoDB by its endpoint; nothing leads out of a VPC without NAT."""
    ec2 = estate.aws("ec2", REGION)
    (vpc,) = [one for one in ec2.describe_vpcs()["Vpcs"] if one["CidrBlock"] == "10.10.0.0/16"]
    mine = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    endpoints = {one["ServiceName"]: one for one in ec2.describe_vpc_endpoints(Filters=mine)["VpcEndpoints"]}
    gateway = endpoints[f"com.amazonaws.{REGION}.dynamodb"]
    assigned = [
        table
        for table in ec2.describe_route_tables(Filters=mine)["RouteTables"]
        if any(not association.get("Main") for association in table["Associations"])
    ]
    assert len(assigned) >= 2
    assert {table["RouteTableId"] for table in assigned} <= set(gateway["RouteTableIds"])
    allowed = json.loads(gateway["PolicyDocument"])["Statement"][0]["Resource"]
    assert f"arn:aws:dynamodb:{REGION}:111122223333:table/orders-shop" in allowed
    assert not [
        route
        for table in assigned
        for route in table["Routes"]
        if route.get("NatGatewayId") and route["DestinationCidrBlock"] == "0.0.0.0/0"
    ]
    (default,) = ec2.describe_security_groups(Filters=[*mine, {"Name": "group-name", "Values": ["default"]}])[
        "SecurityGroups"
    ]
    assert default["IpPermissions"] == default["IpPermissionsEgress"] == []


def tables(estate):
    """Keys, index, expiry, recovery and key of a table; autoscaling of the provisioned one."""
    dynamodb = estate.aws("dynamodb", REGION)
    orders = dynamodb.describe_table(TableName="orders-shop")["Table"]
    assert [key["AttributeName"] for key in orders["KeySchema"]] == ["customer_id", "order_id"]
    assert orders["GlobalSecondaryIndexes"][0]["Projection"]["ProjectionType"] == "KEYS_ONLY"
    assert orders["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    ttl = dynamodb.describe_time_to_live(TableName="orders-shop")["TimeToLiveDescription"]
    assert (ttl["AttributeName"], ttl["TimeToLiveStatus"]) == ("expires_at", "ENABLED")
    dynamodb.put_item(
        TableName="orders-shop",
        Item={name: {"S": name[0] + "1"} for name in ("customer_id", "order_id", "status", "order_date", "total")},
    )
    found = dynamodb.query(
        TableName="orders-shop",
        IndexName="StatusIndex",
        KeyConditionExpression="#s = :s",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":s": {"S": "s1"}},
    )["Items"]
    assert [set(item) for item in found] == [{"customer_id", "order_id", "status", "order_date"}]
    scaling = estate.aws("application-autoscaling", REGION)
    targets = scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
    assert {(one["ResourceId"], one["MinCapacity"], one["MaxCapacity"]) for one in targets} == {
        ("table/sessions-shop", 5, 50)
    }
    policies = scaling.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"]
    assert {one["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] for one in policies} == {70}


def backup(estate):
    """A recovery point in the vault, and the copy's vault in another region under a key of that region."""
    client = estate.aws("backup", REGION)
    plans = client.list_backup_plans()["BackupPlansList"]
    assert [plan["BackupPlanName"] for plan in plans] == ["dynamodb-production-backup"]
    job = client.start_backup_job(
        BackupVaultName="dynamodb-backup-vault",
        ResourceArn=f"arn:aws:dynamodb:{REGION}:111122223333:table/orders-shop",
        IamRoleArn="arn:aws:iam::111122223333:role/aws-backup-dynamodb-role",
    )
    until = time.monotonic() + 60
    while (state := client.describe_backup_job(BackupJobId=job["BackupJobId"])["State"]) != "COMPLETED":
        assert time.monotonic() < until, state
        time.sleep(0.1)
    copies = estate.aws("backup", "us-west-2").describe_backup_vault(BackupVaultName="dynamodb-backup-vault-dr")
    assert ":us-west-2:" in copies["EncryptionKeyArn"]


def cache(outcome, estate):
    """The cluster that the layer describes, run by the sandbox: it answers over TLS with the certificate it names."""
    (group,) = [step.new_inputs for step in outcome.steps if step.type.endswith("replicationGroup:ReplicationGroup")]
    assert group["atRestEncryptionEnabled"]
    assert outcome.outputs["topology"]["regions"][REGION]["redis_endpoint"].startswith("rediss://")
    cluster = estate.sandbox.start_redis(
        REGION,
        shards=int(group["numNodeGroups"]),
        replicas=int(group["replicasPerNodeGroup"]),
        tls=group["transitEncryptionEnabled"],
    )
    port = int(cluster["port"])
    with redis.Redis(port=port, ssl=True, ssl_ca_certs=cluster["ca_file"], socket_timeout=60) as client:
        assert client.ping()


def alarms(estate, queue):
    """A measure on the alarm's own series is above its threshold, and its topic reaches who is subscribed.

    The sandbox's CloudWatch keeps measures and alarms; it does not evaluate them.
    """
    cloudwatch = estate.aws("cloudwatch", REGION)
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=["shop-orders-shop-read-throttles"])["MetricAlarms"]
    now = time.time()
    cloudwatch.put_metric_data(
        Namespace=alarm["Namespace"],
        MetricData=[
            {"MetricName": alarm["MetricName"], "Dimensions": alarm["Dimensions"], "Timestamp": now, "Value": 11}
        ],
    )
    (point,) = cloudwatch.get_metric_statistics(
        Namespace=alarm["Namespace"],
        MetricName=alarm["MetricName"],
        Dimensions=alarm["Dimensions"],
        StartTime=now - 120,
        EndTime=now + 120,
        Period=alarm["Period"],
        Statistics=[alarm["Statistic"]],
    )["Datapoints"]
    assert point[alarm["Statistic"]] > alarm["Threshold"]
    estate.aws("sns", REGION).publish(TopicArn=alarm["AlarmActions"][0], Message="throttled")
    (message,) = estate.aws("sqs", REGION).receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    assert "throttled" in message["Body"]


def items(estate):
    """The role of single items reads its own customer's item, and no other."""
    iam = estate.aws("iam", REGION)
    duty = iam.get_role_policy(RoleName="shop-us-east-1-customer", PolicyName="duty")["PolicyDocument"]
    boundary = iam.get_role(RoleName="shop-us-east-1-customer")["Role"]["PermissionsBoundary"]
    # Its own trust lets the application's pods in alone; the document is what is judged here.
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    iam.create_role(
        RoleName="stand-in",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        PermissionsBoundary=boundary["PermissionsBoundaryArn"],
    )
    iam.put_role_policy(RoleName="stand-in", PolicyName="duty", PolicyDocument=json.dumps(duty))
    estate.sandbox.authorize()
    try:
        session = estate.aws("sts", REGION).assume_role(
            RoleArn="arn:aws:iam::111122223333:role/stand-in",
            RoleSessionName="c1",
            Tags=[{"Key": "customer_id", "Value": "c1"}],
        )["Credentials"]
        dynamodb = estate.aws(
            "dynamodb",
            REGION,
            aws_access_key_id=session["AccessKeyId"],
            aws_secret_access_key=session["SecretAccessKey"],
            aws_session_token=session["SessionToken"],
        )

        def get(customer, *attributes):
            names = {f"#{number}": name for number, name in enumerate(("customer_id", "order_id", *attributes))}
            return dynamodb.get_item(
                TableName="orders-shop",
                Key={"customer_id": {"S": customer}, "order_id": {"S": "o1"}},
                ProjectionExpression=",".join(names),
                ExpressionAttributeNames=names,
            )

        assert get("c1", "total")["Item"]["total"] == {"S": "t1"}
        for customer, attribute in (("c2", "total"), ("c1", "card")):
            with pytest.raises(ClientError, match="AccessDenied"):
                get(customer, attribute)
    finally:
        estate.sandbox.authorize(enabled=False)
