"""Properties whose change makes the real provider replace a resource, besides its region and automatic name.

Sources: the schemas in the source of the Terraform AWS provider (`ForceNew`), its resource reference ("Forces new
resource"), and where neither could be read the services' own APIs, which have no call to change them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def _of(*names: str) -> frozenset[str]:
    return frozenset(names)


FORCES: Final[Mapping[str, frozenset[str]]] = {
    "aws:accessanalyzer/analyzer:Analyzer": _of("analyzerName", "configuration", "type"),
    "aws:acm/certificate:Certificate": _of(
        "certificateAuthorityArn",
        "domainName",
        "keyAlgorithm",
        "subjectAlternativeNames",
        "validationMethod",
        "validationOptions",
    ),
    "aws:acm/certificateValidation:CertificateValidation": _of("certificateArn", "validationRecordFqdns"),
    "aws:apigatewayv2/apiMapping:ApiMapping": _of("domainName"),
    "aws:apigatewayv2/domainName:DomainName": _of("domainName"),
    "aws:apigatewayv2/vpcLink:VpcLink": _of("securityGroupIds", "subnetIds"),
    "aws:arcregionswitch/plan:Plan": _of("name", "primaryRegion", "recoveryApproach", "regions"),
    "aws:arczonalshift/zonalAutoshiftConfiguration:ZonalAutoshiftConfiguration": _of("resourceArn"),
    "aws:autoscaling/group:Group": _of("name", "namePrefix"),
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": _of("name"),
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": _of(
        "name", "restoreTestingPlanName", "protectedResourceType"
    ),
    "aws:backup/selection:Selection": _of(
        "name", "planId", "iamRoleArn", "resources", "notResources", "selectionTags", "conditions"
    ),
    "aws:cfg/deliveryChannel:DeliveryChannel": _of("name"),
    "aws:cfg/recorder:Recorder": _of("name"),
    "aws:cfg/recorderStatus:RecorderStatus": _of("name"),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _of("alarmName"),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": _of("logGroupName", "name"),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": _of("logGroup", "name"),
    "aws:codedeploy/application:Application": _of("computePlatform"),
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": _of("monitorDimension", "monitorSpecification", "monitorType"),
    "aws:costexplorer/anomalySubscription:AnomalySubscription": _of("accountId", "name"),
    "aws:costexplorer/costAllocationTag:CostAllocationTag": _of("tagKey"),
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
    "aws:eks/addon:Addon": _of("addonName", "clusterName", "namespaceConfig"),
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
        "securityGroupNames",
        "snapshotArns",
        "snapshotName",
        "subnetGroupName",
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": _of("name"),
    "aws:elasticache/user:User": _of("userId", "userName"),
    "aws:elasticache/userGroup:UserGroup": _of("userGroupId"),
    "aws:fis/experimentTemplate:ExperimentTemplate": _of("experimentOptions.accountTargeting"),
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": _of("awsServiceName", "customSuffix"),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": _of(
        "destination", "kinesisSourceConfiguration", "mskSourceConfiguration", "name"
    ),
    "aws:kinesis/stream:Stream": _of("name"),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": _of("functionName", "qualifier"),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": _of("functionName", "qualifier"),
    "aws:lb/loadBalancer:LoadBalancer": _of("name", "internal", "loadBalancerType", "customerOwnedIpv4Pool"),
    "aws:lb/listener:Listener": _of("loadBalancerArn"),
    "aws:lb/targetGroup:TargetGroup": _of(
        "name", "port", "protocol", "protocolVersion", "targetType", "vpcId", "ipAddressType"
    ),
    "aws:lb/targetGroupAttachment:TargetGroupAttachment": _of(
        "availabilityZone", "port", "quicServerId", "targetGroupArn", "targetId"
    ),
    "aws:opensearch/domain:Domain": _of("domainName"),
    "aws:pipes/pipe:Pipe": _of(
        "name",
        "namePrefix",
        "source",
        "sourceParameters.dynamodbStreamParameters.startingPosition",
        "sourceParameters.kinesisStreamParameters.startingPosition",
        "sourceParameters.kinesisStreamParameters.startingPositionTimestamp",
    ),
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
    "aws:route53recoverycontrol/cluster:Cluster": _of("name"),
    "aws:route53recoverycontrol/controlPanel:ControlPanel": _of("clusterArn"),
    "aws:route53recoverycontrol/routingControl:RoutingControl": _of("clusterArn", "controlPanelArn"),
    "aws:route53recoverycontrol/safetyRule:SafetyRule": _of(
        "assertedControls", "controlPanelArn", "gatingControls", "ruleConfig", "targetControls"
    ),
    "aws:secretsmanager/secretRotation:SecretRotation": _of("secretId"),
    "aws:synthetics/canary:Canary": _of("name"),
    "aws:wafv2/webAcl:WebAcl": _of("name", "scope"),
    "aws:wafv2/webAclAssociation:WebAclAssociation": _of("resourceArn", "webAclArn"),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": _of("logDestinationConfigs", "resourceArn"),
    "aws:xray/group:Group": _of("groupName"),
    "aws:xray/samplingRule:SamplingRule": _of("ruleName", "version"),
}
"""Forcing properties by type."""

KEPT: Final[Mapping[str, frozenset[str]]] = {
    "aws:apigatewayv2/vpcLink:VpcLink": _of("name"),
    "aws:codedeploy/application:Application": _of("name"),
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": _of("name"),
    "aws:elasticache/replicationGroup:ReplicationGroup": _of("transitEncryptionEnabled"),
    "aws:lb/loadBalancer:LoadBalancer": _of("securityGroups", "subnets"),
    "aws:route53recoverycontrol/controlPanel:ControlPanel": _of("name"),
    "aws:route53recoverycontrol/routingControl:RoutingControl": _of("name"),
    "aws:route53recoverycontrol/safetyRule:SafetyRule": _of("name"),
}
"""Names that are changed in place, and properties of which the SDK's documentation says more than the schema does."""

NEVER: Final[Mapping[str, str]] = {
    "aws:apigateway/account:Account": "one per region, always updated",
    "aws:apigateway/restApi:RestApi": "UpdateRestApi changes all of it, its name too",
    "aws:backup/regionSettings:RegionSettings": "one per region, always updated",
    "aws:codedeploy/deploymentGroup:DeploymentGroup": "both names are changed by UpdateDeploymentGroup",
    "aws:ec2/internetGateway:InternetGateway": "it is detached and attached again",
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": "one per region, always updated",
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": "one per region, always updated",
    "aws:guardduty/detector:Detector": "UpdateDetector changes all of it",
}
"""Types of which no property forces a replacement, the region apart, and why."""
