"""AWS Backup: vaults in two regions, a plan, what it selects, and restores that are tested."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.base.documents import allow, document, service_trust
from components.base.layer import Component

if TYPE_CHECKING:
    from components.base.place import Place
    from settings import Settings
    from settings.backup import BackupSettings, RuleSettings

_MANAGED = "arn:aws:iam::aws:policy/service-role"


class Backup(Component):
    """Daily, weekly and monthly recovery points, and copies of the daily ones in another region."""

    layer = "data"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        backup: BackupSettings,
        settings: Settings,
        key_arn: pulumi.Output[str],
        copy_key_arn: pulumi.Output[str],
        place: Place,
        copy_provider: aws.Provider,
    ) -> None:
        super().__init__(name, opts)
        self._backup = backup
        self._place = place
        if backup.own_region_opt_in:
            self._opt_in()
        vault = self._vault("backup-vault", backup.vault_name, key_arn, None)
        copies = self._vault("backup-vault-copy", backup.copy_vault_name, copy_key_arn, copy_provider)
        plan = aws.backup.Plan(
            "backup-plan",
            name=backup.plan_name,
            rules=[
                self._rule("daily-backup", backup.daily),
                self._rule("weekly-backup", backup.weekly),
                self._rule("monthly-backup", backup.monthly),
            ],
            opts=self.child(depends_on=[vault, copies]),
        )
        role = self._role([table.name for table in settings.data.tables.values()] if settings.data else [])
        aws.backup.Selection(
            "backup-selection",
            name="dynamodb-production-tables",
            plan_id=plan.id,
            iam_role_arn=place.role_arn(backup.role_name),
            resources=["arn:aws:dynamodb:*:*:table/*"],
            # Both tags: another stack of this account is not caught, nor is what is not production here.
            conditions=[
                aws.backup.SelectionConditionArgs(
                    string_equals=[
                        aws.backup.SelectionConditionStringEqualArgs(key=f"aws:ResourceTag/{key}", value=value)
                        for key, value in (("Environment", settings.stack.environment), ("Stack", place.stack))
                    ]
                )
            ],
            opts=self.child(depends_on=[role]),
        )
        self._restore_testing(role)
        self.done()

    def _opt_in(self) -> None:
        """DynamoDB under AWS Backup: a switch of the account and region, which this stack may not be alone to own."""
        aws.backup.RegionSettings(
            "backup-region-settings",
            resource_type_opt_in_preference={"DynamoDB": True},
            resource_type_management_preference={"DynamoDB": True},
            opts=self.child(),
        )

    def _vault(
        self, label: str, name: str, key_arn: pulumi.Output[str], provider: aws.Provider | None
    ) -> aws.backup.VaultLockConfiguration:
        vault = aws.backup.Vault(
            label, name=name, kms_key_arn=key_arn, opts=self.child(protect=self._place.protect, provider=provider)
        )
        return aws.backup.VaultLockConfiguration(
            f"{label}-lock",
            backup_vault_name=vault.name,
            min_retention_days=self._backup.lock.min_retention_days,
            max_retention_days=self._backup.lock.max_retention_days,
            opts=self.child(provider=provider),
        )

    def _rule(self, name: str, rule: RuleSettings) -> aws.backup.PlanRuleArgs:
        copies = None
        if rule.copy_delete_after_days is not None:
            vault = self._place.at(self._backup.copy_region).arn(
                "backup", f"backup-vault:{self._backup.copy_vault_name}"
            )
            copies = [
                aws.backup.PlanRuleCopyActionArgs(
                    destination_vault_arn=vault,
                    lifecycle=aws.backup.PlanRuleCopyActionLifecycleArgs(delete_after=rule.copy_delete_after_days),
                )
            ]
        return aws.backup.PlanRuleArgs(
            rule_name=name,
            target_vault_name=self._backup.vault_name,
            schedule=rule.schedule,
            lifecycle=aws.backup.PlanRuleLifecycleArgs(
                cold_storage_after=rule.cold_after_days,
                delete_after=rule.delete_after_days,
                opt_in_to_archive_for_supported_resources=True if rule.cold_after_days else None,
            ),
            copy_actions=copies,
        )

    def _role(self, tables: list[str]) -> aws.iam.RolePolicy:
        """The role that takes backups and restores them. The last of its policies, for what waits for all."""
        name = self._backup.role_name
        role = aws.iam.Role(
            "backup-role",
            name=name,
            description="AWS Backup of the tables of the stack",
            assume_role_policy=service_trust(self._place, "backup.amazonaws.com"),
            opts=self.child(),
        )
        attached = [
            aws.iam.RolePolicyAttachment(
                f"backup-role-{label}", role=role.name, policy_arn=f"{_MANAGED}/{managed}", opts=self.child()
            )
            for label, managed in (
                ("backup", "AWSBackupServiceRolePolicyForBackup"),
                ("restore", "AWSBackupServiceRolePolicyForRestores"),
            )
        ]
        # The managed policies lag behind DynamoDB's advanced backups, which need these two.
        return aws.iam.RolePolicy(
            "backup-role-dynamodb",
            name="dynamodb-advanced",
            role=role.name,
            policy=document(
                allow(
                    "AdvancedBackup",
                    ["dynamodb:RestoreTableFromAwsBackup", "dynamodb:StartAwsBackupJob"],
                    [
                        *(self._place.table_arn(name) for name in tables),
                        # Restores go beside the table, never over it; restore testing names its tables itself.
                        *(self._place.table_arn(f"{name}-restored-*") for name in tables),
                        self._place.table_arn("awsbackup-restore-test-*"),
                    ],
                )
            ),
            opts=self.child(depends_on=list(attached)),
        )

    def _restore_testing(self, role: aws.iam.RolePolicy) -> None:
        test = self._backup.restore_test
        if test is None:
            return
        # Names of restore testing take letters, digits and underscores only.
        plan_name = f"{self._place.prefix}_restore_test".replace("-", "_")
        plan = aws.backup.RestoreTestingPlan(
            "restore-testing",
            name=plan_name,
            schedule_expression=test.schedule,
            start_window_hours=8,
            recovery_point_selection={
                "algorithm": "LATEST_WITHIN_WINDOW",
                "include_vaults": [self._place.arn("backup", f"backup-vault:{self._backup.vault_name}")],
                "recovery_point_types": ["SNAPSHOT"],
                "selection_window_days": test.window_days,
            },
            opts=self.child(),
        )
        aws.backup.RestoreTestingSelection(
            "restore-testing-tables",
            name=f"{self._place.prefix}_tables".replace("-", "_"),
            restore_testing_plan_name=plan.name,
            protected_resource_type="DynamoDB",
            iam_role_arn=self._place.role_arn(self._backup.role_name),
            protected_resource_conditions={
                "string_equals": [{"key": "aws:ResourceTag/Stack", "value": self._place.stack}]
            },
            validation_window_hours=4,
            opts=self.child(depends_on=[role]),
        )
