import pytest

from sandbox.provider.sdk import catalogue

TABLE = "aws:dynamodb/table:Table"


def test_a_type_has_its_inputs_required_ones_and_outputs():
    replica = catalogue("aws").find("aws:dynamodb/tableReplica:TableReplica")
    assert replica.required == {"globalTableArn"}
    assert {"kmsKeyArn", "pointInTimeRecovery", "tags"} <= set(replica.inputs)
    assert "arn" in replica.outputs


def test_nested_types_keep_their_wire_names_and_required_fields():
    attributes = catalogue("aws").find(TABLE).inputs["attributes"]
    assert attributes.kind == "list"
    assert attributes.item.required == {"name", "type"}


def test_types_that_contain_themselves_are_read():
    rule = catalogue("aws").find("aws:wafv2/webAcl:WebAcl").inputs["rules"]
    assert "statement" in rule.item.fields


def test_a_property_that_refers_to_another_package_of_the_sdk_is_read():
    deployment = catalogue("kubernetes").find("kubernetes:apps/v1:Deployment")
    assert deployment.inputs["spec"].fields["template"].fields["spec"].required == {"containers"}


def test_documented_replacements_are_known():
    assert "bootstrapSelfManagedAddons" in catalogue("aws").find("aws:eks/cluster:Cluster").forcing


def test_an_unknown_type_has_a_nearest_one():
    assert catalogue("aws").find("aws:dynamodb/tabel:Tabel") is None
    assert catalogue("aws").nearest("aws:dynamodb/tabel:Tabel") == TABLE


def test_reading_types_leaves_the_real_packages_alone():
    import sys

    catalogue("aws").find("aws:glacier/vault:Vault")
    assert "pulumi_aws.glacier.vault" not in sys.modules


@pytest.mark.slow
@pytest.mark.parametrize("package", ["aws", "eks", "kubernetes"])
def test_every_type_of_the_sdk_can_be_read(package):
    known = catalogue(package)
    unread = [token for token in known.tokens() if known.find(token) is None or not known.find(token).outputs >= set()]
    assert len(known.tokens()) > 5
    assert unread == []
