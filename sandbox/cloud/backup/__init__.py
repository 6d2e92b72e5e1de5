"""AWS Backup of DynamoDB tables: jobs that hold what a table held, and give it back. Plans and vaults stay moto's."""

from sandbox.cloud.backup.service import BackupService

__all__ = ["BackupService"]
