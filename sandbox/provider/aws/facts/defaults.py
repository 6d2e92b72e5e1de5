"""What the real provider reports for inputs left out (resource reference of the Terraform AWS provider)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sandbox.codec import Value

DEFAULTS: Final[Mapping[str, Mapping[str, Value]]] = {
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": {"actionsEnabled": True},
    "aws:dax/cluster:Cluster": {"clusterEndpointEncryptionType": "NONE", "serverSideEncryption": {"enabled": False}},
    "aws:eks/addon:Addon": {"preserve": False},
    "aws:eks/accessEntry:AccessEntry": {"type": "STANDARD"},
    "aws:eks/cluster:Cluster": {
        "bootstrapSelfManagedAddons": True,
        "vpcConfig.endpointPrivateAccess": False,
        "vpcConfig.endpointPublicAccess": True,
        "deletionProtection": False,
    },
    "aws:eks/nodeGroup:NodeGroup": {"amiType": "AL2023_x86_64_STANDARD", "capacityType": "ON_DEMAND"},
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "automaticFailoverEnabled": False,
        "autoMinorVersionUpgrade": True,
        "dataTieringEnabled": False,
        "engine": "redis",
        "multiAzEnabled": False,
    },
    "aws:rds/cluster:Cluster": {"engine": "aurora", "deletionProtection": False, "storageEncrypted": False},
    "aws:xray/samplingRule:SamplingRule": {"version": 1},
}
"""Defaults by type; a dotted name is a field of a block."""
