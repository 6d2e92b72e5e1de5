"""CloudWatch and EventBridge: log groups, alarms, dashboards, rules, targets and buses."""

from sandbox.provider.aws.cloudwatch.alarms import ALARM, COMPOSITE, DASHBOARD
from sandbox.provider.aws.cloudwatch.events import BUS, RULE, TARGET
from sandbox.provider.aws.cloudwatch.logs import LOG_GROUP

KINDS = (LOG_GROUP, ALARM, COMPOSITE, DASHBOARD, RULE, TARGET, BUS)
