"""Where DAX exists, and on what.

Regions: the page of the AWS Config rule `dax-encryption-enabled` names them (read in November 2026). Node types: r4, r5
and t3 as the DAX developer guide had them ("Nodes"); r7i was seen in use, its sizes were not confirmed. Look at
https://aws.amazon.com/dynamodb/pricing/ ("DAX") before you lean on a type that this list has and yours does not.
"""

from __future__ import annotations

REGIONS: frozenset[str] = frozenset(
    {
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
        "sa-east-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "eu-central-1",
        "eu-north-1",
        "eu-south-2",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
    }
)
"""Regions of the aws partition that have DAX."""

NODE_TYPES: frozenset[str] = frozenset(
    {f"dax.r4.{size}" for size in ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge")}
    | {
        f"dax.r5.{size}"
        for size in ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge")
    }
    | {
        f"dax.r7i.{size}"
        for size in ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge")
    }
    | {"dax.t2.small", "dax.t2.medium", "dax.t3.small", "dax.t3.medium"}
)
"""Node types of DAX."""

MAXIMUM_NODES = 11
"""Most nodes of a cluster: a primary and ten read replicas."""

TLS_PORT = 9111
"""Port of a cluster that encrypts in transit; 8111 is that of one that does not."""
