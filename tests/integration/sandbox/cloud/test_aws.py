"""What moto answers wrongly and the stacks lean on is right here, and exports reach their bucket."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.patience import until

pytestmark = pytest.mark.sandbox

Clients = Callable[..., Any]


def test_a_replica_key_has_a_life_of_its_own(client: Clients) -> None:
    home, west = client("kms"), client("kms", "us-west-2")
    primary = home.create_key(MultiRegion=True, Tags=[{"TagKey": "of", "TagValue": "home"}])["KeyMetadata"]
    made = home.replicate_key(
        KeyId=primary["Arn"],
        ReplicaRegion="us-west-2",
        Description="the replica",
        Tags=[{"TagKey": "of", "TagValue": "west"}],
    )["ReplicaKeyMetadata"]
    assert made["Arn"] == primary["Arn"].replace("us-east-1", "us-west-2")
    assert made["Description"] == "the replica"
    roles = {
        region: kms.describe_key(KeyId=primary["KeyId"])["KeyMetadata"]["MultiRegionConfiguration"]
        for region, kms in (("us-east-1", home), ("us-west-2", west))
    }
    assert [role["MultiRegionKeyType"] for role in roles.values()] == ["PRIMARY", "REPLICA"]
    assert roles["us-east-1"]["ReplicaKeys"] == [{"Arn": made["Arn"], "Region": "us-west-2"}]
    for kms in (home, west):
        kms.create_alias(AliasName="alias/app", TargetKeyId=primary["KeyId"])
    west.delete_alias(AliasName="alias/app")
    assert "alias/app" in [alias["AliasName"] for alias in home.list_aliases()["Aliases"]]
    assert west.list_resource_tags(KeyId=primary["KeyId"])["Tags"] == [{"TagKey": "of", "TagValue": "west"}]

    blob = home.encrypt(KeyId=primary["KeyId"], Plaintext=b"secret", EncryptionContext={"a": "b"})["CiphertextBlob"]
    assert west.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"})["Plaintext"] == b"secret"


def test_a_disabled_key_is_of_no_use_and_stops_its_tables(client: Clients) -> None:
    kms, dynamodb = client("kms"), client("dynamodb")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    item = {"pk": {"S": "a"}}
    dynamodb.create_table(
        TableName="locked",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )
    dynamodb.put_item(TableName="locked", Item=item)
    kms.disable_key(KeyId=key)
    with pytest.raises(ClientError, match="DisabledException"):
        kms.decrypt(CiphertextBlob=blob)
    with pytest.raises(ClientError, match="DisabledException"):
        kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    deadline = time.monotonic() + 60
    while True:
        try:
            dynamodb.get_item(TableName="locked", Key=item)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDeniedException"  # noqa: PT017 - waits until it is refused
            break
        assert time.monotonic() < deadline, "the table still serves"
    kms.enable_key(KeyId=key)
    deadline = time.monotonic() + 60
    while dynamodb.describe_table(TableName="locked")["Table"]["TableStatus"] != "ACTIVE":
        assert time.monotonic() < deadline, "the table does not come back"
    assert dynamodb.get_item(TableName="locked", Key=item)["Item"] == item


def test_an_export_holds_what_the_table_held(client: Clients, global_table: str) -> None:
    dynamodb, s3 = client("dynamodb"), client("s3")
    dynamodb.update_continuous_backups(
        TableName=global_table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    s3.create_bucket(Bucket="exports")
    items = [{"pk": {"S": "a"}, "sk": {"S": f"{number}"}, "n": {"N": "1.5"}} for number in range(3)]
    for entry in items:
        dynamodb.put_item(TableName=global_table, Item=entry)
    arn = dynamodb.describe_table(TableName=global_table)["Table"]["TableArn"]
    export = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket="exports", S3Prefix="weekly")
    export_arn = export["ExportDescription"]["ExportArn"]
    deadline = time.monotonic() + 60
    while (found := dynamodb.describe_export(ExportArn=export_arn)["ExportDescription"])[
        "ExportStatus"
    ] == "IN_PROGRESS":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (found["ExportStatus"], found["ItemCount"]) == ("COMPLETED", 3)

    def read(key: str) -> bytes:
        body: bytes = s3.get_object(Bucket="exports", Key=key)["Body"].read()
        return body

    summary = json.loads(read(found["ExportManifest"]))
    files = [json.loads(line) for line in read(summary["manifestFilesS3Key"]).splitlines()]
    lines = [line for file in files for line in gzip.decompress(read(file["dataFileS3Key"])).splitlines()]
    assert sorted((json.loads(line)["Item"] for line in lines), key=str) == items

    failed = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket="no-such-bucket")
    failed_arn = failed["ExportDescription"]["ExportArn"]
    while (found := dynamodb.describe_export(ExportArn=failed_arn)["ExportDescription"])[
        "ExportStatus"
    ] == "IN_PROGRESS":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (found["ExportStatus"], found["FailureCode"]) == ("FAILED", "S3NoSuchBucket")


def test_managed_policies_are_there_to_be_attached(client: Clients) -> None:
    policy = client("iam").get_policy(PolicyArn="arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy")["Policy"]
    assert policy["IsAttachable"]


def test_a_composite_alarm_is_in_the_state_that_its_children_make(client: Clients) -> None:
    cloudwatch = client("cloudwatch")

    def alarm(name: str) -> str:
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="n",
            MetricName="m",
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=1,
            Period=60,
            Statistic="Sum",
            Threshold=1,
        )
        return str(cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["AlarmArn"])

    def state(name: str) -> str:
        found = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
        return str(found[0]["StateValue"])

    arn = alarm("errors")
    alarm("latency")
    cloudwatch.put_composite_alarm(AlarmName="above", AlarmRule="ALARM(unwell)")
    cloudwatch.put_composite_alarm(AlarmName="unwell", AlarmRule=f'ALARM("{arn}") AND NOT (ALARM(latency) OR FALSE)')
    assert (state("unwell"), state("above")) == ("OK", "OK")
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
    assert (state("unwell"), state("above")) == ("ALARM", "ALARM")
    cloudwatch.set_alarm_state(AlarmName="latency", StateValue="ALARM", StateReason="test")
    assert (state("unwell"), state("above")) == ("OK", "OK")
    # As in CloudWatch, who does not ask for them is not told of them.
    assert cloudwatch.describe_alarms(AlarmNames=["unwell"])["CompositeAlarms"] == []
    with pytest.raises(ClientError, match="not a rule expression"):
        cloudwatch.put_composite_alarm(AlarmName="wrong", AlarmRule="ALARM(errors) XOR OK(latency)")


def test_many_roles_are_made_at_once(client: Clients) -> None:
    def make(number: int) -> int:
        iam = client("iam")
        name = f"many-{number}"
        iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}", Tags=[{"Key": "n", "Value": str(number)}])
        allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
        return len(iam.list_roles()["Roles"])

    with ThreadPoolExecutor(8) as pool:
        assert max(pool.map(make, range(40))) >= 40


def test_a_backup_job_holds_what_the_table_held_and_a_restore_job_gives_it_back(client: Clients) -> None:
    dynamodb, backup = client("dynamodb"), client("backup")
    arn = table_of_two(dynamodb, "guarded")
    backup.create_backup_vault(BackupVaultName="main")
    role = "arn:aws:iam::111122223333:role/backup"
    job = backup.start_backup_job(BackupVaultName="main", ResourceArn=arn, IamRoleArn=role)
    assert backup.describe_backup_job(BackupJobId=job["BackupJobId"])["State"] == "COMPLETED"
    dynamodb.delete_table(TableName="guarded")

    point = job["RecoveryPointArn"]
    listed = backup.list_recovery_points_by_backup_vault(BackupVaultName="main")["RecoveryPoints"]
    assert [(one["RecoveryPointArn"], one["Status"]) for one in listed] == [(point, "COMPLETED")]
    assert backup.list_recovery_points_by_resource(ResourceArn=arn)["RecoveryPoints"][0]["RecoveryPointArn"] == point
    metadata = backup.get_recovery_point_restore_metadata(BackupVaultName="main", RecoveryPointArn=point)
    wanted = {**metadata["RestoreMetadata"], "targetTableName": "again"}
    started = backup.start_restore_job(RecoveryPointArn=point, Metadata=wanted, IamRoleArn=role)
    done = backup.describe_restore_job(RestoreJobId=started["RestoreJobId"])
    assert (done["Status"], done["CreatedResourceArn"]) == ("COMPLETED", arn.replace("guarded", "again"))
    assert dynamodb.scan(TableName="again")["Count"] == 2

    twice = backup.start_restore_job(RecoveryPointArn=point, Metadata=wanted, IamRoleArn=role)
    assert backup.describe_restore_job(RestoreJobId=twice["RestoreJobId"])["Status"] == "FAILED"


def test_a_recovery_point_is_copied_to_another_region_and_restored_there(client: Clients) -> None:
    home, away = client("backup"), client("backup", "us-west-2")
    arn = table_of_two(client("dynamodb"), "copied")
    home.create_backup_vault(BackupVaultName="home")
    vault = away.create_backup_vault(BackupVaultName="away")["BackupVaultArn"]
    role = "arn:aws:iam::111122223333:role/backup"
    point = home.start_backup_job(BackupVaultName="home", ResourceArn=arn, IamRoleArn=role)["RecoveryPointArn"]
    job = home.start_copy_job(
        RecoveryPointArn=point, SourceBackupVaultName="home", DestinationBackupVaultArn=vault, IamRoleArn=role
    )
    done = home.describe_copy_job(CopyJobId=job["CopyJobId"])["CopyJob"]
    assert done["State"] == "COMPLETED"
    copy = done["DestinationRecoveryPointArn"]
    away.start_restore_job(RecoveryPointArn=copy, Metadata={"targetTableName": "copied-west"}, IamRoleArn=role)
    assert client("dynamodb", "us-west-2").scan(TableName="copied-west")["Count"] == 2


def test_what_the_sandbox_does_not_back_up_is_refused(client: Clients) -> None:
    backup = client("backup")
    role = "arn:aws:iam::111122223333:role/backup"
    with pytest.raises(ClientError, match="Backup vault not found"):
        backup.start_backup_job(BackupVaultName="none", ResourceArn="arn:aws:s3:::b", IamRoleArn=role)
    backup.create_backup_vault(BackupVaultName="small")
    with pytest.raises(ClientError, match="DynamoDB tables only"):
        backup.start_backup_job(BackupVaultName="small", ResourceArn="arn:aws:s3:::b", IamRoleArn=role)
    missing = "arn:aws:dynamodb:us-east-1:111122223333:table/none"
    with pytest.raises(ClientError, match="Table not found: none"):
        backup.start_backup_job(BackupVaultName="small", ResourceArn=missing, IamRoleArn=role)


def test_an_export_is_imported_as_a_new_table(client: Clients) -> None:
    dynamodb, s3 = client("dynamodb"), client("s3")
    arn = table_of_two(dynamodb, "source")
    dynamodb.update_continuous_backups(
        TableName="source", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    s3.create_bucket(Bucket="exports-to-import")
    export = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket="exports-to-import")["ExportDescription"]
    until(
        lambda: (
            dynamodb.describe_export(ExportArn=export["ExportArn"])["ExportDescription"]["ExportStatus"] == "COMPLETED"
        )
    )
    prefix = f"AWSDynamoDB/{export['ExportArn'].rpartition('/')[2]}/data/"
    s3.put_object(Bucket="exports-to-import", Key=f"{prefix}more.json.gz", Body=gzip.compress(b'{"Item": {}}\n'))
    made = dynamodb.import_table(
        S3BucketSource={"S3Bucket": "exports-to-import", "S3KeyPrefix": prefix},
        InputFormat="DYNAMODB_JSON",
        InputCompressionType="GZIP",
        TableCreationParameters={
            "TableName": "imported",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )["ImportTableDescription"]

    def described() -> dict[str, Any]:
        found = dynamodb.describe_import(ImportArn=made["ImportArn"])
        return dict(found["ImportTableDescription"])

    until(lambda: described()["ImportStatus"] != "IN_PROGRESS")
    ended = described()
    assert (ended["ImportStatus"], ended["ImportedItemCount"], ended["ErrorCount"]) == ("COMPLETED", 2, 1)
    assert dynamodb.scan(TableName="imported")["Items"] == dynamodb.scan(TableName="source")["Items"]


def table_of_two(dynamodb: Any, name: str) -> str:
    """A table with two items; its ARN."""
    made = dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in ("1", "2"):
        dynamodb.put_item(TableName=name, Item={"pk": {"S": number}, "n": {"N": number}})
    return str(made["TableDescription"]["TableArn"])
