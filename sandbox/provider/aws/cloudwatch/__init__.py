"""CloudWatch and EventBridge: log groups, alarms, dashboards, rules, targets and buses."""

from sandbox.provider.aws.cloudwatch.alarms import ALARM, DASHBOARD
from sandbox.provider.aws.cloudwatch.events import BUS, RULE, TARGET
from sandbox.provider.aws.cloudwatch.logs import LOG_GROUP

KINDS = (LOG_GROUP, ALARM, DASHBOARD, RULE, TARGET, BUS)
