"""Public incidents as scenarios. Each names the operator's own summary; the times are that summary's."""

from __future__ import annotations

from ops.drill.scenario import Injection, Moment, Objectives, Scenario

INCIDENTS: tuple[Scenario, ...] = (
    Scenario(
        name="incident-2025-10-20",
        runbook="region-loss",
        title="October 2025: the empty DNS record of DynamoDB's endpoint in us-east-1",
        simulated="new and existing connections to the region's DynamoDB are reset; hours are seconds here. In the "
        "incident existing connections lived on and global tables only lagged",
        injections=(Injection(kind="cut", service="dynamodb"),),
        leaves_home=True,
        source="https://aws.amazon.com/message/101925/",
        timeline=(
            Moment(at="2025-10-19 23:48 PDT", what="error rates of DynamoDB rise: its endpoint's record is empty"),
            Moment(at="2025-10-20 02:40 PDT", what="DynamoDB has recovered"),
            Moment(at="2025-10-20 14:20 PDT", what="the last of the services that depend on it have recovered"),
        ),
    ),
    Scenario(
        name="incident-2015-09-20",
        runbook="system-errors",
        title="September 2015: DynamoDB's metadata service overloaded in us-east-1",
        simulated="55 in 100 requests to the region's DynamoDB answer 500",
        injections=(Injection(kind="error", service="dynamodb", options={"rate": 0.55, "status": 500}),),
        leaves_home=False,
        objectives=Objectives(error_share=0.6),
        source="https://aws.amazon.com/message/5467D2/",
        timeline=(
            Moment(at="2015-09-20 02:19 PDT", what="a brief network disruption; storage servers ask for membership"),
            Moment(at="2015-09-20 02:37 PDT", what="about 55 % of the requests fail"),
            Moment(at="2015-09-20 05:06 PDT", what="requests to the metadata service are paused, capacity is added"),
            Moment(at="2015-09-20 07:10 PDT", what="error rates are back to normal"),
        ),
    ),
    Scenario(
        name="incident-2021-12-07",
        runbook="region-unwell",
        title="December 2021: congestion between AWS's networks in us-east-1",
        simulated="answers of every service of the region come 600 ms later, and one in five is reset",
        injections=(
            Injection(kind="delay", options={"seconds": 0.6}),
            Injection(kind="reset", options={"rate": 0.2}),
        ),
        leaves_home=False,
        objectives=Objectives(error_share=0.5),
        source="https://aws.amazon.com/message/12721/",
        timeline=(
            Moment(at="2021-12-07 07:30 PST", what="an automated scaling activity congests the internal network"),
            Moment(at="2021-12-07 09:28 PST", what="DNS traffic has been moved off the congested paths"),
            Moment(at="2021-12-07 14:22 PST", what="all network devices have recovered"),
        ),
    ),
    Scenario(
        name="incident-2020-11-25",
        runbook="service-errors",
        title="November 2020: Kinesis in us-east-1, and what stood on it",
        simulated="the control and monitoring services of the region (CloudWatch, Kinesis, Lambda) answer 500; "
        "the tables work, and so must the application",
        injections=tuple(
            Injection(kind="error", service=service, options={"status": 500})
            for service in ("monitoring", "kinesis", "lambda")
        ),
        leaves_home=False,
        source="https://aws.amazon.com/message/11201/",
        timeline=(
            Moment(at="2020-11-25 02:44 PST", what="capacity is added to the front-end fleet"),
            Moment(at="2020-11-25 05:15 PST", what="the first alarms: front-end servers exceed a limit of threads"),
            Moment(at="2020-11-25 22:23 PST", what="Kinesis has fully recovered"),
        ),
    ),
    Scenario(
        name="incident-2023-06-13",
        runbook="service-errors",
        title="June 2023: Lambda invocations in us-east-1",
        simulated="Lambda, STS and EventBridge of the region answer 500; the tables work, and so must the application",
        injections=tuple(
            Injection(kind="error", service=service, options={"status": 500}) for service in ("lambda", "sts", "events")
        ),
        leaves_home=False,
        source="https://aws.amazon.com/message/061323/",
        timeline=(
            Moment(at="2023-06-13 11:49 PDT", what="errors and latencies of Lambda invocations rise"),
            Moment(at="2023-06-13 13:45 PDT", what="invocations begin to return to normal"),
            Moment(at="2023-06-13 15:37 PDT", what="all affected services have recovered"),
        ),
    ),
    Scenario(
        name="incident-2011-04-21",
        runbook="latency",
        title="April 2011: one zone's volumes stuck, then the region's control plane",
        simulated="a third of the requests to the region's DynamoDB trickle at 200 bytes a second",
        injections=(Injection(kind="slow", service="dynamodb", options={"rate": 1 / 3, "bytes_per_second": 200}),),
        leaves_home=False,
        objectives=Objectives(error_share=0.5),
        source="https://aws.amazon.com/message/65648/",
        timeline=(
            Moment(at="2011-04-21 00:47 PDT", what="a network change isolates the volumes of one zone"),
            Moment(at="2011-04-22 12:30 PDT", what="all but about 2 % of the volumes are restored"),
        ),
    ),
)
