"""The scenarios: what is done to which region, and what of the real thing it stands for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Injection:
    """One fault of the home region, at an offset from the drill's own start of failure."""

    kind: str
    """A fault of the sandbox's gateway (`blackhole`, `throttle` …), or `disable-key`."""
    service: str | None = None
    after_seconds: float = 0.0
    seconds: float | None = None
    """How long it lasts; None is until the drill heals."""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Objectives:
    """What the drill is judged by. The recovery figures are those of the production architecture."""

    rto_seconds: float = 120.0
    rpo_seconds: float = 1.0
    error_share: float = 0.25
    """Of all attempts during the failure."""
    p99_ms: float = 5_000.0
    """Of acknowledged orders during the failure; the request timeout of the stack."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A moment of a public incident."""

    at: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A drill that can be run."""

    name: str
    title: str
    simulated: str
    """What is done in the sandbox, and what of the real thing that leaves out."""
    injections: tuple[Injection, ...]
    leaves_home: bool
    """Whether clients are expected to go on in another region."""
    failure_seconds: float = 4.0
    """How long the failure lasts before it is healed."""
    objectives: Objectives = Objectives()
    source: str = ""
    """Of a public incident: the operator's own summary."""
    timeline: tuple[Moment, ...] = ()


_BLACKHOLE = Injection(kind="blackhole")

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="region-loss",
        title="The home region is gone",
        simulated="every request to the region's gateway hangs, and its replication stands still; its services run on",
        injections=(_BLACKHOLE,),
        leaves_home=True,
    ),
    Scenario(
        name="partition",
        title="The home region's DynamoDB is cut off from everybody",
        simulated="connections to the region's DynamoDB are reset and replication stands still; "
        "its other services answer",
        injections=(Injection(kind="cut", service="dynamodb"),),
        leaves_home=True,
    ),
    Scenario(
        name="table-throttling",
        title="Writes are throttled",
        simulated="nine of ten PutItem calls in the home region answer with DynamoDB's throttling error",
        injections=(Injection(kind="throttle", service="dynamodb", options={"rate": 0.9, "operation": "PutItem"}),),
        leaves_home=False,
        objectives=Objectives(error_share=0.6),
    ),
    Scenario(
        name="slow-region",
        title="The home region answers slowly",
        simulated="every answer of the region's DynamoDB comes 800 ms later",
        injections=(Injection(kind="delay", service="dynamodb", options={"seconds": 0.8}),),
        leaves_home=False,
    ),
    Scenario(
        name="key-disabled",
        title="The key of the tables is disabled",
        simulated="the customer-managed key of the orders table in the home region is disabled, then enabled again",
        injections=(Injection(kind="disable-key"),),
        leaves_home=True,
    ),
    Scenario(
        name="zone-loss",
        title="One of three zones is lost",
        simulated="a third of the requests to the home region are reset in the middle of the answer; a zone's own "
        "capacity and its instances are not simulated",
        injections=(Injection(kind="reset", service="dynamodb", options={"rate": 1 / 3}),),
        leaves_home=False,
        objectives=Objectives(error_share=0.5),
    ),
    Scenario(
        name="bad-deployment",
        title="A deployment errs",
        simulated="half of the writes in the home region answer 500, as a bad version behind them would make them; "
        "the version itself, its canary and its rollback are not simulated",
        injections=(
            Injection(kind="error", service="dynamodb", options={"rate": 0.5, "status": 500, "operation": "PutItem"}),
        ),
        leaves_home=False,
        objectives=Objectives(error_share=0.6),
    ),
    Scenario(
        name="incident-2025-10-20",
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
            Moment(at="2021-12-07 14:22 PST", what="all network devices have recovered"),
        ),
    ),
    Scenario(
        name="incident-2020-11-25",
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
            Moment(at="2020-11-25 05:15 PST", what="the first alarms: front-end servers exceed a limit of threads"),
            Moment(at="2020-11-25 22:23 PST", what="Kinesis has fully recovered"),
        ),
    ),
    Scenario(
        name="incident-2023-06-13",
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
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
