"""Outputs of recorded types that programs read, as patterns (see `fill`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

TIMES: Final = frozenset(
    {"associatedAt", "createDate", "createdAt", "createdDate", "creationDate", "lastModified", "modifiedAt"}
)
"""Outputs that hold a time."""

_ISSUER: Final = "https://oidc.eks.{region}.amazonaws.com/id/{hex32}"
_DAX: Final = "{clusterName}.{hex6}.dax-clusters.{region}.amazonaws.com"
_REDIS: Final = "{replicationGroupId}.{hex6}"

OUTPUTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:acm/certificate:Certificate": {
        "domainValidationOptions": [
            {
                "domainName": "{domainName}",
                "resourceRecordName": "_{hex32}.{domainName}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": "_{hex31}.acm-validations.aws.",
            }
        ],
        "status": "ISSUED",
    },
    "aws:apigatewayv2/domainName:DomainName": {
        "domainNameConfiguration.targetDomainName": "d-{hex10}.execute-api.{region}.amazonaws.com",
        "domainNameConfiguration.hostedZoneId": "Z1UJRXOUMOOFQ8",
    },
    "aws:autoscaling/group:Group": {"availabilityZones": ["{region}a", "{region}b", "{region}c"]},
    "aws:cloudfront/distribution:Distribution": {
        "domainName": "{hex13}.cloudfront.net",
        "hostedZoneId": "Z2FDTNDATAQYW2",
        "status": "Deployed",
    },
    "aws:dax/cluster:Cluster": {
        "clusterAddress": _DAX,
        "configurationEndpoint": _DAX + ":9111",
        "port": 9111,
    },
    "aws:efs/fileSystem:FileSystem": {"dnsName": "{id}.efs.{region}.amazonaws.com"},
    "aws:eks/accessEntry:AccessEntry": {
        "accessEntryArn": "arn:{partition}:eks:{region}:{account}:access-entry/{clusterName}/{hex8}",
    },
    "aws:eks/cluster:Cluster": {
        "vpcConfig.clusterSecurityGroupId": "sg-{hex17}",
        "certificateAuthority": {"data": "c2FuZGJveA=="},
        "endpoint": "https://{hex32}.gr7.{region}.eks.amazonaws.com",
        "identities": [{"oidcs": [{"issuer": _ISSUER}]}],
        "platformVersion": "eks.1",
        "status": "ACTIVE",
    },
    "aws:eks/nodeGroup:NodeGroup": {
        "resources": [
            {"autoscalingGroups": [{"name": "eks-{nodeGroupName}-{hex8}"}], "remoteAccessSecurityGroupId": ""}
        ],
        "status": "ACTIVE",
    },
    "aws:eks/fargateProfile:FargateProfile": {"status": "ACTIVE"},
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
        "associationId": "a-{hex17}",
        "associationArn": "arn:{partition}:eks:{region}:{account}:podidentityassociation/{clusterName}/a-{hex17}",
    },
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup": {
        "globalReplicationGroupId": "sgaui-{globalReplicationGroupIdSuffix}",
        "clusterEnabled": True,
        "atRestEncryptionEnabled": True,
        "transitEncryptionEnabled": True,
    },
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "configurationEndpointAddress": "clustercfg." + _REDIS + ".{short}.cache.amazonaws.com",
        "primaryEndpointAddress": "master." + _REDIS + ".{short}.cache.amazonaws.com",
        "readerEndpointAddress": "replica." + _REDIS + ".{short}.cache.amazonaws.com",
        "clusterEnabled": True,
    },
    "aws:lb/loadBalancer:LoadBalancer": {
        "dnsName": "{name}-{hex10}.{region}.elb.amazonaws.com",
        "arnSuffix": "app/{name}/{hex16}",
        "zoneId": "Z35SXDOTRQ7X7K",
    },
    "aws:lb/targetGroup:TargetGroup": {"arnSuffix": "targetgroup/{name}/{hex16}"},
    "aws:opensearch/domain:Domain": {"endpoint": "search-{domainName}-{hex26}.{region}.es.amazonaws.com"},
    "aws:rds/cluster:Cluster": {
        "endpoint": "{clusterIdentifier}.cluster-{hex12}.{region}.rds.amazonaws.com",
        "readerEndpoint": "{clusterIdentifier}.cluster-ro-{hex12}.{region}.rds.amazonaws.com",
        "clusterResourceId": "cluster-{hex26}",
        "port": 3306,
    },
    "aws:rds/instance:Instance": {
        "address": "{identifier}.{hex12}.{region}.rds.amazonaws.com",
        "status": "available",
        "resourceId": "db-{hex26}",
    },
    "aws:synthetics/canary:Canary": {"status": "RUNNING"},
}
"""Outputs by type; a dotted name is a field that AWS adds to a block of the inputs."""
