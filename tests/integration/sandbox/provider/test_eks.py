"""A program with a cluster, previewed by the sandbox's engine."""

import sys
from pathlib import Path

import pytest

from sandbox.engine import Engine, Program, StateFile
from sandbox.provider.host import LocalHost

pytestmark = pytest.mark.sandbox

PROGRAM = """
import pulumi
import pulumi_aws as aws
import pulumi_eks as eks

home = aws.Provider("home", region="us-east-1")
components = eks.Provider("eks")
both = pulumi.ResourceOptions(providers=[home, components])
cluster = eks.Cluster(
    "apps",
    name="apps",
    vpc_id="vpc-1",
    private_subnet_ids=["subnet-1", "subnet-2"],
    skip_default_node_group=SKIP,
    authentication_mode="API",
    create_oidc_provider=True,
    version="1.33",
    access_entries={"admin": {"principal_arn": "arn:aws:iam::111122223333:role/admin"}},
    opts=both,
)
role = aws.iam.Role("nodes", name="nodes", assume_role_policy="{}", opts=pulumi.ResourceOptions(provider=home))
eks.ManagedNodeGroup(
    "nodes",
    cluster=cluster,
    node_role_arn=role.arn,
    instance_types=["m7g.large"],
    scaling_config={"desired_size": 3, "min_size": 3, "max_size": 6},
    opts=both,
)
pulumi.export("issuer", cluster.oidc_provider_url)
pulumi.export("kubeconfig", cluster.kubeconfig_json)
"""


def preview(directory: Path, text: str):
    (directory / "Pulumi.yaml").write_text("name: apps\nruntime: python\n")
    (directory / "__main__.py").write_text(text)
    program = Program(
        directory=directory,
        project="apps",
        stack="test",
        config={"pulumi:disable-default-providers": '["*"]'},
        python=Path(sys.executable),
    )
    with LocalHost() as host:
        engine = Engine(program, state=StateFile(directory / "state.json", "x"), plugins=host, passphrase="x")
        return engine.preview()


def test_a_cluster_has_the_children_of_the_real_component(tmp_path):
    outcome = preview(tmp_path, PROGRAM.replace("SKIP", "True"))
    assert [str(diagnostic) for diagnostic in outcome.diagnostics] == []
    assert outcome.ok
    children = {(step.type, step.name) for step in outcome.steps}
    assert {
        ("eks:index:Cluster", "apps"),
        ("eks:index:ServiceRole", "apps-eksRole"),
        ("aws:iam/role:Role", "apps-eksRole-role"),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "apps-eksRole-4b490823"),
        ("aws:ec2/securityGroup:SecurityGroup", "apps-eksClusterSecurityGroup"),
        ("aws:ec2/securityGroup:SecurityGroup", "apps-nodeSecurityGroup"),
        ("aws:ec2/securityGroupRule:SecurityGroupRule", "apps-eksClusterIngressRule"),
        ("aws:eks/cluster:Cluster", "apps-eksCluster"),
        ("aws:eks/accessEntry:AccessEntry", "apps-admin"),
        ("aws:eks/addon:Addon", "apps-kube-proxy"),
        ("eks:index:VpcCniAddon", "apps-vpc-cni"),
        ("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "apps-oidcProvider"),
        ("pulumi:providers:kubernetes", "apps-eks-k8s"),
        ("aws:eks/nodeGroup:NodeGroup", "nodes"),
    } <= children
    [nodes] = [step for step in outcome.steps if step.type == "aws:eks/nodeGroup:NodeGroup"]
    assert nodes.new_inputs["subnetIds"] == ["subnet-1", "subnet-2"]
    assert nodes.new_inputs["scalingConfig"] == {"desiredSize": 3, "minSize": 3, "maxSize": 6}
    assert outcome.outputs["issuer"].startswith("https://oidc.eks.us-east-1.amazonaws.com/id/")
    assert '"apps"' in outcome.outputs["kubeconfig"]


def test_what_the_stand_in_does_not_make_is_refused_by_name(tmp_path):
    outcome = preview(tmp_path, PROGRAM.replace("SKIP", "False"))
    assert not outcome.ok
    assert any("skip_default_node_group=True" in str(diagnostic) for diagnostic in outcome.diagnostics)


MORE = """
eks.Addon(
    "storage",
    cluster=cluster,
    addon_name="aws-ebs-csi-driver",
    configuration_values={"node": {"b": 1, "a": 2}},
    resolve_conflicts_on_create="OVERWRITE",
    opts=both,
)
group = eks.NodeGroupSecurityGroup(
    "extra",
    cluster_security_group=cluster.core.cluster_security_group,
    eks_cluster=cluster.eks_cluster,
    vpc_id="vpc-1",
    tags={"team": "a"},
    opts=both,
)
"""


def test_addons_and_security_groups_of_node_groups(tmp_path):
    outcome = preview(tmp_path, PROGRAM.replace("SKIP", "True") + MORE)
    assert [str(diagnostic) for diagnostic in outcome.diagnostics] == []
    assert outcome.ok
    steps = {(step.type, step.name): step for step in outcome.steps}
    assert ("eks:index:Addon", "storage") in steps
    addon = steps["aws:eks/addon:Addon", "storage"]
    assert addon.parent == steps["eks:index:Addon", "storage"].urn
    assert addon.new_inputs["addonName"] == "aws-ebs-csi-driver"
    assert addon.new_inputs["configurationValues"] == '{"node": {"a": 2, "b": 1}}'
    group = steps["eks:index:NodeGroupSecurityGroup", "extra"]
    below = [step for step in outcome.steps if step.parent == group.urn]
    [security] = [step for step in below if step.type == "aws:ec2/securityGroup:SecurityGroup"]
    assert security.new_inputs["vpcId"] == "vpc-1"
    assert security.new_inputs["tags"]["team"] == "a"
    assert len([step for step in below if step.type == "aws:ec2/securityGroupRule:SecurityGroupRule"]) >= 4


def test_a_launch_template_holds_what_a_node_group_may_not_say_beside_it(tmp_path):
    """The real component refuses the one, EKS the other."""
    own = PROGRAM.replace("SKIP", "True").replace(
        'instance_types=["m7g.large"],', 'instance_types=["m7g.large"], launch_template={"id": "lt-1", "version": "1"},'
    )
    sound = preview(tmp_path, own)
    assert sound.ok
    [nodes] = [step for step in sound.steps if step.type == "aws:eks/nodeGroup:NodeGroup"]
    assert nodes.new_inputs["launchTemplate"] == {"id": "lt-1", "version": "1"}
    broken = preview(tmp_path, own.replace("launch_template=", "disk_size=50, enable_imd_sv2=True, launch_template="))
    assert not broken.ok
    said = " ".join(str(diagnostic) for diagnostic in broken.diagnostics)
    assert "goes with none of enableIMDSv2, diskSize" in said
