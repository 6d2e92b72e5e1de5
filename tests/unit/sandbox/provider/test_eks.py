"""What of `eks` the stand-in does not make is refused by name, with what to write instead."""

import pytest

from sandbox.provider.cloud import Door
from sandbox.provider.eks.components.cluster import _refuse
from sandbox.provider.eks.plugin import EksPlugin
from sandbox.provider.faults import ProviderError

WHOLE = {"skipDefaultNodeGroup": True, "vpcId": "vpc-1"}


@pytest.mark.parametrize(
    "token", ["eks:index:NodeGroup", "eks:index:NodeGroupV2", "eks:index:ClusterCreationRoleProvider"]
)
def test_self_managed_nodes_are_refused(token):
    with pytest.raises(ProviderError, match=rf"{token} \(mine\): .* Use a ManagedNodeGroup for nodes"):
        EksPlugin(Door(None)).construct("mine", token, {}, None)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({**WHOLE, "fargate": True}, r"does not make a Fargate profile \(fargate\); leave it out"),
        ({**WHOLE, "storageClasses": "gp3"}, r"does not make storage classes \(storageClasses\)"),
        ({**WHOLE, "creationRoleProvider": {"role": "x"}}, "does not make a cluster created by another role"),
        ({"vpcId": "vpc-1"}, "does not make the default node group; set skip_default_node_group=True"),
        ({"skipDefaultNodeGroup": True}, "has no default VPC; give vpc_id and subnet_ids"),
    ],
)
def test_parts_of_a_cluster_are_refused(inputs, words):
    with pytest.raises(ProviderError, match=words):
        _refuse("apps", inputs)


def test_a_whole_cluster_is_not_refused():
    assert _refuse("apps", WHOLE) is None
