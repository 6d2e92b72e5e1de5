"""Names, checks, the plan and the drills."""

import json

import pytest

from holdfast.topology import Topology

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


EXPERIMENTS = ("replication-pause", "region-isolation", "dynamodb-loss", "zone-network", "nodes", "pods")


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_has_every_experiment_and_each_stops_when_its_users_suffer(prod, region):
    templates = {
        item.name.removeprefix(f"{region}-drill-"): item.inputs
        for item in prod.of("fis/experimentTemplate:ExperimentTemplate")
        if item.provider_name == region
    }
    assert set(templates) == set(EXPERIMENTS)
    for item in templates.values():
        (stop,) = item["stopConditions"]
        assert stop["source"] == "aws:cloudwatch:alarm"
        assert stop["value"] == f"arn:aws:cloudwatch:{region}:111122223333:alarm:holdfast-serving"
        assert {action["target"]["value"] for action in item["actions"]} == {one["name"] for one in item["targets"]}
    serving = prod.one("compositeAlarm:CompositeAlarm", f"{region}-alarm-serving").inputs
    assert "orders-5xx" in serving["alarmRule"]
    assert "replication" not in serving["alarmRule"], "an experiment that stops replication would end itself"


def test_isolation_cuts_from_home_and_home_from_the_next_region(prod):
    def cut_from(region):
        template = prod.one("fis/experimentTemplate:ExperimentTemplate", f"{region}-drill-region-isolation").inputs
        assert {action["actionId"] for action in template["actions"]} == {
            "aws:network:route-table-disrupt-cross-region-connectivity",
            "aws:dynamodb:global-table-pause-replication",
        }
        assert all(len(target["resourceArns"]) <= 8 for target in template["targets"])
        return next(
            item["value"] for action in template["actions"] for item in action["parameters"] if item["key"] == "region"
        )

    assert [cut_from(region) for region in REGIONS] == ["us-west-2", "us-east-1", "us-east-1"]


@pytest.mark.parametrize("region", REGIONS)
def test_experiments_on_pods_have_a_user_and_a_role_in_the_namespace_alone(prod, region):
    entry = prod.one("eks/accessEntry:AccessEntry", f"{region}-experiments-user").inputs
    assert entry["userName"] == "fis-experiment"
    role = prod.one("rbac.authorization.k8s.io/v1:Role", f"{region}-experiments-role").inputs
    assert role["metadata"]["namespace"] == "orders"
    binding = prod.one("rbac.authorization.k8s.io/v1:RoleBinding", f"{region}-experiments-binding").inputs
    assert {subject["kind"] for subject in binding["subjects"]} == {"ServiceAccount", "User"}
    pods = prod.one("fis/experimentTemplate:ExperimentTemplate", f"{region}-drill-pods").inputs
    parameters = {item["key"]: item["value"] for item in pods["actions"][0]["parameters"]}
    assert parameters["kubernetesServiceAccount"] == binding["subjects"][0]["name"]
    nodes = prod.one("fis/experimentTemplate:ExperimentTemplate", f"{region}-drill-nodes").inputs["targets"][0]
    group = prod.one("eks:index:ManagedNodeGroup", f"{region}-nodes").inputs
    assert {tag["key"]: tag["value"] for tag in nodes["resourceTags"]} == group["tags"]


def test_the_topology_names_the_experiments_and_the_objectives(prod):
    topology = Topology.from_dict(prod.outputs["topology"])
    assert topology.objectives == {"rto_seconds": 120, "rpo_seconds": 1}
    for region in REGIONS:
        assert set(topology.region(region).experiments) == set(EXPERIMENTS)
        assert topology.region(region).experiments["pods"].startswith(f"arn:aws:fis:{region}:111122223333:experiment-")


def test_what_answers_for_a_region_says_what_it_promises(prod):
    entries = [*prod.of("lb/loadBalancer:LoadBalancer"), *prod.of("healthCheck:HealthCheck")]
    assert len(entries) == 2 * len(REGIONS)
    plan = prod.one("arcregionswitch/plan:Plan", "switch-plan")
    for item in [*entries, plan]:
        assert item.inputs["tags"].items() >= {"RtoSeconds": "120", "RpoSeconds": "1"}.items(), item.name


def test_drills_are_due_each_quarter(prod):
    rule = prod.one("eventRule:EventRule", "drill-due").inputs
    assert rule["scheduleExpression"] == "cron(0 14 ? 1/3 TUE#2 *)"


@pytest.mark.parametrize("region", REGIONS)
def test_what_an_experiment_did_is_logged_encrypted_and_for_a_year(prod, region):
    log = prod.one("logGroup:LogGroup", f"{region}-drills-log").inputs
    assert log["name"] == f"/holdfast/{region}/experiments"
    assert f"{region}-key-logs" in log["kmsKeyId"]
    assert log["retentionInDays"] == 365
    templates = [item for item in prod.of("ExperimentTemplate") if item.provider_name == region]
    rights = prod.one("iam/rolePolicy:RolePolicy", f"{region}-drills-logging")
    for item in templates:
        logging = item.inputs["logConfiguration"]
        assert logging["logSchemaVersion"] == 2
        arn = logging["cloudwatchLogsConfiguration"]["logGroupArn"]
        assert arn.startswith(f"arn:aws:logs:{region}:111122223333:")
        assert arn.endswith(f"/holdfast/{region}/experiments:*")
        assert rights.urn in item.dependencies, "FIS refuses a template whose role may not deliver its log"
    (statement,) = json.loads(rights.inputs["policy"])["Statement"]
    assert set(statement["Action"]) == {
        "logs:CreateLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:PutResourcePolicy",
    }


@pytest.mark.parametrize("region", REGIONS)
def test_experiments_reach_the_stack_s_tables_and_nothing_else_by_their_own_policy(prod, region):
    rights = json.loads(prod.one("iam/rolePolicy:RolePolicy", f"{region}-drills-policy").inputs["policy"])
    pause, find = rights["Statement"]
    tables = ("Production", "orders", "sessions", "inventory", "accounts", "metrics")
    names = {name if name == "Production" else f"{name}-production" for name in tables}
    assert set(pause["Resource"]) == {f"arn:aws:dynamodb:{region}:111122223333:table/{name}" for name in names}
    assert all(action.startswith("dynamodb:") and "Item" not in action for action in pause["Action"])
    assert (find["Action"], find["Resource"]) == (["tag:GetResources"], ["*"])
    trust = json.loads(prod.one("iam/role:Role", f"{region}-drills-role").inputs["assumeRolePolicy"])["Statement"]
    assert [item["Principal"] for item in trust] == [{"Service": "fis.amazonaws.com"}]
    assert trust[0]["Condition"]["ArnLike"] == {"aws:SourceArn": f"arn:aws:fis:{region}:111122223333:experiment/*"}
    attached = {
        item.inputs["policyArn"].rsplit("/", 1)[1]
        for item in prod.of("iam/rolePolicyAttachment:RolePolicyAttachment", name=f"{region}-drills")
    }
    assert attached == {"AWSFaultInjectionSimulatorEKSAccess", "AWSFaultInjectionSimulatorNetworkAccess"}


def test_every_way_in_has_the_same_check(prod, recorded):
    """The load balancers' checks and the APIs' deep checks differ in names and in the settings' interval alone."""

    def asked(recording, label):
        fields = ("type", "port", "resourcePath", "failureThreshold", "regions", "measureLatency", "enableSni")
        checks = [item for item in recording.of("healthCheck:HealthCheck") if item.name.startswith(f"{label}-")]
        assert all(item.inputs["tags"]["RtoSeconds"] == "120" for item in checks)
        return [{field: item.inputs[field] for field in fields} for item in checks]

    balancers, apis = asked(prod, "check"), asked(recorded("resilient-api"), "deep")
    assert len(balancers) == len(REGIONS)
    assert apis == balancers[: len(apis)] != []
