"""Backups, restores and their verification, and the commands that look: on the sandbox."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from datetime import UTC, datetime

import pytest

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]

KEY = {"customer_id": {"S": "c-1"}, "order_id": {"S": "o-000001"}}


def test_backup_restore_to_a_moment_and_single_items_brought_back(stack):
    stack.fill(120)
    time.sleep(1.1)
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    time.sleep(1.1)
    client = stack.aws("dynamodb", "us-east-1")
    client.delete_item(TableName="orders-production", Key=KEY)

    code, made = stack.json("backup", "create", "orders")
    assert (code, made["region"]) == (0, "us-east-1")
    code, listed = stack.json("backup", "list", "orders")
    assert [one["arn"] for one in listed] == [made["arn"]]

    code, done = stack.json("restore", "orders", "--as", "orders-restored", "--at", moment)
    assert code == 0, done
    assert client.get_item(TableName="orders-restored", Key=KEY)["Item"]["number"] == {"N": "1"}
    taken = stack.run("restore", "orders", "--as", "orders-restored")
    assert taken.returncode == 2
    assert "table orders-restored exists" in taken.stderr

    words = ["restore", "orders", "--as", "orders-restored", "--item", json.dumps(KEY)]
    assert stack.run(*words).returncode == 6
    code, back = stack.json(*words, "--yes")
    assert (code, back["written"]) == (0, 1)
    assert client.get_item(TableName="orders-production", Key=KEY)["Item"]["number"] == {"N": "1"}

    words = ["restore", "orders", "--as", "not-restored", "--item", json.dumps(KEY), "--yes"]
    lacking = stack.run(*words)
    assert lacking.returncode == 2
    assert "restore it first: holdfast restore orders --as not-restored" in lacking.stderr

    code, done = stack.json("restore", "orders", "--as", "from-backup", "--backup", made["arn"])
    assert code == 0, done
    assert "Item" not in client.get_item(TableName="from-backup", Key=KEY)


def test_verify_says_equal_and_finds_an_altered_item(stack):
    stack.fill(150)
    time.sleep(1.1)
    code, document = stack.json("restore", "orders", "--verify")
    assert code == 0, document
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    time.sleep(1.1)
    client = stack.aws("dynamodb", "us-east-1")
    client.put_item(TableName="orders-production", Item={**KEY, "number": {"N": "-1"}})
    code, document = stack.json("restore", "orders", "--verify", "--at", moment)
    assert code == 1
    assert [(one["kind"], one["key"]) for one in document["differences"]] == [("differs", KEY)]
    assert sorted(client.list_tables()["TableNames"]) == ["holdfast-control", "orders-production"]


def test_an_export_is_restored_and_verified_item_by_item(stack):
    stack.fill(60)
    client, storage = stack.aws("dynamodb", "us-east-1"), stack.aws("s3", "us-east-1")
    binary = {"customer_id": {"S": "c-b"}, "order_id": {"S": "o-b"}, "m": {"M": {"b": {"B": b"\x00\xff"}}}}
    client.put_item(TableName="orders-production", Item=binary)
    storage.create_bucket(Bucket="exports")
    arn = client.describe_table(TableName="orders-production")["Table"]["TableArn"]
    export = client.export_table_to_point_in_time(TableArn=arn, S3Bucket="exports", S3Prefix="weekly")
    name = export["ExportDescription"]["ExportArn"]
    while client.describe_export(ExportArn=name)["ExportDescription"]["ExportStatus"] == "IN_PROGRESS":
        time.sleep(0.1)

    code, listed = stack.json("backup", "list", "orders")
    assert [(one["kind"], one["arn"]) for one in listed] == [("export", name)]
    code, done = stack.json("restore", "orders", "--as", "from-export", "--export", name)
    assert code == 0, done
    assert client.scan(TableName="from-export")["Count"] == 61
    key = {"customer_id": {"S": "c-b"}, "order_id": {"S": "o-b"}}
    assert client.get_item(TableName="from-export", Key=key)["Item"] == binary
    made = client.describe_table(TableName="from-export")["Table"]
    assert [index["IndexName"] for index in made["GlobalSecondaryIndexes"]] == ["OrderDateIndex"]
    assert made["SSEDescription"]["KMSMasterKeyArn"] == stack.keys("us-east-1")

    # By its folder, and verified: one item was altered since.
    client.put_item(TableName="orders-production", Item={**KEY, "number": {"N": "-1"}})
    (manifest,) = [
        one["Key"] for one in storage.list_objects_v2(Bucket="exports")["Contents"] if "manifest-files" in one["Key"]
    ]
    folder = f"s3://exports/{manifest.rpartition('/')[0]}"
    code, document = stack.json("restore", "orders", "--verify", "--export", folder)
    assert code == 1
    assert [(one["kind"], one["key"]) for one in document["differences"]] == [("differs", KEY)]

    line = json.loads(storage.get_object(Bucket="exports", Key=manifest)["Body"].read().splitlines()[0])
    storage.put_object(Bucket="exports", Key=line["dataFileS3Key"], Body=b"something else")
    altered = stack.run("restore", "orders", "--as", "altered", "--export", folder)
    assert altered.returncode == 1
    assert "is not what was exported" in altered.stderr


def test_a_recovery_point_of_aws_backup_is_listed_restored_and_verified(stack):
    stack.fill(60)
    client, backup = stack.aws("dynamodb", "us-east-1"), stack.aws("backup", "us-east-1")
    backup.create_backup_vault(BackupVaultName="vault")
    arn = client.describe_table(TableName="orders-production")["Table"]["TableArn"]
    role = "arn:aws:iam::111122223333:role/aws-backup-dynamodb-role"
    job = backup.start_backup_job(BackupVaultName="vault", ResourceArn=arn, IamRoleArn=role)
    while backup.describe_backup_job(BackupJobId=job["BackupJobId"])["State"] not in ("COMPLETED", "FAILED"):
        time.sleep(0.1)
    client.put_item(TableName="orders-production", Item={**KEY, "number": {"N": "-1"}})

    code, listed = stack.json("backup", "list", "orders")
    (point,) = [one["arn"] for one in listed if one["kind"] == "AWS Backup"]
    code, done = stack.json("restore", "orders", "--as", "from-vault", "--backup", point)
    assert code == 0, done
    assert client.get_item(TableName="from-vault", Key=KEY)["Item"]["number"] == {"N": "1"}
    code, document = stack.json("restore", "orders", "--verify", "--backup", point)
    assert code == 1
    assert [(one["kind"], one["key"]) for one in document["differences"]] == [("differs", KEY)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["restore", "orders", "--as", "x-restored", "--export", "weekly"], "is no export"),
        (
            ["restore", "orders", "--as", "x-restored", "--backup", "arn:x", "--at", "2026-11-21T03:10:00Z"],
            "exclude each",
        ),
        (["restore", "orders"], "--as"),
        (["restore", "orders", "--as", "x-restored", "--at", "yesterday"], "RFC 3339"),
        (["restore", "orders", "--as", "x-restored", "--item", "c-1"], "is no key"),
        (["backup", "create", "nope"], "no table 'nope'"),
        (["backup", "create", "orders", "--region", "us-mars-1"], "no region 'us-mars-1'"),
    ],
)
def test_what_cannot_be_is_told_with_what_to_write(stack, words, said):
    done = stack.run(*words)
    assert done.returncode == 2
    assert said in done.stderr


def test_topology_doctor_and_the_sandboxs_own_commands(stack):
    code, document = stack.json("topology")
    assert code == 0
    assert list(document["regions"]) == ["us-east-1", "us-west-2", "eu-west-1"]
    assert "orders-production" in stack.run("topology", "--plain").stdout

    code, document = stack.json("doctor")
    checks = {check["name"]: check["state"] for check in document["checks"]}
    assert checks["python"] == checks["packages"] == checks["running stack"] == "ok"
    assert checks["account in us-west-2"] == checks["control table in eu-west-1"] == "ok"
    assert document["ok"] is (code == 0)

    code, _ = stack.json("sandbox", "fault", "us-west-2", "cut", "--set", "lease_seconds=3600")
    assert code == 0
    code, document = stack.json("doctor")
    assert code == 1
    assert next(c for c in document["checks"] if c["name"] == "control table in us-west-2")["state"] == "lacking"
    code, healed = stack.json("sandbox", "heal", "us-west-2")
    assert (code, healed["healed"]) == (0, 1)
    unknown = stack.run("sandbox", "fault", "us-west-2", "meteor")
    assert (unknown.returncode, "write one of cut, blackhole" in unknown.stderr) == (2, True)
    assert stack.run("sandbox", "fault", "us-west-2", "cut", "--set", "rate").returncode == 2
    for words in (["fault", "us-mars-1", "cut"], ["heal", "us-mars-1"], ["env", "us-mars-1"]):
        nowhere = stack.run("sandbox", *words)
        assert (nowhere.returncode, "write one of us-east-1, us-west-2" in nowhere.stderr) == (2, True)
    code, environment = stack.json("sandbox", "env", "eu-west-1")
    assert environment["AWS_ENDPOINT_URL"] == stack.sandbox.gateways["eu-west-1"]
    assert "export AWS_REGION=eu-west-1" in stack.run("sandbox", "env", "eu-west-1").stdout
    assert "bytes" in stack.run("sandbox", "logs").stdout
    assert stack.run("sandbox", "logs", "nope").returncode == 2


def test_a_part_of_the_sandbox_that_crashed_is_told_with_how_it_ended(stack):
    spare = [sys.executable, "-m", "http.server", "{port}", "--bind", "127.0.0.1"]
    stack.sandbox.start_service("spare", "us-west-2", spare, {}, ready_path="/", cwd=stack.project.root())
    try:
        part = next(one for one in stack.sandbox.status().parts if one.name == "spare@us-west-2")
        os.kill(part.pid, signal.SIGKILL)
        deadline = time.monotonic() + 120
        while not stack.sandbox.status().crashed:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        code, document = stack.json("sandbox", "status")
        assert (code, document["ok"]) == (1, False)
        (crashed,) = [one for one in document["parts"] if one["state"] == "crashed"]
        assert crashed["name"] == part.name
        assert "SIGKILL" in crashed["detail"]
    finally:
        stack.sandbox.stop_service("spare", "us-west-2")
    assert not stack.sandbox.status().crashed
