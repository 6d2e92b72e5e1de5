"""ARN formats (Service Authorization Reference)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

GLOBAL_SERVICES: Final = frozenset({"iam", "route53", "cloudfront", "budgets", "shield", "organizations"})
"""Services whose ARNs name no region."""

ARN_SERVICES: Final[Mapping[str, str]] = {
    "alb": "elasticloadbalancing",
    "lb": "elasticloadbalancing",
    "cfg": "config",
    "appautoscaling": "application-autoscaling",
    "sfn": "states",
    "msk": "kafka",
    "mskconnect": "kafkaconnect",
    "opensearch": "es",
    "apigatewayv2": "apigateway",
    "vpc": "ec2",
    "cognito": "cognito-idp",
    "efs": "elasticfilesystem",
    "servicediscovery": "servicediscovery",
    "synthetics": "synthetics",
    "arcregionswitch": "arc-region-switch",
    "codestarconnections": "codestar-connections",
    "ses": "ses",
    "waf": "waf",
    "elb": "elasticloadbalancing",
    "ebs": "ec2",
}
"""ARN services where they differ from the token's."""

_HERE: Final = "arn:{partition}:"
_REGIONAL: Final = ":{region}:{account}:"

ARNS: Final[Mapping[str, str]] = {
    "aws:acm/certificate:Certificate": _HERE + "acm" + _REGIONAL + "certificate/{id}",
    "aws:arcregionswitch/plan:Plan": _HERE + "arc-region-switch::{account}:plan/{_name}:{hex6}",
    "aws:autoscaling/group:Group": _HERE
    + "autoscaling"
    + _REGIONAL
    + "autoScalingGroup:{hex8}-0000-4000-8000-{hex12}:autoScalingGroupName/{_name}",
    "aws:backup/framework:Framework": _HERE + "backup" + _REGIONAL + "framework:{_name}",
    "aws:backup/reportPlan:ReportPlan": _HERE + "backup" + _REGIONAL + "report-plan:{_name}",
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": _HERE + "backup" + _REGIONAL + "restore-testing-plan:{name}",
    "aws:cfg/rule:Rule": _HERE + "config" + _REGIONAL + "config-rule/config-rule-{hex6}",
    "aws:cloudfront/distribution:Distribution": _HERE + "cloudfront::{account}:distribution/{id}",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _HERE + "cloudwatch" + _REGIONAL + "alarm:{alarmName}",
    "aws:codebuild/project:Project": _HERE + "codebuild" + _REGIONAL + "project/{_name}",
    "aws:cognito/userPool:UserPool": _HERE + "cognito-idp" + _REGIONAL + "userpool/{id}",
    "aws:dax/cluster:Cluster": _HERE + "dax" + _REGIONAL + "cache/{clusterName}",
    "aws:ec2/instance:Instance": _HERE + "ec2" + _REGIONAL + "instance/{id}",
    "aws:ec2transitgateway/transitGateway:TransitGateway": _HERE + "ec2" + _REGIONAL + "transit-gateway/{id}",
    "aws:ecs/cluster:Cluster": _HERE + "ecs" + _REGIONAL + "cluster/{_name}",
    "aws:ecs/taskDefinition:TaskDefinition": _HERE + "ecs" + _REGIONAL + "task-definition/{family}:1",
    "aws:efs/fileSystem:FileSystem": _HERE + "elasticfilesystem" + _REGIONAL + "file-system/{id}",
    "aws:eks/addon:Addon": _HERE + "eks" + _REGIONAL + "addon/{clusterName}/{addonName}/{hex8}-0000-4000-8000-{hex12}",
    "aws:eks/cluster:Cluster": _HERE + "eks" + _REGIONAL + "cluster/{_name}",
    "aws:eks/nodeGroup:NodeGroup": _HERE
    + "eks"
    + _REGIONAL
    + "nodegroup/{clusterName}/{nodeGroupName}/{hex8}-0000-4000-8000-{hex12}",
    "aws:eks/fargateProfile:FargateProfile": _HERE
    + "eks"
    + _REGIONAL
    + "fargateprofile/{clusterName}/{fargateProfileName}/{hex8}-0000-4000-8000-{hex12}",
    "aws:elasticache/cluster:Cluster": _HERE + "elasticache" + _REGIONAL + "cluster:{clusterId}",
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup": _HERE
    + "elasticache::{account}:globalreplicationgroup:{id}",
    "aws:elasticache/parameterGroup:ParameterGroup": _HERE + "elasticache" + _REGIONAL + "parametergroup:{_name}",
    "aws:elasticache/replicationGroup:ReplicationGroup": _HERE
    + "elasticache"
    + _REGIONAL
    + "replicationgroup:{replicationGroupId}",
    "aws:elasticache/serverlessCache:ServerlessCache": _HERE + "elasticache" + _REGIONAL + "serverlesscache:{_name}",
    "aws:elasticache/subnetGroup:SubnetGroup": _HERE + "elasticache" + _REGIONAL + "subnetgroup:{_name}",
    "aws:elasticache/user:User": _HERE + "elasticache" + _REGIONAL + "user:{userId}",
    "aws:elasticache/userGroup:UserGroup": _HERE + "elasticache" + _REGIONAL + "usergroup:{userGroupId}",
    "aws:fis/experimentTemplate:ExperimentTemplate": _HERE + "fis" + _REGIONAL + "experiment-template/{id}",
    "aws:guardduty/detector:Detector": _HERE + "guardduty" + _REGIONAL + "detector/{id}",
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": _HERE
    + "iam::{account}:role/aws-service-role/{awsServiceName}/AWSServiceRole{hex8}",
    "aws:kinesis/stream:Stream": _HERE + "kinesis" + _REGIONAL + "stream/{_name}",
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": _HERE
    + "firehose"
    + _REGIONAL
    + "deliverystream/{_name}",
    "aws:lb/loadBalancer:LoadBalancer": _HERE + "elasticloadbalancing" + _REGIONAL + "loadbalancer/app/{_name}/{hex16}",
    "aws:lb/targetGroup:TargetGroup": _HERE + "elasticloadbalancing" + _REGIONAL + "targetgroup/{_name}/{hex16}",
    "aws:opensearch/domain:Domain": _HERE + "es" + _REGIONAL + "domain/{domainName}",
    "aws:pipes/pipe:Pipe": _HERE + "pipes" + _REGIONAL + "pipe/{_name}",
    "aws:rds/cluster:Cluster": _HERE + "rds" + _REGIONAL + "cluster:{clusterIdentifier}",
    "aws:rds/clusterInstance:ClusterInstance": _HERE + "rds" + _REGIONAL + "db:{identifier}",
    "aws:rds/globalCluster:GlobalCluster": _HERE + "rds::{account}:global-cluster:{globalClusterIdentifier}",
    "aws:rds/instance:Instance": _HERE + "rds" + _REGIONAL + "db:{identifier}",
    "aws:rds/subnetGroup:SubnetGroup": _HERE + "rds" + _REGIONAL + "subgrp:{_name}",
    "aws:synthetics/canary:Canary": _HERE + "synthetics" + _REGIONAL + "canary:{_name}",
    "aws:wafv2/webAcl:WebAcl": _HERE + "wafv2" + _REGIONAL + "regional/webacl/{_name}/{id}",
    "aws:xray/group:Group": _HERE + "xray" + _REGIONAL + "group/{groupName}/{hex26}",
    "aws:xray/samplingRule:SamplingRule": _HERE + "xray" + _REGIONAL + "sampling-rule/{ruleName}",
}
"""ARNs by type, as patterns (see `fill`); `_name` is what names the resource."""
