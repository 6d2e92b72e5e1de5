"""What the stack `resilient-api` registers at its edge."""

import json
from pathlib import Path

import pytest

from components.edge import definition

REGIONS = ("us-east-1", "us-west-2")
OBSERVER = "eu-west-1"


@pytest.fixture
def edge(recorded):
    return recorded("resilient-api")


def body_of(recording, region="us-east-1"):
    return json.loads(recording.one("restApi:RestApi", f"{region}-api").inputs["body"])


def test_every_route_of_the_service_is_a_route_of_the_api_and_is_checked(edge):
    body = body_of(edge)
    service = json.loads(Path("services/orders/openapi.json").read_text())
    assert body["paths"].keys() == service["paths"].keys()
    validators = body["x-amazon-apigateway-request-validators"]
    for path, item in body["paths"].items():
        for method, operation in item.items():
            assert validators[operation["x-amazon-apigateway-request-validator"]]["validateRequestBody"], (path, method)
            uri = operation["x-amazon-apigateway-integration"]["uri"]
            assert uri.endswith("function:resilient-orders:live/invocations"), (path, method)


def test_the_api_says_of_each_route_what_holds_in_this_stack(edge):
    """The stack's tables are written in any region; with home regions the same routes say so."""
    plain = {(path, method): op for path, method, op in definition.operations(body_of(edge))}
    homed = definition.read("services/orders/openapi.json", {"orders"})
    changed = set()
    for path, method, operation in definition.operations(homed):
        assert "x-holdfast-home-regions" not in operation | plain[path, method]
        if operation["x-holdfast-consistency"] != plain[path, method]["x-holdfast-consistency"]:
            changed.add((path, method))
    assert ("/orders", "post") in changed
    assert ("/sessions", "post") not in changed


def test_only_health_and_the_document_are_open_to_everybody(edge):
    public = {path for path, item in body_of(edge)["paths"].items() if any(not op["security"] for op in item.values())}
    assert public == {"/health", "/health/deep", "/ready", "/regions", "/openapi.json"}


def test_tokens_are_checked_by_the_function_of_the_same_region(edge):
    for region in REGIONS:
        scheme = body_of(edge, region)["components"]["securitySchemes"]["tokens"]
        uri = scheme["x-amazon-apigateway-authorizer"]["authorizerUri"]
        assert f":lambda:{region}:111122223333:function:resilient-orders-authorizer:live" in uri


def test_the_api_is_reached_by_its_domain_alone_over_tls_1_2(edge):
    for region in REGIONS:
        assert edge.one("restApi:RestApi", f"{region}-api").inputs["disableExecuteApiEndpoint"] is True
        domain = edge.one("apigateway/domainName:DomainName", f"{region}-api-domain").inputs
        assert domain["domainName"] == "*.orders.example.com"
        assert domain["securityPolicy"] == "TLS_1_2"


def test_routes_are_throttled_and_requests_logged_without_their_token(edge):
    settings = [item.inputs for item in edge.of("methodSettings:MethodSettings", name="us-east-1")]
    limits = {item["methodPath"]: item["settings"]["throttlingRateLimit"] for item in settings}
    assert limits == {"*/*": 1000, "orders~1process/POST": 200}
    stage = edge.one("apigateway/stage:Stage", "us-east-1-api-stage").inputs
    logged = json.loads(stage["accessLogSettings"]["format"])
    assert {"status", "tenant", "latency_ms"} <= logged.keys()
    assert not any("authorization" in str(value).lower() for value in logged.values())


def test_the_firewall_stands_in_front_of_the_stage_with_the_reference_rate(edge):
    for region in REGIONS:
        acl = edge.one("wafv2/webAcl:WebAcl", f"{region}-acl").inputs
        rules = {rule["name"]: rule["statement"] for rule in acl["rules"]}
        for name in ("rate-address", "rate-token"):
            rate = rules[name]["rateBasedStatement"]
            assert (rate["limit"], rate["evaluationWindowSec"]) == (2000, 300)
        assert rules["size"]["sizeConstraintStatement"]["size"] == 65_536
        assert "AWSManagedRulesCommonRuleSet" in rules
        assert len({rule["priority"] for rule in acl["rules"]}) == len(acl["rules"])
        logging = edge.one("webAclLoggingConfiguration:WebAclLoggingConfiguration", f"{region}-acl-logging").inputs
        assert logging["redactedFields"] == [{"singleHeader": {"name": "authorization"}}]


def test_functions_are_small_machines_of_their_own_with_limits_and_a_place_for_what_failed(edge):
    for region in REGIONS:
        function = edge.one("lambda/function:Function", f"{region}-orders-function").inputs
        assert function["architectures"] == ["arm64"]
        assert function["publish"] is True
        assert function["reservedConcurrentExecutions"] == 200
        assert function["vpcConfig"]["subnetIds"]
        assert function["kmsKeyArn"]
        assert function["deadLetterConfig"]["targetArn"].endswith(":resilient-orders-failed-events")
        variables = function["environment"]["variables"]
        assert variables["OTEL_TRACES_SAMPLER_ARG"] == "0.1"
        assert variables["HOLDFAST_REQUIRE_TENANT"] == "true"
        failures = edge.one("functionEventInvokeConfig:FunctionEventInvokeConfig", f"{region}-orders-failures").inputs
        assert failures["destinationConfig"]["onFailure"]["destination"].endswith("failed-events")


def test_environments_are_kept_ready_and_scale(edge):
    target = edge.one("appautoscaling/target:Target", "us-east-1-provisioned-target").inputs
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 50)
    ready = edge.one("provisionedConcurrencyConfig:ProvisionedConcurrencyConfig", "us-east-1-provisioned-ready")
    assert ready.ignore_changes == ("provisionedConcurrentExecutions",)


def test_a_release_goes_back_when_an_alarm_of_its_region_fires(edge):
    for region in REGIONS:
        group = edge.one("deploymentGroup:DeploymentGroup", f"{region}-release-group").inputs
        assert group["deploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["autoRollbackConfiguration"]["events"]
        alarms = {item.inputs["name"] for item in edge.of("metricAlarm:MetricAlarm", name=region)}
        assert set(group["alarmConfiguration"]["alarms"]) <= alarms
        alias = edge.one("lambda/alias:Alias", f"{region}-orders-alias")
        assert set(alias.ignore_changes) == {"functionVersion", "routingConfig"}


def test_names_lead_to_regions_that_are_well(edge):
    records = [item.inputs for item in edge.of("route53/record:Record") if "setIdentifier" in item.inputs]
    assert {item["name"].partition(".")[0] for item in records} == {"api", "failover", "geo", "weighted"}
    for item in records:
        assert item["ttl"] == 20
        assert item["healthCheckId"].startswith(f"joined-{item['setIdentifier']}")
    assert {
        item["weightedRoutingPolicies"][0]["weight"] for item in records if item["name"].startswith("weighted")
    } == {128}


def test_a_region_is_well_while_its_probe_passes_and_the_observer_gets_through(edge):
    for region in REGIONS:
        deep = edge.one("healthCheck:HealthCheck", f"deep-{region}").inputs
        assert (deep["resourcePath"], deep["requestInterval"], deep["failureThreshold"]) == ("/health/deep", 10, 3)
        assert edge.one("healthCheck:HealthCheck", f"shallow-{region}").inputs["resourcePath"] == "/health"
        journeys = edge.one("healthCheck:HealthCheck", f"journeys-{region}").inputs
        assert (journeys["cloudwatchAlarmRegion"], journeys["insufficientDataHealthStatus"]) == (
            OBSERVER,
            "LastKnownStatus",
        )
        joined = edge.one("healthCheck:HealthCheck", f"joined-{region}").inputs
        assert (joined["type"], len(joined["childHealthchecks"]), joined["childHealthThreshold"]) == (
            "CALCULATED",
            2,
            2,
        )


def test_route_53_can_follow_the_alarms_of_the_journeys(edge):
    # It takes neither metric math, nor percentiles, nor M of N (Route 53 developer guide, "CloudWatch alarm").
    for region in REGIONS:
        alarm = edge.one("metricAlarm:MetricAlarm", f"{OBSERVER}-alarm-journeys-to-{region}").inputs
        assert alarm["statistic"] == "Average"
        assert alarm["evaluationPeriods"] == alarm["datapointsToAlarm"] == 3
        assert "metricQueries" not in alarm


def test_a_region_is_left_when_it_fails_alone_and_the_application_rolled_back_when_all_do(edge):
    alarms = {item.name: item.inputs["alarmRule"] for item in edge.of("compositeAlarm:CompositeAlarm", name=OBSERVER)}
    leave = alarms[f"{OBSERVER}-alarm-leave-us-east-1"]
    assert leave == 'ALARM("resilient-journeys-to-us-east-1") AND (NOT ALARM("resilient-journeys-to-us-west-2"))'
    assert alarms[f"{OBSERVER}-alarm-application-fault"] == (
        'ALARM("resilient-journeys-to-us-east-1") AND ALARM("resilient-journeys-to-us-west-2")'
    )


def test_journeys_start_in_every_region_and_at_the_observer_and_leave_encrypted_traces_for_a_month(edge):
    canaries = edge.of("synthetics/canary:Canary")
    assert {(item.provider_name, item.inputs["name"]) for item in canaries} == {
        (place, f"resilient-to-{target}") for place in (*REGIONS, OBSERVER) for target in REGIONS
    }
    for item in canaries:
        assert item.inputs["schedule"]["expression"] == "rate(1 minute)"
        assert item.inputs["artifactConfig"]["s3Encryption"]["encryptionMode"] == "SSE_KMS"
        assert item.inputs["runConfig"]["environmentVariables"]["TARGET"].startswith("https://us-")
    cycles = [
        item
        for item in edge.of("bucketLifecycleConfiguration:BucketLifecycleConfiguration")
        if "artifacts" in item.name
    ]
    assert len(cycles) == 3
    assert {item.inputs["rules"][0]["expiration"]["days"] for item in cycles} == {30}


def test_the_operators_dashboard_shows_its_own_region_first(edge):
    for region in (*REGIONS, OBSERVER):
        body = json.loads(edge.one("dashboard:Dashboard", f"{region}-operators").inputs["dashboardBody"])
        titles = [widget["properties"].get("title", "") for widget in body["widgets"]]
        per_region = [title.partition(":")[0] for title in titles if title.startswith(REGIONS)]
        assert per_region[0] == (region if region in REGIONS else "us-east-1")
        assert titles[1].startswith("User impact")


def test_the_switch_plan_has_a_person_and_then_moves_clients(edge):
    plan = edge.one("arcregionswitch/plan:Plan", "switch-plan").inputs
    for workflow in plan["workflows"]:
        kinds = [step["executionBlockType"] for step in workflow["steps"]]
        assert kinds == ["ManualApproval", "CustomActionLambda"]
    assert {item["alarmType"] for item in plan["associatedAlarms"]} == {"applicationHealth", "trigger"}
    assert "triggers" not in plan


def test_an_automatic_switch_needs_one_region_red_and_the_other_green(recorded):
    made = recorded("resilient-api", lambda config: config["holdfast:edge"]["evacuation"].update(mode="automatic"))
    plan = made.one("arcregionswitch/plan:Plan", "switch-plan").inputs
    assert all(step["executionBlockType"] != "ManualApproval" for item in plan["workflows"] for step in item["steps"])
    for trigger in plan["triggers"]:
        assert trigger["minDelayMinutesBetweenExecutions"] == 60
        assert sorted(item["condition"] for item in trigger["conditions"]) == ["green", "red"]


@pytest.mark.slow
def test_an_http_api_goes_privately_into_the_vpc_with_practised_zonal_shift(recorded):
    def change(config):
        edge = config["holdfast:edge"]
        edge.pop("waf")
        edge |= {"kind": "http", "private_integration": True, "routing_controls": {"accept_monthly_usd": 1800}}

    made = recorded("resilient-api", change)
    shift = made.one("zonalAutoshiftConfiguration:ZonalAutoshiftConfiguration", "us-east-1-autoshift").inputs
    assert shift["zonalAutoshiftStatus"] == "ENABLED"
    assert shift["outcomeAlarms"]
    assert made.one("apigatewayv2/vpcLink:VpcLink", "us-east-1-link").inputs["subnetIds"]
    assert not made.of("webAcl:WebAcl")
    rule = made.one("safetyRule:SafetyRule", "one-stays-on").inputs
    assert (rule["ruleConfig"]["type"], rule["ruleConfig"]["threshold"]) == ("ATLEAST", 1)
    assert len(made.of("routingControl:RoutingControl")) == 2
    assert len(made.one("healthCheck:HealthCheck", "joined-us-east-1").inputs["childHealthchecks"]) == 3


@pytest.mark.slow
def test_a_weighted_alias_splits_requests_without_codedeploy(recorded):
    release = {"kind": "weighted", "version": "7", "percent": 10}
    made = recorded("resilient-api", lambda config: config["holdfast:serverless"].update(release=release))
    alias = made.one("lambda/alias:Alias", "us-east-1-orders-alias")
    assert alias.inputs["routingConfig"]["additionalVersionWeights"] == {"7": 0.1}
    assert alias.ignore_changes == ()
    assert not made.of("deploymentGroup:DeploymentGroup")
