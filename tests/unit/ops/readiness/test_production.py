from __future__ import annotations

import copy
import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from ops.commands.readiness import app
from ops.console import Output
from ops.readiness.command import _evidence
from ops.readiness.elsewhere import ELSEWHERE
from ops.readiness.finding import Finding
from ops.readiness.fixes import LAYERS, fix_of
from ops.readiness.pillars import PILLARS, pillar_of
from ops.readiness.workload import LINES
from ops.recovery.command import Wish, carry_out
from ops.workspace import Workspace
from settings import load_stack

ROOT = Path(__file__).parents[4]
COUNT = 213
"""Resources of the whole stack; the strategies need it before the fixture is there."""


@pytest.mark.parametrize("edge", [False, True])
def test_the_whole_stack_shows_every_line(whole, edge):
    found = whole.judge(edge=edge)
    assert [one.id for one in found.findings if one.state == "failed"] == []
    assert found.ready
    assert found.score == 1.0
    applying = {line for line, state in found.lines().items() if state == "passed"}
    functions = {"functions", "warm-functions", "releases"}
    api = {"api-validation", "api-throttling", "canaries", "firewall", "transport", "access-logs", "rate-rules"}
    api |= {"canary-rate", "firewall-groups"}
    other = {"cluster", "cluster-zones", *LINES} if edge else functions | api
    left = {line for lines in PILLARS.values() for line in lines} - applying
    figures = {"autoscaling", "scaling-figures", "index-capacity", "indexes", "ceilings"}
    assert left == {*figures, *ELSEWHERE} | other
    assert found.pillars() == dict.fromkeys(PILLARS, 1.0)
    assert len(whole.resources) == COUNT


def test_every_line_has_a_pillar_and_every_finding_an_id_of_its_own(whole):
    found = whole.judge()
    assert {pillar_of(one.line) for one in found.findings} == set(PILLARS)
    assert len({one.id for one in found.findings}) == len(found.findings)
    with pytest.raises(KeyError):
        pillar_of("nothing")


@pytest.mark.parametrize("index", range(COUNT))
def test_each_resource_that_is_gone_fails_a_finding_of_its_own(whole, index):
    kept = whole.resources[:index] + whole.resources[index + 1 :]
    assert min(whole.judge(kept, edge=edge).score for edge in (False, True)) < 1.0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kept=st.sets(st.integers(0, COUNT - 1)),
    gone=st.sets(st.integers(0, COUNT - 1)),
    shown=st.booleans(),
    edge=st.booleans(),
)
def test_no_removal_raises_the_score_of_the_whole_or_of_a_pillar(whole, kept, gone, shown, edge):
    before = whole.judge([whole.resources[index] for index in sorted(kept)], edge=edge)
    left = [whole.resources[index] for index in sorted(kept - gone)]
    after = whole.judge(left, whole.evidence if shown else {"proof": whole.today}, edge=edge)
    assert after.score <= before.score
    assert before.ready or not after.ready
    was = before.pillars()
    assert all(share <= was[pillar] for pillar, share in after.pillars().items())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_property_that_is_taken_away_raises_the_score(whole, data):
    """A property that is unknown or absent proves nothing."""
    index = data.draw(st.integers(0, COUNT - 1))
    resources = copy.deepcopy(list(whole.resources))
    names = sorted(resources[index]["inputs"])
    if names:
        name = data.draw(st.sampled_from(names))
        if data.draw(st.booleans()):
            del resources[index]["inputs"][name]
        else:
            resources[index]["inputs"][name] = None
    assert whole.judge(resources).score <= 1.0


@pytest.mark.parametrize(
    ("kind", "change", "line"),
    [
        ("aws:fis/experimentTemplate:ExperimentTemplate", {"stopConditions": [{"source": "none"}]}, "stop-conditions"),
        ("aws:dax/cluster:Cluster", {"clusterEndpointEncryptionType": "NONE"}, "dax-encryption"),
        ("aws:elasticache/replicationGroup:ReplicationGroup", {"multiAzEnabled": False}, "redis-resilience"),
        ("aws:route53/healthCheck:HealthCheck", {"resourcePath": "/health"}, "health-checks"),
        ("aws:route53/record:Record", {"healthCheckId": None}, "failover-records"),
        ("aws:cloudtrail/trail:Trail", {"enableLogFileValidation": False}, "audit-trail"),
        ("aws:budgets/budget:Budget", {"limitAmount": "20000"}, "budget"),
        ("aws:kms/key:Key", {"enableKeyRotation": False}, "key-rotation"),
        ("aws:eks/cluster:Cluster", {"vpcConfig": {"endpointPrivateAccess": False}}, "cluster"),
        ("aws:xray/samplingRule:SamplingRule", {"fixedRate": 0.01}, "tracing"),
        ("aws:sns/topic:Topic", {"kmsMasterKeyId": None}, "topics"),
        ("aws:synthetics/canary:Canary", {"startCanary": False}, "canaries"),
        ("aws:apigateway/restApi:RestApi", {"body": "{}"}, "api-validation"),
        ("aws:dynamodb/tableReplica:TableReplica", {"deletionProtectionEnabled": False}, "deletion-protection"),
        ("aws:dynamodb/tableReplica:TableReplica", {"kmsKeyArn": "arn:aws:kms:us-east-1:1:key/k"}, "key-in-region"),
        ("aws:dynamodb/table:Table", {"tags": {"Stack": "t"}}, "recovery-tags"),
        ("aws:dynamodb/table:Table", {"tags": {"Stack": "t"}}, "tags"),
        ("aws:dynamodb/table:Table", {"pointInTimeRecovery": {"enabled": True}}, "recovery-window"),
        ("aws:ec2/subnet:Subnet", {"availabilityZone": "us-east-1a"}, "zones"),
        ("aws:ec2/natGateway:NatGateway", {"subnetId": "one"}, "gateway-per-zone"),
        ("aws:cloudwatch/logGroup:LogGroup", {"retentionInDays": 7}, "log-retention"),
        ("aws:backup/plan:Plan", {"rules": [{"schedule": "cron(0 5 * * ? *)"}]}, "backup-retention"),
        ("aws:s3/bucketVersioning:BucketVersioning", {"versioningConfiguration": {"status": "Suspended"}}, "buckets"),
        ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", {"blockPublicAcls": False}, "buckets"),
        ("aws:elasticache/replicationGroup:ReplicationGroup", {"replicasPerNodeGroup": 0}, "cache-replicas"),
        ("aws:eks/cluster:Cluster", {"vpcConfig": {"subnetIds": ["a"]}}, "cluster-zones"),
        ("aws:codedeploy/deploymentGroup:DeploymentGroup", {"alarmConfiguration": {}}, "releases"),
        ("aws:apigateway/domainName:DomainName", {"securityPolicy": "TLS_1_0"}, "transport"),
        ("aws:apigateway/stage:Stage", {"accessLogSettings": None}, "access-logs"),
        ("aws:wafv2/webAcl:WebAcl", {"rules": []}, "rate-rules"),
        ("aws:wafv2/webAcl:WebAcl", {"rules": []}, "firewall-groups"),
        ("kubernetes:apps/v1:Deployment", {"spec": {"template": {"spec": {"containers": [{}]}}}}, "probes"),
        ("kubernetes:apps/v1:Deployment", {"spec": {"template": {"spec": {"containers": [{}]}}}}, "pod-security"),
        ("kubernetes:apps/v1:Deployment", {"spec": {}}, "pod-zones"),
        ("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", {"spec": {"minReplicas": 1}}, "pod-scaling"),
        ("kubernetes:networking.k8s.io/v1:NetworkPolicy", {"spec": {"policyTypes": ["Ingress"]}}, "network-policy"),
        ("kubernetes:core/v1:ConfigMap", {"data": {"topology.json": '{"runtime": {}}'}}, "client-settings"),
        ("kubernetes:core/v1:ConfigMap", {"data": {"topology.json": "{"}}, "client-settings"),
        ("aws:eks/podIdentityAssociation:PodIdentityAssociation", {"roleArn": "arn:role/other"}, "pod-identity"),
        ("aws:eks/nodeGroup:NodeGroup", {"subnetIds": ["a"]}, "nodes"),
        ("aws:eks/nodeGroup:NodeGroup", {"amiType": "AL2023_x86_64_STANDARD"}, "efficient-processors"),
        ("aws:eks/nodeGroup:NodeGroup", {"launchTemplate": None}, "node-disks"),
        ("aws:ec2/launchTemplate:LaunchTemplate", {"blockDeviceMappings": [{"ebs": {}}]}, "node-disks"),
        ("aws:ec2/launchTemplate:LaunchTemplate", {"blockDeviceMappings": []}, "node-disks"),
        (
            "aws:ec2/launchTemplate:LaunchTemplate",
            {"blockDeviceMappings": [{"ebs": {"encrypted": "true"}}, {"ebs": {"encrypted": "false"}}]},
            "node-disks",
        ),
        ("aws:ecr/repository:Repository", {"imageTagMutability": "MUTABLE"}, "images"),
        ("aws:lb/listener:Listener", {"sslPolicy": "ELBSecurityPolicy-2016-08"}, "entrance"),
        ("aws:ec2/networkAcl:NetworkAcl", {"ingress": []}, "network-acls"),
        (
            "aws:ec2/networkAcl:NetworkAcl",
            {
                "ingress": [
                    {"action": "allow", "protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlock": "0.0.0.0/0"}
                ]
            },
            "network-acls",
        ),
        (
            "aws:ec2/networkAcl:NetworkAcl",
            {"ingress": [{"action": "allow", "protocol": "-1", "fromPort": 0, "toPort": 0, "ipv6CidrBlock": "::/0"}]},
            "network-acls",
        ),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", {"privateDnsEnabled": False}, "private-services"),
        ("aws:iam/rolePolicy:RolePolicy", {"policy": "{}"}, "item-access"),
        ("aws:secretsmanager/secretRotation:SecretRotation", {"rotationRules": {}}, "secrets"),
        ("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", {"rules": []}, "audit-retention"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", {"threshold": 1_000_000}, "alarm-thresholds"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", {"datapointsToAlarm": 3}, "alarm-thresholds"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", {"alarmActions": []}, "service-alarms"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", {"alarmActions": []}, "backup-alarm"),
        ("aws:cloudwatch/dashboard:Dashboard", {"dashboardBody": "{}"}, "dashboard-contents"),
        ("aws:sns/topicSubscription:TopicSubscription", {"endpoint": "other@example.com"}, "recipients"),
        ("aws:cloudwatch/eventRule:EventRule", {"scheduleExpression": "rate(1 day)"}, "drill-reminder"),
        ("aws:costexplorer/costAllocationTag:CostAllocationTag", {"status": "Inactive"}, "allocation-tags"),
        ("aws:route53/record:Record", {"ttl": 3600}, "routing"),
        ("aws:dynamodb/table:Table", {"streamViewType": "KEYS_ONLY"}, "streams"),
        ("aws:dax/cluster:Cluster", {"replicationFactor": 1}, "cache-figures"),
        ("aws:elasticache/replicationGroup:ReplicationGroup", {"numNodeGroups": 1}, "cache-figures"),
        ("aws:synthetics/canary:Canary", {"schedule": {"expression": "rate(5 minutes)"}}, "canary-rate"),
    ],
)
def test_what_is_there_and_wrong_fails(whole, kind, change, line):
    resources = [
        {**one, "inputs": {**one["inputs"], **change}} if one["type"] == kind else one for one in whole.resources
    ]
    assert "failed" in {whole.judge(resources, edge=edge).lines()[line] for edge in (False, True)}
    assert whole.judge(resources).score <= 1.0


def test_a_layer_that_the_stack_file_does_not_name_does_not_apply_and_says_why(whole):
    states = {one.id: one for one in whole.judge().findings}
    assert states["canaries/edge"].state == "not applicable"
    assert states["canaries/edge"].reason == "the stack file has no holdfast:edge"
    assert states["autoscaling/orders/us-east-1"].state == "not applicable"


def test_what_a_stack_file_cannot_ask_for_is_named_and_never_counted(whole):
    found = [one for one in whole.judge(()).findings if one.line in ELSEWHERE]
    assert len(found) == sum(len(subjects) for subjects in ELSEWHERE.values())
    assert {one.state for one in found} == {"not applicable"}
    assert all(one.reason for one in found)


def test_what_failed_says_what_to_do_and_what_passed_does_not(whole):
    for edge in (False, True):
        for one in whole.judge((), {}, edge=edge).findings:
            assert bool(one.fix) == (one.state == "failed"), one.id
            assert pillar_of(one.line)
        assert {one.fix for one in whole.judge(edge=edge).findings} == {""}
    fixes = {one.id: one.fix for one in whole.judge((), {}).findings}
    assert fixes["evidence/drill:zone-loss"] == "holdfast drill run zone-loss"
    assert fixes["objectives/rto"] == "holdfast drill run region-loss"
    assert fixes["evidence/proof"] == "holdfast prove"
    assert fixes["evidence/restore"] == "holdfast restore TABLE --verify"
    assert "docs/layers/compute.md" in fixes["probes/us-east-1/readinessProbe"]
    with pytest.raises(KeyError):
        fix_of(Finding(id="nothing/x", line="nothing", required=True, state="failed", reason=""))
    for layer in LAYERS:
        assert (ROOT / "docs" / "layers" / f"{layer}.md").exists()


def test_two_runs_are_equal_to_the_byte(whole):
    first, second = whole.judge(), whole.judge(list(reversed(whole.resources)))
    assert json.dumps([one.to_dict() for one in first.findings]) == json.dumps(
        [one.to_dict() for one in second.findings]
    )


@pytest.fixture
def workspace(tmp_path):
    made = Workspace(project=tmp_path, stack="prod")
    (made.evidence / "drills").mkdir(parents=True)
    return made


def drill(
    workspace, name, *, ok=True, serving=1.5, oldest=0.1, started="2026-11-10T10:00:00+00:00", scenario="region-loss"
):
    figures = {"rto": {"serving": serving}, "at_risk": {"orders": [], "oldest_seconds": oldest}}
    evidence = {"ok": ok, "started": started, "scenario": {"name": scenario}, "figures": figures}
    (workspace.evidence / "drills" / f"{name}.json").write_text(json.dumps({"evidence": evidence}))


def test_objectives_are_shown_by_the_latest_drill_that_met_them(workspace):
    wanted = load_stack("prod", ROOT)
    drill(workspace, "a", serving=1.5, oldest=0.2)
    drill(workspace, "b", ok=False, serving=119.0, oldest=1.5, started="2026-11-12T10:00:00+00:00")
    drill(workspace, "c", scenario="zone-loss", started="2026-11-13T10:00:00+00:00")
    found = _evidence(workspace, wanted)
    assert found == {
        "drill:region-loss": date(2026, 11, 10), "objective:rto": date(2026, 11, 12),
        "objective:rpo": date(2026, 11, 10), "drill:zone-loss": date(2026, 11, 13),
    }  # fmt: skip


@pytest.mark.parametrize("equal", [True, False])
def test_a_restore_that_was_verified_is_evidence(workspace, whole, monkeypatch, equal):
    found = SimpleNamespace(workspace=workspace)
    monkeypatch.setattr("ops.recovery.command.open_stack", lambda *_: found)
    monkeypatch.setattr("ops.recovery.command.verify", lambda *_: (Comparison(equal=equal), {"table": "copy"}))
    words = dict.fromkeys(("target", "at", "backup", "export", "role", "region"))
    wish = Wish(**words, table="orders", verify=True, keys=(), overwrite=False, yes=True)
    assert carry_out(wish, stack="prod", topology=None, output=Output(as_json=True)) is equal
    (kept,) = (workspace.evidence / "restores").glob("*.json")
    assert json.loads(kept.read_text()).keys() == {"ok", "table", "started"}
    (workspace.evidence / "restores" / "x.json").write_text('{"ok": true, "started": "soon"}')
    shown = _evidence(workspace, load_stack("prod", ROOT))
    assert list(shown) == (["restore"] if equal else [])
    old = {one.id: one.state for one in whole.judge(evidence={"restore": date(2026, 8, 1)}).findings}
    assert old["evidence/restore"] == "failed"


@dataclass(frozen=True)
class Comparison:
    """What comparing the copy with the source found."""

    equal: bool


def test_the_monthly_report_is_evidence_until_the_end_of_the_month_after_next(workspace, whole):
    for name in ("2026-09", "2026-10", "of-no-month"):
        (workspace.evidence / f"capacity-{name}.html").write_text("")
    found = _evidence(workspace, load_stack("prod", ROOT))
    assert found == {"capacity-report": date(2026, 11, 1)}
    states = {one.id: one.state for one in whole.judge(evidence=found).findings}
    assert states["capacity-report/month"] == "passed"
    old = {one.id: one for one in whole.judge(evidence={"capacity-report": date(2026, 9, 1)}).findings}
    assert old["capacity-report/month"].state == "failed"
    assert old["capacity-report/month"].reason == "shown 81 days ago, good for 62"


@pytest.mark.parametrize(
    "text", ["", "[]", '{"evidence": {"ok": true}}', '{"evidence": {"ok": true, "scenario": {"name": "region-loss"}}}',
             '{"evidence": {"ok": true, "started": "soon", "scenario": {"name": "region-loss"}}}'],
)  # fmt: skip
def test_evidence_that_cannot_be_read_shows_nothing(workspace, text):
    (workspace.evidence / "drills" / "x.json").write_text(text)
    assert _evidence(workspace, load_stack("prod", ROOT)) == {}


def test_the_command_tells_pillars_and_fails_without_proof(tmp_path, monkeypatch):
    for name in ("Pulumi.yaml", "Pulumi.prod.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "state.json").write_text('{"deployment": {"resources": []}}')
    done = CliRunner().invoke(app, ["--stack", "prod", "--state", "state.json", "--json"])
    document = json.loads(done.stdout)
    assert done.exit_code == 1
    assert set(document["pillars"]) == set(PILLARS)
    assert document["score"] < 0.02
    again = CliRunner().invoke(app, ["--stack", "prod", "--state", "state.json", "--json"])
    assert again.stdout == done.stdout
    assert CliRunner().invoke(app, ["--stack", "prod", "--state", "none.json"]).exception.code == 2
