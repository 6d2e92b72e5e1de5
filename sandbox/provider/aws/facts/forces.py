"""Properties whose change makes the real provider replace a resource, besides its region and automatic name.

Source: the resource reference of the Terraform AWS provider ("Forces new resource") and the services' own APIs, which
have no call to change them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def _of(*names: str) -> frozenset[str]:
    return frozenset(names)


FORCES: Final[Mapping[str, frozenset[str]]] = {
    "aws:acm/certificate:Certificate": _of("domainName", "subjectAlternativeNames", "validationMethod", "keyAlgorithm"),
    "aws:autoscaling/group:Group": _of("name", "namePrefix"),
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": _of("name"),
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": _of(
        "name", "restoreTestingPlanName", "protectedResourceType"
    ),
    "aws:backup/selection:Selection": _of(
        "name", "planId", "iamRoleArn", "resources", "notResources", "selectionTags", "conditions"
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _of("alarmName"),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": _of("logGroupName", "name"),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": _of("logGroup", "name"),
    "aws:dax/cluster:Cluster": _of(
        "clusterName",
        "nodeType",
        "iamRoleArn",
        "subnetGroupName",
        "availabilityZones",
        "serverSideEncryption",
        "clusterEndpointEncryptionType",
    ),
    "aws:dax/parameterGroup:ParameterGroup": _of("name", "description"),
    "aws:dax/subnetGroup:SubnetGroup": _of("name"),
    "aws:dynamodb/kinesisStreamingDestination:KinesisStreamingDestination": _of(
        "streamArn", "tableName", "approximateCreationDateTimePrecision"
    ),
    "aws:dynamodb/tableExport:TableExport": _of(
        "tableArn", "s3Bucket", "s3Prefix", "exportFormat", "exportTime", "exportType"
    ),
    "aws:ec2/instance:Instance": _of(
        "ami", "availabilityZone", "subnetId", "privateIp", "keyName", "rootBlockDevice.encrypted", "tenancy"
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": _of("name", "namePrefix"),
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": _of("vpcId", "peerVpcId", "peerRegion", "peerOwnerId"),
    "aws:ecs/cluster:Cluster": _of("name"),
    "aws:ecs/service:Service": _of("cluster", "launchType", "name", "schedulingStrategy"),
    "aws:ecs/taskDefinition:TaskDefinition": _of(
        "containerDefinitions",
        "cpu",
        "executionRoleArn",
        "family",
        "memory",
        "networkMode",
        "requiresCompatibilities",
        "runtimePlatform",
        "taskRoleArn",
        "volumes",
    ),
    "aws:efs/fileSystem:FileSystem": _of(
        "availabilityZoneName", "creationToken", "encrypted", "kmsKeyId", "performanceMode"
    ),
    "aws:eks/accessEntry:AccessEntry": _of("clusterName", "principalArn", "type"),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": _of(
        "accessScope", "clusterName", "policyArn", "principalArn"
    ),
    "aws:eks/addon:Addon": _of("addonName", "clusterName"),
    "aws:eks/cluster:Cluster": _of(
        "name",
        "roleArn",
        "bootstrapSelfManagedAddons",
        "encryptionConfig",
        "kubernetesNetworkConfig.ipFamily",
        "kubernetesNetworkConfig.serviceIpv4Cidr",
        "outpostConfig",
        "accessConfig.bootstrapClusterCreatorAdminPermissions",
    ),
    "aws:eks/fargateProfile:FargateProfile": _of(
        "clusterName", "fargateProfileName", "podExecutionRoleArn", "selectors", "subnetIds"
    ),
    "aws:eks/nodeGroup:NodeGroup": _of(
        "amiType",
        "capacityType",
        "clusterName",
        "diskSize",
        "instanceTypes",
        "nodeGroupName",
        "nodeGroupNamePrefix",
        "nodeRoleArn",
        "remoteAccess",
        "subnetIds",
        "launchTemplate.id",
        "launchTemplate.name",
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": _of("clusterName", "namespace", "serviceAccount"),
    "aws:elasticache/cluster:Cluster": _of("clusterId", "engine", "port", "subnetGroupName", "replicationGroupId"),
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup": _of(
        "globalReplicationGroupIdSuffix", "primaryReplicationGroupId"
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": _of("name", "family", "description"),
    "aws:elasticache/replicationGroup:ReplicationGroup": _of(
        "replicationGroupId",
        "atRestEncryptionEnabled",
        "dataTieringEnabled",
        "globalReplicationGroupId",
        "kmsKeyId",
        "networkType",
        "port",
        "preferredCacheClusterAzs",
        "snapshotArns",
        "snapshotName",
        "subnetGroupName",
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": _of("name"),
    "aws:elasticache/user:User": _of("userId", "userName"),
    "aws:elasticache/userGroup:UserGroup": _of("userGroupId"),
    "aws:guardduty/detector:Detector": _of(),
    "aws:iam/user:User": _of(),
    "aws:kinesis/stream:Stream": _of("name"),
    "aws:lb/loadBalancer:LoadBalancer": _of("name", "internal", "loadBalancerType", "customerOwnedIpv4Pool"),
    "aws:lb/listener:Listener": _of("loadBalancerArn"),
    "aws:lb/targetGroup:TargetGroup": _of(
        "name", "port", "protocol", "protocolVersion", "targetType", "vpcId", "ipAddressType"
    ),
    "aws:opensearch/domain:Domain": _of("domainName"),
    "aws:pipes/pipe:Pipe": _of("name", "namePrefix", "source"),
    "aws:rds/cluster:Cluster": _of(
        "clusterIdentifier",
        "databaseName",
        "dbSubnetGroupName",
        "engine",
        "engineMode",
        "kmsKeyId",
        "masterUsername",
        "snapshotIdentifier",
        "storageEncrypted",
        "availabilityZones",
    ),
    "aws:rds/clusterInstance:ClusterInstance": _of("clusterIdentifier", "engine", "identifier", "availabilityZone"),
    "aws:rds/globalCluster:GlobalCluster": _of(
        "globalClusterIdentifier", "databaseName", "engine", "sourceDbClusterIdentifier", "storageEncrypted"
    ),
    "aws:rds/instance:Instance": _of(
        "identifier",
        "availabilityZone",
        "dbName",
        "engine",
        "kmsKeyId",
        "snapshotIdentifier",
        "storageEncrypted",
        "username",
    ),
    "aws:rds/subnetGroup:SubnetGroup": _of("name"),
    "aws:synthetics/canary:Canary": _of("name"),
    "aws:wafv2/webAcl:WebAcl": _of("name", "scope"),
    "aws:wafv2/webAclAssociation:WebAclAssociation": _of("resourceArn", "webAclArn"),
    "aws:xray/group:Group": _of("groupName"),
    "aws:xray/samplingRule:SamplingRule": _of("ruleName"),
}
"""Forcing properties by type."""
