"""AWS Backup, exports and restore tests, with the schedules and retentions of the reference orders setup."""

import json


def test_plan_has_the_reference_schedules_and_retentions(recorded):
    plan = recorded("orders").one("backup/plan:Plan", "backup-plan")
    assert plan.inputs["name"] == "dynamodb-production-backup"
    rules = {item["ruleName"]: item for item in plan.inputs["rules"]}
    assert {name: item["schedule"] for name, item in rules.items()} == {
        "daily-backup": "cron(0 5 * * ? *)",
        "weekly-backup": "cron(0 5 ? * SUN *)",
        "monthly-backup": "cron(0 5 1 * ? *)",
    }
    assert rules["daily-backup"]["lifecycle"] == {"deleteAfter": 35}
    assert rules["daily-backup"]["copyActions"] == [
        {
            "destinationVaultArn": "arn:aws:backup:us-west-2:111122223333:backup-vault:dynamodb-backup-vault-dr",
            "lifecycle": {"deleteAfter": 90},
        }
    ]
    assert rules["weekly-backup"]["lifecycle"] == {"deleteAfter": 90}
    monthly = rules["monthly-backup"]["lifecycle"]
    assert (monthly["coldStorageAfter"], monthly["deleteAfter"]) == (30, 365)


def test_vaults_have_keys_of_their_region_and_locks(recorded):
    orders = recorded("orders")
    home = orders.one("backup/vault:Vault", "backup-vault")
    copy = orders.one("backup/vault:Vault", "backup-vault-copy")
    assert (home.inputs["name"], home.provider_name) == ("dynamodb-backup-vault", "us-east-1")
    assert (copy.inputs["name"], copy.provider_name) == ("dynamodb-backup-vault-dr", "us-west-2")
    assert "us-east-1-key-backup" in home.inputs["kmsKeyArn"]
    assert "us-west-2-key-backup" in copy.inputs["kmsKeyArn"]
    locks = orders.of("VaultLockConfiguration")
    assert {item.provider_name for item in locks} == {"us-east-1", "us-west-2"}
    assert all((item.inputs["minRetentionDays"], item.inputs["maxRetentionDays"]) == (7, 400) for item in locks)


def test_a_region_of_copies_alone_gets_the_backup_key_and_nothing_else(recorded):
    there = [item for item in recorded("orders").resources if item.provider_name == "us-west-2"]
    assert {item.type.split(":")[-1] for item in there} == {"ReplicaKey", "Vault", "VaultLockConfiguration"}
    assert [item.name for item in there if item.type.endswith("ReplicaKey")] == ["us-west-2-key-backup"]


def test_selection_catches_this_stack_only(recorded):
    for stack in ("orders", "prod"):
        selection = recorded(stack).one("backup/selection:Selection", "backup-selection")
        (conditions,) = selection.inputs["conditions"]
        assert conditions["stringEquals"] == [
            {"key": "aws:ResourceTag/Environment", "value": "production"},
            {"key": "aws:ResourceTag/Stack", "value": stack},
        ]


def test_role_may_take_and_restore_advanced_backups(recorded):
    orders = recorded("orders")
    assert orders.one("iam/role:Role", "backup-role").inputs["name"] == "aws-backup-dynamodb-role"
    policy = json.loads(orders.one("iam/rolePolicy:RolePolicy", "backup-role-dynamodb").inputs["policy"])
    assert policy["Statement"][0]["Action"] == ["dynamodb:RestoreTableFromAwsBackup", "dynamodb:StartAwsBackupJob"]


def test_restores_are_tested(recorded):
    orders = recorded("orders")
    plan = orders.one("restoreTestingPlan:RestoreTestingPlan", "restore-testing")
    assert plan.inputs["recoveryPointSelection"]["algorithm"] == "LATEST_WITHIN_WINDOW"
    selection = orders.one("restoreTestingSelection:RestoreTestingSelection", "restore-testing-tables")
    assert selection.inputs["protectedResourceType"] == "DynamoDB"


def test_every_table_is_exported_weekly_into_an_encrypted_bucket(recorded):
    orders = recorded("orders")
    schedules = orders.of("scheduler/schedule:Schedule", name="export-")
    exported = {json.loads(item.inputs["target"]["input"])["TableArn"].rpartition("/")[2] for item in schedules}
    assert exported == {item.inputs["name"] for item in orders.of("dynamodb/table:Table")} - {"orders-control"}
    assert {item.inputs["scheduleExpression"] for item in schedules} == {"cron(0 3 ? * SUN *)"}
    assert {item.inputs["target"]["arn"] for item in schedules} == {
        "arn:aws:scheduler:::aws-sdk:dynamodb:exportTableToPointInTime"
    }
    bucket = orders.one("s3/bucket:Bucket", "exports-bucket")
    assert bucket.inputs["bucket"] == "orders-111122223333-us-east-1-exports"
    (rule,) = orders.one("BucketLifecycleConfiguration", "exports-lifecycle").inputs["rules"]
    assert (rule["transitions"][0]["days"], rule["expiration"]["days"]) == (30, 365)
    (encryption,) = orders.one("BucketServerSideEncryptionConfiguration", "exports-encryption").inputs["rules"]
    assert encryption["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms"
    tls = json.loads(orders.one("s3/bucketPolicy:BucketPolicy", "exports-policy").inputs["policy"])["Statement"][0]
    assert (tls["Effect"], tls["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_account_wide_switch_is_taken_only_when_asked(recorded):
    assert not recorded("orders").of("backup/regionSettings:RegionSettings")


def test_without_backup_nothing_of_it_is_made(recorded):
    dev = recorded("dev")
    assert not [item for item in dev.resources if item.type.startswith(("aws:backup/", "aws:scheduler/"))]
