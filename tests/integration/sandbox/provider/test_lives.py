"""Every really created type through its life: created, read without drift, changed by others, updated, deleted."""

import json

import pytest

from sandbox.provider.faults import ProviderError

pytestmark = pytest.mark.sandbox

DENY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "A", "Effect": "Deny", "Principal": "*", "Action": "s3:PutBucketAcl", "Resource": "*"}],
    }
)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        ],
    }
)
ALLOW = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}]}
)
ARN = "arn:aws:sns:us-west-2:111122223333:somewhere"
ROLE = "arn:aws:iam::111122223333:role/somebody"
TAGS = {"a": "b"}

ALONE = [
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "comparisonOperator": "GreaterThanThreshold",
            "evaluationPeriods": 3,
            "metricName": "ThrottledRequests",
            "namespace": "AWS/DynamoDB",
            "period": 60,
            "statistic": "Sum",
            "threshold": 10,
            "dimensions": {"TableName": "x", "Operation": "GetItem"},
            "alarmActions": [ARN],
            "tags": TAGS,
        },
        {"threshold": 20, "tags": {"a": "c"}},
    ),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "name": "by-query",
            "comparisonOperator": "GreaterThanThreshold",
            "evaluationPeriods": 1,
            "threshold": 1,
            "metricQueries": [
                {"id": "e1", "expression": "m1 * 2", "returnData": True},
                {"id": "m1", "metric": {"metricName": "A", "namespace": "B", "period": 60, "stat": "Sum"}},
            ],
        },
        {"threshold": 2},
    ),
    (
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        {"alarmName": "whole", "alarmRule": "ALARM(part) OR FALSE", "alarmActions": [ARN], "tags": TAGS},
        {"alarmRule": 'ALARM("part") AND NOT OK(other)', "tags": {"a": "c"}},
    ),
    (
        "aws:cloudwatch/dashboard:Dashboard",
        {"dashboardName": "d", "dashboardBody": '{"widgets": []}'},
        {"dashboardBody": '{"widgets":[],"start":"-PT1H"}'},
    ),
    ("aws:cloudwatch/eventBus:EventBus", {"name": "bus", "tags": TAGS}, {"tags": {}}),
    (
        "aws:cloudwatch/eventRule:EventRule",
        {"scheduleExpression": "rate(5 minutes)", "tags": TAGS},
        {"scheduleExpression": "rate(1 hour)"},
    ),
    (
        "aws:cloudwatch/logGroup:LogGroup",
        {"name": "/x/y", "retentionInDays": 90, "tags": TAGS},
        {"retentionInDays": 30, "tags": {"c": "d"}},
    ),
    (
        "aws:dynamodb/table:Table",
        {
            "name": "sessions",
            "billingMode": "PROVISIONED",
            "readCapacity": 100,
            "writeCapacity": 50,
            "hashKey": "id",
            "attributes": [{"name": "id", "type": "S"}],
            "tags": TAGS,
        },
        {"readCapacity": 200, "tags": {"a": "c"}},
    ),
    ("aws:ec2/eip:Eip", {"domain": "vpc", "tags": TAGS}, {"tags": {"a": "c"}}),
    (
        "aws:ec2/launchTemplate:LaunchTemplate",
        {
            "blockDeviceMappings": [
                {"deviceName": "/dev/xvda", "ebs": {"encrypted": "true", "volumeSize": 50, "volumeType": "gp3"}}
            ],
            "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1},
            "tagSpecifications": [{"resourceType": "instance", "tags": {"Name": "nodes", "a": "b"}}],
            "tags": TAGS,
        },
        {
            "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"encrypted": "false", "volumeSize": 60}}],
            "metadataOptions": {"httpTokens": "optional", "httpPutResponseHopLimit": 2},
            "tagSpecifications": [{"resourceType": "volume", "tags": {"Name": "disks"}}],
            "tags": {"a": "c"},
        },
    ),
    ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.9.0.0/16", "tags": TAGS}, {"enableDnsHostnames": True, "tags": {"a": "c"}}),
    (
        "aws:ecr/repository:Repository",
        {"name": "orders", "imageScanningConfiguration": {"scanOnPush": True}, "tags": TAGS},
        {"imageTagMutability": "IMMUTABLE"},
    ),
    ("aws:iam/instanceProfile:InstanceProfile", {}, {}),
    (
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        {"url": "https://a.example", "clientIdLists": ["sts"]},
        {"clientIdLists": ["sts", "b"]},
    ),
    ("aws:iam/policy:Policy", {"policy": ALLOW, "tags": TAGS}, {"policy": ALLOW.replace("GetItem", "Query")}),
    (
        "aws:iam/role:Role",
        {"assumeRolePolicy": TRUST, "tags": TAGS},
        {"description": "x", "tags": {"c": "d"}, "maxSessionDuration": 7200},
    ),
    (
        "aws:kms/key:Key",
        {"description": "x", "enableKeyRotation": True, "rotationPeriodInDays": 180, "tags": TAGS},
        {"description": "y", "isEnabled": False, "tags": {"c": "d"}},
    ),
    ("aws:route53/zone:Zone", {"name": "example.com", "tags": TAGS}, {"tags": {"a": "c"}}),
    (
        "aws:route53/healthCheck:HealthCheck",
        {
            "type": "HTTPS",
            "fqdn": "a.example",
            "port": 443,
            "resourcePath": "/h",
            "failureThreshold": 3,
            "requestInterval": 30,
            "tags": TAGS,
        },
        {"failureThreshold": 5},
    ),
    (
        "aws:scheduler/schedule:Schedule",
        {
            "scheduleExpression": "cron(0 5 * * ? *)",
            "flexibleTimeWindow": {"mode": "OFF"},
            "target": {"arn": ARN, "roleArn": ROLE, "input": "{}"},
        },
        {"scheduleExpression": "cron(0 6 * * ? *)"},
    ),
    ("aws:scheduler/scheduleGroup:ScheduleGroup", {"name": "group", "tags": TAGS}, {"tags": {"a": "c"}}),
    ("aws:secretsmanager/secret:Secret", {"name": "s", "recoveryWindowInDays": 0, "tags": TAGS}, {"description": "d"}),
    (
        "aws:sfn/stateMachine:StateMachine",
        {
            "roleArn": ROLE,
            "definition": '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}',
            "tags": TAGS,
            "loggingConfiguration": {
                "level": "ALL",
                "includeExecutionData": True,
                "logDestination": "arn:aws:logs:us-west-2:111122223333:log-group:x:*",
            },
        },
        {"definition": '{"StartAt":"B","States":{"B":{"Type":"Pass","End":true}}}'},
    ),
    ("aws:sns/topic:Topic", {"tags": TAGS, "kmsMasterKeyId": "alias/x"}, {"displayName": "x", "tags": {"a": "c"}}),
    (
        "aws:sqs/queue:Queue",
        {"visibilityTimeoutSeconds": 60, "tags": TAGS},
        {"visibilityTimeoutSeconds": 90, "tags": {}},
    ),
    ("aws:sqs/queue:Queue", {"fifoQueue": True, "contentBasedDeduplication": True}, {"delaySeconds": 5}),
    (
        "aws:ssm/parameter:Parameter",
        {"name": "/a/b", "type": "String", "value": "x", "tags": TAGS},
        {"value": "y", "tags": {"c": "d"}},
    ),
    (
        "aws:backup/plan:Plan",
        {
            "rules": [
                {
                    "ruleName": "daily",
                    "targetVaultName": "Default",
                    "schedule": "cron(0 5 * * ? *)",
                    "lifecycle": {"deleteAfter": 35},
                }
            ],
            "tags": TAGS,
        },
        {"rules": [{"ruleName": "daily", "targetVaultName": "Default", "lifecycle": {"deleteAfter": 40}}]},
    ),
    ("aws:backup/vault:Vault", {"name": "vault", "tags": TAGS}, {"tags": {"a": "c"}}),
    (
        "aws:budgets/budget:Budget",
        {
            "name": "b",
            "budgetType": "COST",
            "timeUnit": "MONTHLY",
            "limitAmount": "100",
            "limitUnit": "USD",
            "notifications": [
                {
                    "comparisonOperator": "GREATER_THAN",
                    "notificationType": "ACTUAL",
                    "threshold": 80,
                    "thresholdType": "PERCENTAGE",
                    "subscriberSnsTopicArns": [ARN],
                }
            ],
        },
        {"limitAmount": "200"},
    ),
    ("aws:apigatewayv2/api:Api", {"protocolType": "HTTP", "tags": TAGS}, {"description": "x"}),
]


@pytest.mark.parametrize(
    ("token", "inputs", "changes"), ALONE, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_life(make, token, inputs, changes):
    resource = make(token, "thing", inputs)
    assert resource.drift() == {}
    if changes:
        assert resource.drift_of(**changes) == set(changes)
        resource.update(**changes)
        assert resource.drift() == {}
        assert resource.outputs.get("tags", {}) == resource.inputs.get("tags", {})
    resource.delete()
    assert not resource.refresh()
    resource.delete()


def changes_show(changes):
    """What others change shows, and nothing else; `changes` are pairs of a resource and what is changed of it."""
    seen = {resource.urn: resource.drift_of(**wanted) for resource, wanted in changes}
    assert seen == {resource.urn: set(wanted) for resource, wanted in changes}


def losses_show(resources):
    """What others delete is gone; last first."""
    for resource in reversed(resources):
        resource.delete()
        assert not resource.refresh(), resource.urn


def test_a_network(make):
    vpc = make("aws:ec2/vpc:Vpc", "vpc", {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True})
    assert vpc.outputs["defaultSecurityGroupId"].startswith("sg-")
    here = {"vpcId": vpc.id, "tags": {"Name": "x"}}
    default = make("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "default", here)
    subnet = make("aws:ec2/subnet:Subnet", "subnet", {**here, "cidrBlock": "10.0.1.0/24"})
    gateway = make("aws:ec2/internetGateway:InternetGateway", "igw", here)
    address = make("aws:ec2/eip:Eip", "eip", {"domain": "vpc"})
    nat = make("aws:ec2/natGateway:NatGateway", "nat", {"allocationId": address.id, "subnetId": subnet.id})
    table = make("aws:ec2/routeTable:RouteTable", "table", here)
    route = make(
        "aws:ec2/route:Route",
        "route",
        {"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway.id},
    )
    association = make(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "association",
        {"routeTableId": table.id, "subnetId": subnet.id},
    )
    acl = make(
        "aws:ec2/networkAcl:NetworkAcl",
        "acl",
        {
            **here,
            "subnetIds": [subnet.id],
            "ingress": [
                {
                    "ruleNo": 100,
                    "protocol": "tcp",
                    "action": "allow",
                    "cidrBlock": "10.0.0.0/8",
                    "fromPort": 443,
                    "toPort": 443,
                }
            ],
        },
    )
    group = make(
        "aws:ec2/securityGroup:SecurityGroup",
        "group",
        {**here, "ingress": [{"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.0.0.0/16"]}]},
    )
    ingress = make(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "ingress",
        {"securityGroupId": group.id, "ipProtocol": "tcp", "fromPort": 80, "toPort": 80, "cidrIpv4": "10.0.0.0/16"},
    )
    legacy = make(
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        "legacy",
        {
            "type": "egress",
            "protocol": "-1",
            "fromPort": 0,
            "toPort": 0,
            "cidrBlocks": ["0.0.0.0/0"],
            "securityGroupId": group.id,
        },
    )
    endpoint = make(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "endpoint",
        {**here, "serviceName": "com.amazonaws.us-west-2.dynamodb", "routeTableIds": [table.id], "policy": ALLOW},
    )
    everything = [default, subnet, gateway, address, nat, table, route, association, acl, ingress, legacy, endpoint]
    assert {resource.urn: resource.drift() for resource in everything} == {resource.urn: {} for resource in everything}
    logs = make("aws:cloudwatch/logGroup:LogGroup", "flow", {})
    flow = make(
        "aws:ec2/flowLog:FlowLog",
        "flow",
        {"vpcId": vpc.id, "trafficType": "ALL", "logDestination": logs.outputs["arn"], "iamRoleArn": ROLE},
    )
    egress = make(
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "egress",
        {"securityGroupId": group.id, "ipProtocol": "tcp", "fromPort": 53, "toPort": 53, "cidrIpv4": "10.0.0.0/16"},
    )
    other = {"tags": {"Name": "y"}}
    changes_show(
        [
            (vpc, {"enableDnsHostnames": False}),
            (default, {"ingress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "self": True}]}),
            (subnet, {"mapPublicIpOnLaunch": True, **other}),
            (gateway, other),
            (address, other),
            (nat, other),
            (table, other),
            (route, {"gatewayId": None, "natGatewayId": nat.id}),
            (acl, {"ingress": []}),
            (ingress, {"toPort": 81}),
            (egress, {"toPort": 54}),
            (endpoint, {"routeTableIds": []}),
            (flow, other),
        ]
    )
    endpoint.update(routeTableIds=[])
    assert endpoint.drift() == {}
    everything = [vpc, subnet, gateway, address, nat, table, route, association, acl, group, ingress, legacy]
    losses_show([*everything, endpoint, flow, egress])


def test_a_bucket_and_its_configuration(make, client):
    logs = make("aws:s3/bucket:Bucket", "logs", {"forceDestroy": True})
    bucket = make("aws:s3/bucket:Bucket", "Bucket", {"tags": TAGS, "forceDestroy": True})
    assert bucket.id.startswith("bucket-")
    parts = {
        "BucketVersioning": {"versioningConfiguration": {"status": "Enabled"}},
        "BucketServerSideEncryptionConfiguration": {
            "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}, "bucketKeyEnabled": True}]
        },
        "BucketPublicAccessBlock": {"blockPublicAcls": True, "restrictPublicBuckets": True},
        "BucketLifecycleConfiguration": {
            "rules": [
                {
                    "id": "x",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"days": 90},
                    "transitions": [{"days": 30, "storageClass": "GLACIER_IR"}],
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                    "noncurrentVersionExpiration": {"noncurrentDays": 30},
                }
            ]
        },
        "BucketLogging": {"targetBucket": logs.id, "targetPrefix": "x/"},
        "BucketPolicy": {"policy": DENY},
        "BucketOwnershipControls": {"rule": {"objectOwnership": "BucketOwnerEnforced"}},
    }
    made = [
        make(f"aws:s3/{name[0].lower()}{name[1:]}:{name}", name, {"bucket": bucket.id, **inputs})
        for name, inputs in parts.items()
    ]
    item = make("aws:s3/bucketObjectv2:BucketObjectv2", "object", {"bucket": bucket.id, "key": "k", "content": "hello"})
    trail = make("aws:cloudtrail/trail:Trail", "trail", {"s3BucketName": bucket.id, "isMultiRegionTrail": True})
    assert {resource.urn: resource.drift() for resource in (bucket, item, trail, *made)} == {
        resource.urn: {} for resource in (bucket, item, trail, *made)
    }
    trail.update(enableLogging=False)
    assert client("cloudtrail").get_trail_status(Name=trail.id)["IsLogging"] is False
    item.update(content="bye")
    assert client("s3").get_object(Bucket=bucket.id, Key="k")["Body"].read() == b"bye"
    rules = [{"id": "x", "status": "Enabled", "filter": {"prefix": ""}, "expiration": {"days": 30}}]
    versioned, encrypted, closed, expiring, logged, allowed, owned = made
    changes_show(
        [
            (bucket, {"tags": {"a": "c"}}),
            (versioned, {"versioningConfiguration": {"status": "Suspended"}}),
            (encrypted, {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]}),
            (closed, {"blockPublicAcls": False}),
            (expiring, {"rules": rules}),
            (logged, {"targetPrefix": "y/"}),
            (allowed, {"policy": DENY.replace("PutBucketAcl", "DeleteBucket")}),
            (owned, {"rule": {"objectOwnership": "ObjectWriter"}}),
            (trail, {"isMultiRegionTrail": False}),
        ]
    )
    assert item.drift_of(content="other") == {"etag"}  # S3 tells no content
    assert "Contents" not in client("s3").list_objects_v2(Bucket=logs.id)  # else its stack could not be taken down
    losses_show([encrypted, closed, expiring, logged, allowed, owned, item, trail])
    losses_show([bucket])


def test_what_a_bucket_holds_may_be_locked(make, client):
    bucket = make("aws:s3/bucket:Bucket", "locked", {"forceDestroy": True, "objectLockEnabled": True})
    versioned = {"bucket": bucket.id, "versioningConfiguration": {"status": "Enabled"}}
    make("aws:s3/bucketVersioning:BucketVersioning", "versioned", versioned)
    rule = {"defaultRetention": {"mode": "GOVERNANCE", "days": 90}}
    lock = make(
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        "lock",
        {"bucket": bucket.id, "rule": rule},
    )
    assert lock.drift() == {}
    changes_show([(lock, {"rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 30}}})])
    lock.update(rule={})
    client("s3").put_object(Bucket=bucket.id, Key="k", Body=b"v")
    lock.update(rule=rule)
    assert lock.drift() == {}
    losses_show([bucket])
    assert not lock.refresh()


def test_replication_is_configured(make):
    buckets = [make("aws:s3/bucket:Bucket", name, {"forceDestroy": True}) for name in ("from", "to")]
    versioned = {"versioningConfiguration": {"status": "Enabled"}}
    for bucket in buckets:
        make("aws:s3/bucketVersioning:BucketVersioning", bucket.id, {"bucket": bucket.id, **versioned})
    rule = {
        "id": "all",
        "status": "Enabled",
        "priority": 0,
        "filter": {"prefix": ""},
        "deleteMarkerReplication": {"status": "Disabled"},
        "destination": {"bucket": f"arn:aws:s3:::{buckets[1].id}", "storageClass": "STANDARD_IA"},
    }
    replication = make(
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "replication",
        {"bucket": buckets[0].id, "role": ROLE, "rules": [rule]},
    )
    assert replication.drift() == {}
    changes_show([(replication, {"rules": [{**rule, "status": "Disabled"}]})])
    losses_show([replication])


def test_keys_replicas_and_aliases(make):
    key = make("aws:kms/key:Key", "key", {"multiRegion": True, "description": "x"}, region="us-east-1")
    replica = make("aws:kms/replicaKey:ReplicaKey", "replica", {"primaryKeyArn": key.outputs["arn"], "tags": TAGS})
    assert replica.outputs["arn"] == key.outputs["arn"].replace("us-east-1", "us-west-2")
    aliases = [
        make("aws:kms/alias:Alias", "home", {"name": "alias/app-key", "targetKeyId": key.outputs["arn"]}, "us-east-1"),
        make("aws:kms/alias:Alias", "there", {"name": "alias/app-key", "targetKeyId": replica.outputs["arn"]}),
    ]
    rule = json.dumps({**json.loads(DENY), "Statement": [{**json.loads(DENY)["Statement"][0], "Action": "kms:Tag*"}]})
    second = make("aws:kms/key:Key", "second", {}, region="us-east-1")
    policy = make("aws:kms/keyPolicy:KeyPolicy", "policy", {"keyId": second.id, "policy": rule}, region="us-east-1")
    assert [resource.drift() for resource in (key, replica, policy, *aliases)] == [{}] * 5
    changes_show(
        [
            (key, {"description": "y"}),
            (replica, {"tags": {"a": "c"}}),
            (policy, {"policy": rule.replace("Tag", "Untag")}),
            (aliases[0], {"targetKeyId": second.outputs["arn"]}),
        ]
    )
    losses_show([*aliases, key])


def test_a_global_table(make):
    table = make(
        "aws:dynamodb/table:Table",
        "orders",
        {
            "name": "orders",
            "billingMode": "PAY_PER_REQUEST",
            "hashKey": "customer_id",
            "rangeKey": "order_id",
            "attributes": [{"name": name, "type": "S"} for name in ("customer_id", "order_id", "status")],
            "globalSecondaryIndexes": [
                {
                    "name": "StatusIndex",
                    "keySchemas": [{"attributeName": "status", "keyType": "HASH"}],
                    "projectionType": "KEYS_ONLY",
                }
            ],
            "streamEnabled": True,
            "streamViewType": "NEW_AND_OLD_IMAGES",
            "pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 35},
            "ttl": {"enabled": True, "attributeName": "expires_at"},
            "deletionProtectionEnabled": True,
            "tags": TAGS,
        },
        region="us-east-1",
    )
    replica = make(
        "aws:dynamodb/tableReplica:TableReplica",
        "orders",
        {
            "globalTableArn": table.outputs["arn"],
            "pointInTimeRecovery": True,
            "deletionProtectionEnabled": True,
            "tags": {"c": "d"},
        },
    )
    insights = make("aws:dynamodb/contributorInsights:ContributorInsights", "insights", {"tableName": "orders"})
    item = make(
        "aws:dynamodb/tableItem:TableItem",
        "item",
        {
            "tableName": "orders",
            "hashKey": "customer_id",
            "rangeKey": "order_id",
            "item": json.dumps({"customer_id": {"S": "a"}, "order_id": {"S": "b"}}),
        },
        region="us-east-1",
    )
    assert table.outputs["streamArn"].startswith(table.outputs["arn"] + "/stream/")
    assert replica.id == "orders:us-east-1"
    assert replica.outputs["arn"] == "arn:aws:dynamodb:us-west-2:111122223333:table/orders"
    allow = {
        **json.loads(ALLOW)["Statement"][0],
        "Principal": {"AWS": "111122223333"},
        "Resource": table.outputs["arn"],
    }
    rights = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    policy = make(
        "aws:dynamodb/resourcePolicy:ResourcePolicy",
        "policy",
        {"resourceArn": table.outputs["arn"], "policy": rights},
        region="us-east-1",
    )
    everything = (table, replica, insights, item, policy)
    assert [resource.drift() for resource in everything] == [{}] * 5
    replica.update(pointInTimeRecovery=False, tags={"e": "f"})
    table.update(globalSecondaryIndexes=[], attributes=table.inputs["attributes"][:2])
    assert [resource.drift() for resource in (table, replica)] == [{}, {}]
    changes_show(
        [
            (table, {"ttl": {"enabled": False, "attributeName": "expires_at"}, "tags": {"a": "c"}}),
            (replica, {"pointInTimeRecovery": True}),
            (item, {"item": json.dumps({"customer_id": {"S": "a"}, "order_id": {"S": "b"}, "n": {"N": "1"}})}),
            (policy, {"policy": rights.replace("GetItem", "Query")}),
        ]
    )
    losses_show([insights, item, policy])


def test_what_messages_go_through(make):
    queue = make("aws:sqs/queue:Queue", "queue", {})
    topic = make("aws:sns/topic:Topic", "topic", {})
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}],
        }
    )
    made = [
        make("aws:sqs/queuePolicy:QueuePolicy", "policy", {"queueUrl": queue.id, "policy": policy}),
        make("aws:sns/topicPolicy:TopicPolicy", "policy", {"arn": topic.id, "policy": policy}),
        make(
            "aws:sns/topicSubscription:TopicSubscription",
            "to-queue",
            {"topic": topic.id, "protocol": "sqs", "endpoint": queue.outputs["arn"], "rawMessageDelivery": True},
        ),
    ]
    rule = make("aws:cloudwatch/eventRule:EventRule", "rule", {"eventPattern": '{"source": ["aws.health"]}'})
    made.append(
        make(
            "aws:cloudwatch/eventTarget:EventTarget",
            "target",
            {"rule": rule.id, "arn": topic.id, "deadLetterConfig": {"arn": queue.outputs["arn"]}},
        )
    )
    assert [resource.drift() for resource in made] == [{}] * 4
    to_queue, to_topic, subscription, target = made
    changes_show(
        [
            (to_queue, {"policy": policy.replace("SendMessage", "ReceiveMessage")}),
            (to_topic, {"policy": policy.replace("SendMessage", "ReceiveMessage")}),
            (subscription, {"rawMessageDelivery": False}),
            (target, {"arn": queue.outputs["arn"]}),
        ]
    )
    losses_show([queue, topic, rule, target, subscription, to_queue])


def test_what_answers_requests(make):
    from sandbox.codec import Archive, Asset

    role = make("aws:iam/role:Role", "role", {"assumeRolePolicy": TRUST})
    inline = make("aws:iam/rolePolicy:RolePolicy", "inline", {"role": role.id, "policy": ALLOW})
    managed = make("aws:iam/policy:Policy", "managed", {"policy": ALLOW})
    attached = make(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "attached", {"role": role.id, "policyArn": managed.id}
    )
    code = Archive(assets={"index.py": Asset(text="def handler(event, context): return 1", hash="a")}, hash="b")
    function = make(
        "aws:lambda/function:Function",
        "function",
        {
            "role": role.outputs["arn"],
            "handler": "index.handler",
            "runtime": "python3.12",
            "code": code,
            "environment": {"variables": {"A": "b"}},
        },
    )
    permission = make(
        "aws:lambda/permission:Permission",
        "permission",
        {"action": "lambda:InvokeFunction", "function": function.id, "principal": "apigateway.amazonaws.com"},
    )
    live = make(
        "aws:lambda/alias:Alias", "live", {"name": "live", "functionName": function.id, "functionVersion": "$LATEST"}
    )
    api = make("aws:apigatewayv2/api:Api", "api", {"protocolType": "HTTP"})
    integration = make(
        "aws:apigatewayv2/integration:Integration",
        "integration",
        {
            "apiId": api.id,
            "integrationType": "AWS_PROXY",
            "integrationUri": function.outputs["arn"],
            "payloadFormatVersion": "2.0",
        },
    )
    route = make(
        "aws:apigatewayv2/route:Route",
        "route",
        {"apiId": api.id, "routeKey": "GET /orders", "target": f"integrations/{integration.id}"},
    )
    stage = make("aws:apigatewayv2/stage:Stage", "stage", {"apiId": api.id, "name": "$default", "autoDeploy": True})
    everything = [role, inline, managed, attached, function, permission, live, api, integration, route, stage]
    assert [resource.drift() for resource in everything] == [{}] * len(everything)
    changes_show(
        [
            (role, {"maxSessionDuration": 7200}),
            (inline, {"policy": ALLOW.replace("GetItem", "Query")}),
            (managed, {"policy": ALLOW.replace("GetItem", "Query")}),
            (function, {"memorySize": 512}),
            (live, {"description": "x"}),
            (integration, {"payloadFormatVersion": "1.0"}),
            (route, {"routeKey": "GET /other"}),
            (stage, {"autoDeploy": False}),
        ]
    )
    function.update(memorySize=512, timeout=10)
    assert function.drift() == {}
    losses_show([role, attached, inline, function, permission, live, api, integration, route, stage])


def test_a_rest_api(make, client):
    uri = (
        "arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/arn:aws:lambda:us-west-2:111122223333:function:f"
    )
    get = {"x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST", "uri": f"{uri}/invocations"}}
    document = {"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {"/orders/{id}": {"get": get}}}
    api = make(
        "aws:apigateway/restApi:RestApi",
        "api",
        {
            "name": "orders",
            "description": "w",
            "body": json.dumps(document),
            "endpointConfiguration": {"types": "REGIONAL"},
            "disableExecuteApiEndpoint": True,
            "minimumCompressionSize": "1024",
            "binaryMediaTypes": ["image/png"],
            "tags": TAGS,
        },
    )

    def paths():
        found = client("apigateway").get_resources(restApiId=api.id)["items"]
        return {item["path"] for item in found if item.get("resourceMethods")}

    assert paths() == {"/orders/{id}"}
    assert api.outputs["executionArn"] == f"arn:aws:execute-api:us-west-2:111122223333:{api.id}"
    root = api.outputs["rootResourceId"]
    deployment = make("aws:apigateway/deployment:Deployment", "one", {"restApi": api.id, "triggers": {"body": "1"}})
    second = make("aws:apigateway/deployment:Deployment", "two", {"restApi": api.id, "description": "x"})
    logs = {"destinationArn": "arn:aws:logs:us-west-2:111122223333:log-group:x", "format": "$context.requestId"}
    stage = make(
        "aws:apigateway/stage:Stage",
        "stage",
        {
            "restApi": api.id,
            "deployment": deployment.id,
            "stageName": "live",
            "xrayTracingEnabled": True,
            "accessLogSettings": logs,
            "variables": {"a": "b", "c": "d"},
            "tags": TAGS,
        },
    )
    assert stage.outputs["invokeUrl"] == f"https://{api.id}.execute-api.us-west-2.amazonaws.com/live"
    on_stage = {"restApi": api.id, "stageName": "live"}
    limits = {"metricsEnabled": True, "loggingLevel": "ERROR", "throttlingRateLimit": 50, "throttlingBurstLimit": 100}
    settings = [
        make(
            "aws:apigateway/methodSettings:MethodSettings",
            path,
            {**on_stage, "methodPath": path, "settings": {**limits, "dataTraceEnabled": False}},
        )
        for path in ("*/*", "orders~1{id}/GET")
    ]
    certificate = "arn:aws:acm:us-west-2:111122223333:certificate/12345678-0000-4000-8000-123456789012"
    domain = make(
        "aws:apigateway/domainName:DomainName",
        "domain",
        {
            "domainName": "*.api.example.com",
            "regionalCertificateArn": certificate,
            "securityPolicy": "TLS_1_0",
            "endpointConfiguration": {"types": "REGIONAL"},
            "tags": TAGS,
        },
    )
    assert domain.outputs["regionalDomainName"].endswith(".execute-api.us-west-2.amazonaws.com")
    where = {"domainName": domain.id, **on_stage}
    mapping = make("aws:apigateway/basePathMapping:BasePathMapping", "root", where)
    orders = make("aws:apigateway/basePathMapping:BasePathMapping", "orders", {**where, "basePath": "orders"})
    account = make("aws:apigateway/account:Account", "account", {"cloudwatchRoleArn": ROLE})
    everything = [api, deployment, second, stage, *settings, domain, mapping, orders, account]
    assert [resource.drift() for resource in everything] == [{}] * len(everything)
    changed = {
        "name": "other",
        "description": "x",
        "disableExecuteApiEndpoint": False,
        "minimumCompressionSize": "2048",
        "binaryMediaTypes": ["image/jpeg"],
        "endpointConfiguration": {"types": "EDGE"},
        "tags": {"a": "c"},
    }
    elsewhere = {
        "deployment": second.id,
        "xrayTracingEnabled": False,
        "accessLogSettings": {**logs, "format": "$context.status"},
        "variables": {"a": "x"},
        "tags": {},
    }
    changes_show(
        [
            (api, changed),
            (second, {"description": "y"}),
            (stage, elsewhere),
            (settings[1], {"settings": {**limits, "dataTraceEnabled": False, "throttlingRateLimit": 10}}),
            (domain, {"securityPolicy": "TLS_1_2", "tags": {"a": "c"}}),
            (mapping, {"stageName": None}),
            (account, {"cloudwatchRoleArn": f"{ROLE}-else"}),
        ]
    )
    api.update(**changed, body=json.dumps({**document, "paths": {"/": {"get": get}, "/carts": {"post": get}}}))
    assert api.drift() == {}
    assert paths() == {"/", "/carts"}
    assert api.outputs["rootResourceId"] == root
    stage.update(**{**elsewhere, "accessLogSettings": None})
    assert stage.drift() == {}
    with pytest.raises(ProviderError, match="Active stages"):
        second.delete()
    losses_show([api, domain, mapping, second, deployment, stage, *settings, orders])
    account.delete()
    assert account.drift_of() == {"cloudwatchRoleArn"}


def test_who_may_call_a_rest_api(make):
    api = make("aws:apigateway/restApi:RestApi", "called", {})
    uri = (
        "arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/arn:aws:lambda:us-west-2:111122223333:function:f"
    )
    authorizer = make(
        "aws:apigateway/authorizer:Authorizer",
        "tokens",
        {"restApi": api.id, "authorizerUri": f"{uri}/invocations", "authorizerResultTtlInSeconds": 60},
    )
    validator = make(
        "aws:apigateway/requestValidator:RequestValidator", "body", {"restApi": api.id, "validateRequestBody": True}
    )
    key = make("aws:apigateway/apiKey:ApiKey", "key", {"description": "w", "tags": TAGS})
    throttle = {"burstLimit": 10, "rateLimit": 5}
    plan = make(
        "aws:apigateway/usagePlan:UsagePlan",
        "plan",
        {"throttleSettings": throttle, "quotaSettings": {"limit": 100, "period": "DAY"}, "tags": TAGS},
    )
    member = make(
        "aws:apigateway/usagePlanKey:UsagePlanKey",
        "member",
        {"usagePlanId": plan.id, "keyId": key.id, "keyType": "API_KEY"},
    )
    everything = [authorizer, validator, key, plan, member]
    assert [resource.drift() for resource in everything] == [{}] * len(everything)
    changes_show(
        [
            (authorizer, {"authorizerResultTtlInSeconds": 0, "name": "other"}),
            (validator, {"validateRequestBody": False}),
            (key, {"enabled": False, "description": "x", "tags": {"a": "c"}}),
            (plan, {"throttleSettings": {**throttle, "rateLimit": 7}, "tags": {}}),
        ]
    )
    losses_show([plan, key, validator, authorizer])
    assert not member.refresh()


def test_what_a_function_is_fed_by_and_stands_on(make, client):
    from sandbox.codec import Archive, Asset

    code = Archive(assets={"index.py": Asset(text="def handler(event, context): return 1", hash="a")}, hash="b")
    layers = [
        make(
            "aws:lambda/layerVersion:LayerVersion",
            f"v{number}",
            {
                "layerName": "dependencies",
                "code": code,
                "description": f"version {number}",
                "compatibleRuntimes": ["python3.12"],
                "compatibleArchitectures": ["arm64"],
            },
        )
        for number in (1, 2)
    ]
    assert [layer.outputs["version"] for layer in layers] == ["1", "2"]
    assert layers[0].outputs["layerArn"] == "arn:aws:lambda:us-west-2:111122223333:layer:dependencies"
    found = client("lambda").get_layer_version(LayerName="dependencies", VersionNumber=2)
    assert found["Description"] == "version 2"
    queue = make("aws:sqs/queue:Queue", "source", {})
    role = make("aws:iam/role:Role", "role", {"assumeRolePolicy": TRUST})
    names = {"role": role.outputs["arn"], "handler": "index.handler", "runtime": "python3.12", "code": code}
    function = make("aws:lambda/function:Function", "fed", names)
    fed = make(
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        "fed",
        {
            "eventSourceArn": queue.outputs["arn"],
            "functionName": function.id,
            "batchSize": 5,
            "maximumBatchingWindowInSeconds": 1,
            "functionResponseTypes": ["ReportBatchItemFailures"],
            "filterCriteria": {"filters": [{"pattern": '{"body": {"kind": ["order"]}}'}]},
            "scalingConfig": {"maximumConcurrency": 2},
        },
    )
    assert fed.outputs["functionArn"] == function.outputs["arn"]
    assert [resource.drift() for resource in (*layers, fed)] == [{}] * 3
    other = make("aws:lambda/function:Function", "other", names)
    changes_show([(fed, {"batchSize": 10, "enabled": False, "functionName": other.id})])
    fed.update(batchSize=10, enabled=False, functionName=other.id)
    assert fed.drift() == {}
    client("lambda").delete_event_source_mapping(UUID=fed.id)
    assert not fed.refresh()
    losses_show([fed, layers[0]])
    assert layers[1].drift() == {}


def test_a_secret_with_replicas_is_deleted_everywhere(make):
    inputs = {"name": "cursor-key", "recoveryWindowInDays": 0, "replicas": [{"region": "us-west-2"}]}
    secret = make("aws:secretsmanager/secret:Secret", "secret", inputs, region="us-east-1")
    assert secret.drift() == {}
    secret.update(replicas=[])
    secret.update(replicas=[{"region": "us-west-2"}])
    secret.delete()
    assert not secret.refresh()


def test_what_hangs_on_something_else(make):
    zone = make("aws:route53/zone:Zone", "zone", {"name": "example.org"})
    record = make(
        "aws:route53/record:Record",
        "record",
        {
            "zoneId": zone.id,
            "name": "www.example.org",
            "type": "A",
            "ttl": 20,
            "records": ["192.0.2.1"],
            "setIdentifier": "a",
            "latencyRoutingPolicies": [{"region": "us-east-1"}],
        },
    )
    secret = make("aws:secretsmanager/secret:Secret", "secret", {"recoveryWindowInDays": 0})
    version = make(
        "aws:secretsmanager/secretVersion:SecretVersion", "version", {"secretId": secret.id, "secretString": "x"}
    )
    vault = make("aws:backup/vault:Vault", "vault", {})
    lock = make(
        "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
        "lock",
        {"backupVaultName": vault.id, "minRetentionDays": 7},
    )
    repository = make("aws:ecr/repository:Repository", "repository", {"forceDelete": True})
    expiry = json.dumps(
        {
            "rules": [
                {
                    "rulePriority": 1,
                    "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 5},
                    "action": {"type": "expire"},
                }
            ]
        }
    )
    lifecycle = make(
        "aws:ecr/lifecyclePolicy:LifecyclePolicy", "expiry", {"repository": repository.id, "policy": expiry}
    )
    make(
        "aws:dynamodb/table:Table",
        "scaled",
        {
            "name": "scaled",
            "readCapacity": 5,
            "writeCapacity": 5,
            "hashKey": "id",
            "attributes": [{"name": "id", "type": "S"}],
        },
    )
    what = {
        "serviceNamespace": "dynamodb",
        "resourceId": "table/scaled",
        "scalableDimension": "dynamodb:table:ReadCapacityUnits",
    }
    target = make("aws:appautoscaling/target:Target", "target", {**what, "minCapacity": 5, "maxCapacity": 100})
    policy = make(
        "aws:appautoscaling/policy:Policy",
        "policy",
        {
            **what,
            "policyType": "TargetTrackingScaling",
            "targetTrackingScalingPolicyConfiguration": {
                "targetValue": 70,
                "predefinedMetricSpecification": {"predefinedMetricType": "DynamoDBReadCapacityUtilization"},
            },
        },
    )
    other = {**what, "scalableDimension": "dynamodb:table:WriteCapacityUnits"}
    make("aws:appautoscaling/target:Target", "write", {**other, "minCapacity": 5, "maxCapacity": 50})
    writes = {"predefinedMetricType": "DynamoDBWriteCapacityUtilization"}
    tracking = {"targetValue": 60, "predefinedMetricSpecification": writes}
    make(
        "aws:appautoscaling/policy:Policy",
        "write",
        {**other, "policyType": "TargetTrackingScaling", "targetTrackingScalingPolicyConfiguration": tracking},
    )
    everything = [record, version, lock, lifecycle, target, policy]
    assert [resource.drift() for resource in everything] == [{}] * len(everything)
    changes_show(
        [
            (record, {"ttl": 60, "records": ["192.0.2.2"]}),
            (target, {"maxCapacity": 200}),
            (policy, {"targetTrackingScalingPolicyConfiguration": {**tracking, "targetValue": 50}}),
        ]
    )
    record.update(ttl=60, records=["192.0.2.2"])
    target.update(maxCapacity=200)
    assert [record.drift(), target.drift()] == [{}, {}]
    record.update(type="CNAME", records=["a.example"], setIdentifier="b")
    assert record.drift() == {}
    losses_show([zone, record, repository, lifecycle, target, policy, lock])


def test_versions_of_a_launch_template(make, client):
    """A change of what instances start from is another version, which a preview does not know yet; a tag is none."""
    disk = {"deviceName": "/dev/xvda", "ebs": {"encrypted": "true", "volumeSize": 50}}
    inputs = {"name": "nodes", "updateDefaultVersion": True, "blockDeviceMappings": [disk], "tags": TAGS}
    template = make("aws:ec2/launchTemplate:LaunchTemplate", "nodes", inputs)
    assert template.id.startswith("lt-")
    assert (template.outputs["latestVersion"], template.outputs["defaultVersion"]) == (1, 1)
    assert template.outputs["arn"] == f"arn:aws:ec2:us-west-2:111122223333:launch-template/{template.id}"
    larger = [{**disk, "ebs": {**disk["ebs"], "volumeSize": 60}}]
    previewed = template.provider.update(
        template.urn,
        template.id,
        template.outputs,
        template.inputs,
        {**template.inputs, "blockDeviceMappings": larger},
        preview=True,
    )
    assert not {"latestVersion", "defaultVersion"} & previewed.keys()
    template.update(blockDeviceMappings=larger)
    assert (template.outputs["latestVersion"], template.outputs["defaultVersion"]) == (2, 2)
    template.update(tags={"a": "c"})
    assert template.outputs["latestVersion"] == 2
    versions = client("ec2").describe_launch_template_versions(LaunchTemplateId=template.id)["LaunchTemplateVersions"]
    disks = [version["LaunchTemplateData"]["BlockDeviceMappings"][0]["Ebs"] for version in versions]
    assert [(one["Encrypted"], one["VolumeSize"]) for one in disks] == [(True, 50), (True, 60)]
    assert template.drift() == {}
