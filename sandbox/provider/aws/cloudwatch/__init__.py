"""CloudWatch: log groups."""

from sandbox.provider.aws.cloudwatch.logs import LOG_GROUP

KINDS = (LOG_GROUP,)
