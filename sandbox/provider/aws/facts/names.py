"""How recorded types are named and identified (resource reference of the Terraform AWS provider)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sandbox.provider.resource import AutoName

GENERATED: Final = ""
"""An id that AWS generates."""

NAME_PROPERTIES: Final = (
    "alarmName",
    "clusterName",
    "clusterId",
    "clusterIdentifier",
    "domainName",
    "functionName",
    "groupName",
    "identifier",
    "replicationGroupId",
    "ruleName",
)
"""Inputs that name a resource whose type has no `name`."""

NAMES: Final[Mapping[str, AutoName | None]] = {
    "aws:alb/loadBalancer:LoadBalancer": AutoName(limit=32),
    "aws:alb/targetGroup:TargetGroup": AutoName(limit=32),
    "aws:autoscaling/group:Group": AutoName(limit=255),
    "aws:cfg/deliveryChannel:DeliveryChannel": AutoName(limit=256),
    "aws:dax/parameterGroup:ParameterGroup": AutoName(limit=255),
    "aws:dax/subnetGroup:SubnetGroup": AutoName(limit=255),
    "aws:eks/cluster:Cluster": AutoName(limit=100),
    "aws:eks/fargateProfile:FargateProfile": AutoName(property="fargateProfileName", limit=100),
    "aws:eks/nodeGroup:NodeGroup": AutoName(property="nodeGroupName", limit=63),
    "aws:elasticache/cluster:Cluster": AutoName(property="clusterId", limit=50, lower=True),
    "aws:elasticache/parameterGroup:ParameterGroup": AutoName(limit=255, lower=True),
    "aws:elasticache/replicationGroup:ReplicationGroup": AutoName(property="replicationGroupId", limit=40, lower=True),
    "aws:elasticache/subnetGroup:SubnetGroup": AutoName(limit=255, lower=True),
    "aws:iam/group:Group": AutoName(limit=128),
    "aws:iam/user:User": AutoName(limit=64),
    "aws:lb/loadBalancer:LoadBalancer": AutoName(limit=32),
    "aws:lb/targetGroup:TargetGroup": AutoName(limit=32),
    "aws:pipes/pipe:Pipe": AutoName(limit=64),
    "aws:rds/cluster:Cluster": AutoName(property="clusterIdentifier", limit=63, lower=True),
    "aws:rds/clusterInstance:ClusterInstance": AutoName(property="identifier", limit=63, lower=True),
    "aws:rds/instance:Instance": AutoName(property="identifier", limit=63, lower=True),
    "aws:rds/subnetGroup:SubnetGroup": AutoName(limit=255, lower=True),
    "aws:synthetics/canary:Canary": AutoName(limit=21, lower=True),
}
"""Automatic names that differ from `<name>-<7 hex digits>` under 255 characters."""

PREFIXES: Final[Mapping[str, str]] = {
    "aws:autoscaling/lifecycleHook:LifecycleHook": "hook",
    "aws:cloudfront/distribution:Distribution": "E",
    "aws:ec2/instance:Instance": "i",
    "aws:ec2/networkInterface:NetworkInterface": "eni",
    "aws:ec2/placementGroup:PlacementGroup": "pg",
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": "pcx",
    "aws:ec2transitgateway/transitGateway:TransitGateway": "tgw",
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment": "tgw-attach",
    "aws:efs/accessPoint:AccessPoint": "fsap",
    "aws:efs/fileSystem:FileSystem": "fs",
    "aws:efs/mountTarget:MountTarget": "fsmt",
    "aws:fis/experimentTemplate:ExperimentTemplate": "EXT",
}
"""How generated ids begin, by type."""

IDS: Final[Mapping[str, str]] = {
    "aws:acm/certificate:Certificate": (
        "arn:{partition}:acm:{region}:{account}:certificate/{hex8}-0000-4000-8000-{hex12}"
    ),
    "aws:backup/globalSettings:GlobalSettings": "{account}",
    "aws:backup/regionSettings:RegionSettings": "{region}",
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": "{name}:{restoreTestingPlanName}",
    "aws:backup/selection:Selection": GENERATED,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "{alarmName}",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": "{name}",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "{policyName}",
    "aws:codebuild/project:Project": "arn:{partition}:codebuild:{region}:{account}:project/{name}",
    "aws:cognito/userPool:UserPool": "{region}_{hex9}",
    "aws:ec2/instance:Instance": GENERATED,
    "aws:ecs/cluster:Cluster": "arn:{partition}:ecs:{region}:{account}:cluster/{name}",
    "aws:ecs/service:Service": "{cluster}/{name}",
    "aws:ecs/taskDefinition:TaskDefinition": "{family}",
    "aws:efs/fileSystem:FileSystem": GENERATED,
    "aws:eks/accessEntry:AccessEntry": "{clusterName}:{principalArn}",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": "{clusterName}#{principalArn}#{policyArn}",
    "aws:eks/addon:Addon": "{clusterName}:{addonName}",
    "aws:eks/fargateProfile:FargateProfile": "{clusterName}:{fargateProfileName}",
    "aws:eks/nodeGroup:NodeGroup": "{clusterName}:{nodeGroupName}",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": "{clusterName},a-{hex17}",
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup": "sgaui-{globalReplicationGroupIdSuffix}",
    "aws:elasticache/user:User": "{userId}",
    "aws:elasticache/userGroup:UserGroup": "{userGroupId}",
    "aws:fis/experimentTemplate:ExperimentTemplate": GENERATED,
    "aws:guardduty/detector:Detector": "{hex32}",
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": (
        "arn:{partition}:iam::{account}:role/aws-service-role/{awsServiceName}/AWSServiceRole{hex8}"
    ),
    "aws:lb/loadBalancer:LoadBalancer": (
        "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/{hex16}"
    ),
    "aws:lb/targetGroup:TargetGroup": (
        "arn:{partition}:elasticloadbalancing:{region}:{account}:targetgroup/{name}/{hex16}"
    ),
    "aws:pipes/pipe:Pipe": "{name}",
    "aws:wafv2/webAcl:WebAcl": GENERATED,
    "aws:xray/group:Group": "arn:{partition}:xray:{region}:{account}:group/{groupName}/{hex26}",
    "aws:xray/samplingRule:SamplingRule": "{ruleName}",
    "aws:cloudfront/distribution:Distribution": GENERATED,
}
"""Ids by type, as patterns (see `fill`); `GENERATED` for ids that AWS makes up."""
