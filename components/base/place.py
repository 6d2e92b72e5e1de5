"""Where a resource stands: account, region, prefix of names. Names and ARNs follow, complete in a preview."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Place:
    """One region of one stack, for naming."""

    stack: str
    prefix: str
    account_id: str
    region: str
    home_region: str
    protect: bool

    @property
    def is_home(self) -> bool:
        """Whether this is the home region."""
        return self.region == self.home_region

    def at(self, region: str) -> Place:
        """The same stack in another region."""
        return replace(self, region=region)

    def name(self, *parts: str) -> str:
        """A physical name of this stack that is unique within a region, for example `holdfast-dax`."""
        return "-".join((self.prefix, *parts))

    def global_name(self, *parts: str) -> str:
        """A physical name that is unique within the account, for example `holdfast-us-east-1-app`."""
        return self.name(self.region, *parts)

    def bucket_name(self, purpose: str) -> str:
        """Name of a bucket, unique in the world: prefix, account, region, purpose."""
        return f"{self.prefix}-{self.account_id}-{self.region}-{purpose}"

    def arn(self, service: str, resource: str) -> str:
        """ARN of a regional resource, for example `arn:aws:sqs:us-east-1:111122223333:name`."""
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """ARN of a resource without a region, for example a role."""
        return f"arn:aws:{service}::{self.account_id}:{resource}"

    def role_arn(self, name: str) -> str:
        """ARN of a role of this account."""
        return self.global_arn("iam", f"role/{name}")

    def table_arn(self, table: str) -> str:
        """ARN of a table, or of its replica, in this region."""
        return self.arn("dynamodb", f"table/{table}")

    def index_arn(self, table: str, index: str) -> str:
        """ARN of a global secondary index in this region."""
        return f"{self.table_arn(table)}/index/{index}"

    def log_group_arn(self, name: str) -> str:
        """ARN of a log group, as policies name its streams."""
        return self.arn("logs", f"log-group:{name}:*")

    def parameter_arn(self, name: str) -> str:
        """ARN of a parameter whose name begins with a slash."""
        return self.arn("ssm", f"parameter{name}")

    @property
    def any_key_arn(self) -> str:
        """The pattern of the keys of this region and account; goes with a condition on the alias."""
        return self.arn("kms", "key/*")

    @property
    def root_arn(self) -> str:
        """The account itself, as a principal."""
        return self.global_arn("iam", "root")

    @property
    def topology_parameter(self) -> str:
        """Name of the parameter that holds the topology, the same in every region."""
        return f"/{self.prefix}/topology"
