"""Tokens of the resource types that rules judge, as pulumi-aws 7 registers them."""

from __future__ import annotations

from typing import Final

ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
AUTOSCALING_TARGET: Final = "aws:appautoscaling/target:Target"
BACKUP_LOCK: Final = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
BACKUP_PLAN: Final = "aws:backup/plan:Plan"
BACKUP_SELECTION: Final = "aws:backup/selection:Selection"
BACKUP_TESTING: Final = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
BACKUP_VAULT: Final = "aws:backup/vault:Vault"
BUCKET: Final = "aws:s3/bucket:Bucket"
BUCKET_V2: Final = "aws:s3/bucketV2:BucketV2"
BUCKETS: Final = (BUCKET, BUCKET_V2)
BUCKET_ENCRYPTION: Final = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)
BUCKET_LOGGING: Final = ("aws:s3/bucketLogging:BucketLogging", "aws:s3/bucketLoggingV2:BucketLoggingV2")
BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
BUCKET_REPLICATION: Final = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
BUCKET_VERSIONING: Final = (
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:s3/bucketVersioningV2:BucketVersioningV2",
)
BUCKET_WEBSITE: Final = (
    "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration",
    "aws:s3/bucketWebsiteConfigurationV2:BucketWebsiteConfigurationV2",
)
BUDGET: Final = "aws:budgets/budget:Budget"
CACHE_CLUSTER: Final = "aws:elasticache/cluster:Cluster"
CACHE_GROUP: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
CACHE_SERVERLESS: Final = "aws:elasticache/serverlessCache:ServerlessCache"
CONFIG_RECORDER: Final = "aws:cfg/recorder:Recorder"
CONFIG_STATUS: Final = "aws:cfg/recorderStatus:RecorderStatus"
CONTRIBUTOR_INSIGHTS: Final = "aws:dynamodb/contributorInsights:ContributorInsights"
DAX: Final = "aws:dax/cluster:Cluster"
DAX_SUBNETS: Final = "aws:dax/subnetGroup:SubnetGroup"
DEFAULT_SECURITY_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
ENDPOINT_POLICY: Final = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"
ENDPOINT_ROUTES: Final = "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"
EBS_DEFAULT: Final = "aws:ebs/encryptionByDefault:EncryptionByDefault"
EBS_VOLUME: Final = "aws:ebs/volume:Volume"
EKS: Final = "aws:eks/cluster:Cluster"
EKS_NODES: Final = "aws:eks/nodeGroup:NodeGroup"
EVENT_SOURCE: Final = "aws:lambda/eventSourceMapping:EventSourceMapping"
FIS: Final = "aws:fis/experimentTemplate:ExperimentTemplate"
FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"
FUNCTION: Final = "aws:lambda/function:Function"
GLOBAL_TABLE: Final = "aws:dynamodb/globalTable:GlobalTable"
GUARDDUTY: Final = "aws:guardduty/detector:Detector"
HEALTH_CHECK: Final = "aws:route53/healthCheck:HealthCheck"
HTTP_API: Final = "aws:apigatewayv2/api:Api"
HTTP_DOMAIN: Final = "aws:apigatewayv2/domainName:DomainName"
HTTP_ROUTE: Final = "aws:apigatewayv2/route:Route"
HTTP_STAGE: Final = "aws:apigatewayv2/stage:Stage"
INSTANCE: Final = "aws:ec2/instance:Instance"
INTERNET_GATEWAY: Final = "aws:ec2/internetGateway:InternetGateway"
INVOKE_CONFIG: Final = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
KEY: Final = "aws:kms/key:Key"
LAMBDA_PERMISSION: Final = "aws:lambda/permission:Permission"
LAUNCH_TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
NAT_GATEWAY: Final = "aws:ec2/natGateway:NatGateway"
POD_IDENTITY: Final = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
POLICY: Final = "aws:iam/policy:Policy"
POLICY_ATTACHMENT: Final = "aws:iam/policyAttachment:PolicyAttachment"
PROVIDER: Final = "pulumi:providers:aws"
QUEUE: Final = "aws:sqs/queue:Queue"
RECORD: Final = "aws:route53/record:Record"
REPLICA: Final = "aws:dynamodb/tableReplica:TableReplica"
REPLICA_KEY: Final = "aws:kms/replicaKey:ReplicaKey"
REPOSITORY: Final = "aws:ecr/repository:Repository"
REST_API: Final = "aws:apigateway/restApi:RestApi"
REST_DOMAIN: Final = "aws:apigateway/domainName:DomainName"
REST_METHOD: Final = "aws:apigateway/method:Method"
REST_STAGE: Final = "aws:apigateway/stage:Stage"
ROLE: Final = "aws:iam/role:Role"
ROUTE: Final = "aws:ec2/route:Route"
ROUTE_ASSOCIATION: Final = "aws:ec2/routeTableAssociation:RouteTableAssociation"
ROUTE_TABLE: Final = "aws:ec2/routeTable:RouteTable"
SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type's token
SECURITY_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
SECURITY_GROUP_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
SECURITY_INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
SUBNET: Final = "aws:ec2/subnet:Subnet"
TABLE: Final = "aws:dynamodb/table:Table"
TABLE_POLICY: Final = "aws:dynamodb/resourcePolicy:ResourcePolicy"
TOPIC: Final = "aws:sns/topic:Topic"
TOPIC_POLICY: Final = "aws:sns/topicPolicy:TopicPolicy"
TRAIL: Final = "aws:cloudtrail/trail:Trail"
USER_POLICY: Final = "aws:iam/userPolicy:UserPolicy"
USER_ATTACHMENT: Final = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
VPC: Final = "aws:ec2/vpc:Vpc"
WEB_ACL: Final = "aws:wafv2/webAcl:WebAcl"
WEB_ACL_ASSOCIATION: Final = "aws:wafv2/webAclAssociation:WebAclAssociation"
WEB_ACL_LOGGING: Final = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
