"""The scenarios: what is done to the home region, and what of the real thing it stands for."""

from __future__ import annotations

from ops.drill.incidents import INCIDENTS
from ops.drill.scenario import DISABLE_KEY, Injection, Objectives, Scenario

COMMON: tuple[Scenario, ...] = (
    Scenario(
        name="region-loss",
        runbook="region-loss",
        title="The home region is gone",
        simulated="every request to the region's gateway hangs, and its replication stands still; its services run on",
        injections=(Injection(kind="blackhole"),),
        leaves_home=True,
        experiment="dynamodb-loss",
    ),
    Scenario(
        name="partition",
        runbook="replication-lag",
        title="The home region's DynamoDB is cut off from everybody",
        simulated="connections to the region's DynamoDB are reset and replication stands still; "
        "its other services answer",
        injections=(Injection(kind="cut", service="dynamodb"),),
        leaves_home=True,
        experiment="region-isolation",
    ),
    Scenario(
        name="table-throttling",
        runbook="throttling",
        title="Writes are throttled",
        simulated="more than 60 PutItem calls a second in the home region answer with DynamoDB's throttling error; "
        "half of what the drill offers",
        injections=(
            Injection(kind="throttle", service="dynamodb", options={"per_second": 60, "operation": "PutItem"}),
        ),
        leaves_home=False,
        objectives=Objectives(error_share=0.75, least_per_second=40),
    ),
    Scenario(
        name="slow-region",
        runbook="latency",
        title="The home region answers slowly",
        simulated="every answer of the region's DynamoDB comes 800 ms later",
        injections=(Injection(kind="delay", service="dynamodb", options={"seconds": 0.8}),),
        leaves_home=False,
    ),
    Scenario(
        name="cache-loss",
        runbook="cache",
        title="The caches of the home region are gone",
        simulated="requests to the Redis and DAX of the region hang; the tables work, and so must the application",
        injections=(Injection(kind="blackhole", service="elasticache"), Injection(kind="blackhole", service="dax")),
        leaves_home=False,
        objectives=Objectives(error_share=0.05),
        reads=True,
    ),
    Scenario(
        name="key-disabled",
        runbook="key-disabled",
        title="The key of the tables is disabled",
        simulated="the customer-managed key of the orders table in the home region is disabled, then enabled again",
        injections=(Injection(kind=DISABLE_KEY),),
        leaves_home=True,
    ),
    Scenario(
        name="zone-loss",
        runbook="cluster",
        title="One of three zones is lost",
        simulated="a third of the requests to the home region are reset in the middle of the answer; a zone's own "
        "capacity and its instances are not simulated",
        injections=(Injection(kind="reset", service="dynamodb", options={"rate": 1 / 3}),),
        leaves_home=False,
        experiment="zone-network",
        objectives=Objectives(error_share=0.5),
    ),
    Scenario(
        name="bad-deployment",
        runbook="service-errors",
        title="A deployment errs",
        simulated="half of the writes in the home region answer 500, as a bad version behind them would make them; "
        "the version itself, its canary and its rollback are not simulated",
        injections=(
            Injection(kind="error", service="dynamodb", options={"rate": 0.5, "status": 500, "operation": "PutItem"}),
        ),
        leaves_home=False,
        experiment="pods",
        objectives=Objectives(error_share=0.6),
    ),
)

SCENARIOS = (*COMMON, *INCIDENTS)
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
