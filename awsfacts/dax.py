"""Where DAX exists, and on what.

Regions: the page of the AWS Config rule `dax-encryption-enabled` names them (read in November 2026). Node types: r4, r5
and t3 as the DAX developer guide had them ("Nodes"). Of r7i only the two sizes that configurations and price notes in
public repositories name (searched on 21 November 2026): no page of AWS that lists its sizes was found. A size that is
missing here is added after a look at https://aws.amazon.com/dynamodb/pricing/ ("DAX").
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
    | {"dax.r7i.large", "dax.r7i.2xlarge"}
    | {"dax.t2.small", "dax.t2.medium", "dax.t3.small", "dax.t3.medium"}
)
"""Node types of DAX."""

MAXIMUM_NODES = 11
"""Most nodes of a cluster: a primary and ten read replicas."""

TLS_PORT = 9111
"""Port of a cluster that encrypts in transit; 8111 is that of one that does not."""
