"""Names, checks, the plan and the drills."""

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")


def test_health_checks_have_the_reference_figures(prod):
    checks = prod.of("healthCheck:HealthCheck")
    assert {item.inputs["fqdn"] for item in checks} == {f"{region}.orders.example.com" for region in REGIONS}
    for item in checks:
        assert (item.inputs["requestInterval"], item.inputs["failureThreshold"]) == (30, 3)
        assert item.inputs["resourcePath"] == "/health/deep"
        assert item.inputs["type"] == "HTTPS"
        assert len(item.inputs["regions"]) >= 3


def test_every_name_leads_to_healthy_regions_within_the_objective(prod):
    records = [item.inputs for item in prod.of("route53/record:Record") if "setIdentifier" in item.inputs]
    names = {item["name"] for item in records}
    assert names == {f"{prefix}.orders.example.com" for prefix in ("api", "failover", "geo")}
    for item in records:
        assert item["ttl"] == 20
        assert item["healthCheckId"]
        assert 30 * 3 + item["ttl"] < 120
    failover = [item["failoverRoutingPolicies"][0]["type"] for item in records if item["name"].startswith("failover")]
    assert sorted(failover) == ["PRIMARY", "SECONDARY"]
    latency = {item["latencyRoutingPolicies"][0]["region"] for item in records if item["name"].startswith("api")}
    assert latency == set(REGIONS)
    places = [item["geolocationRoutingPolicies"][0] for item in records if item["name"].startswith("geo")]
    assert {"country": "*"} in places
    assert len(places) == 3


def test_switch_plan_has_two_regions_and_a_person(prod):
    plan = prod.one("arcregionswitch/plan:Plan", "switch-plan").inputs
    assert plan["regions"] == ["us-east-1", "us-west-2"]
    assert {item["workflowTargetRegion"] for item in plan["workflows"]} == {"us-east-1", "us-west-2"}
    assert {step["executionBlockType"] for item in plan["workflows"] for step in item["steps"]} == {"ManualApproval"}


def test_every_experiment_stops_at_the_alarm_of_its_region(prod):
    templates = prod.of("fis/experimentTemplate:ExperimentTemplate")
    assert {item.provider_name for item in templates} == set(REGIONS)
    for item in templates:
        (stop,) = item.inputs["stopConditions"]
        assert stop["source"] == "aws:cloudwatch:alarm"
        assert stop["value"] == f"arn:aws:cloudwatch:{item.provider_name}:111122223333:alarm:holdfast-region"


def test_drills_are_due_each_quarter(prod):
    rule = prod.one("eventRule:EventRule", "drill-due").inputs
    assert rule["scheduleExpression"] == "cron(0 14 ? 1/3 TUE#2 *)"
