import re

import pytest

from sandbox.provider.faults import ProviderError
from sandbox.provider.kubernetes import manifests

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"


def test_an_unnamed_object_is_named_and_keeps_its_name(kubernetes, urn):
    inputs, failures = kubernetes.check(urn(CONFIG_MAP, "settings"), {}, {"data": {"a": "b"}}, b"1")
    assert failures == []
    assert re.fullmatch(r"settings-[0-9a-f]{8}", inputs["metadata"]["name"])
    assert inputs["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}
    again, _ = kubernetes.check(urn(CONFIG_MAP, "settings"), inputs, {"data": {"a": "c"}}, b"2")
    assert again["metadata"]["name"] == inputs["metadata"]["name"]


def test_faults_are_told_by_path(kubernetes, urn):
    _, failures = kubernetes.check(urn(DEPLOYMENT), {}, {"spec": {"replicas": "many", "template": {}}})
    reasons = [failure.reason for failure in failures]
    assert "'spec.replicas' must be a whole number, got the string 'many'" in reasons
    assert "missing required property 'spec.selector'" in reasons


@pytest.mark.parametrize(
    ("token", "metadata", "physical_id"),
    [
        (DEPLOYMENT, {"name": "a"}, "default/a"),
        (DEPLOYMENT, {"name": "a", "namespace": "orders"}, "orders/a"),
        ("kubernetes:core/v1:Namespace", {"name": "a"}, "a"),
        ("kubernetes:karpenter.sh/v1:NodePool", {"name": "a"}, "default/a"),
    ],
)
def test_ids_are_namespace_and_name(kubernetes, urn, token, metadata, physical_id):
    assert kubernetes.create(urn(token), {"metadata": metadata}, preview=True)[0] == physical_id


@pytest.mark.parametrize(
    ("token", "old", "new", "replaces"),
    [
        (CONFIG_MAP, {"data": {"a": "b"}}, {"data": {"a": "c"}}, True),
        (DEPLOYMENT, {"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}, False),
        (DEPLOYMENT, {"spec": {"selector": {"a": "b"}}}, {"spec": {"selector": {"a": "c"}}}, True),
        (DEPLOYMENT, {"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}, True),
        (DEPLOYMENT, {"metadata": {"labels": {"a": "b"}}}, {"metadata": {"labels": {"a": "c"}}}, False),
    ],
)
def test_what_cannot_change_in_place_is_replaced(kubernetes, urn, token, old, new, replaces):
    difference, _ = kubernetes.diff(urn(token), "default/a", old, new)
    assert difference.changes
    assert difference.replaces is replaces


def test_config_maps_may_be_declared_mutable(kubernetes, urn):
    kubernetes.configure({"kubeconfig": "{}", "enableConfigMapMutable": "true"})
    difference, _ = kubernetes.diff(urn(CONFIG_MAP), "a", {"data": {"a": "b"}}, {"data": {"a": "c"}})
    assert not difference.replaces


def test_a_custom_resource_needs_version_and_kind(kubernetes, urn):
    _, failures = kubernetes.check(urn("kubernetes:karpenter.sh/v1:NodePool"), {}, {"spec": {}})
    assert [failure.property for failure in failures] == ["apiVersion", "kind"]


def test_a_kubeconfig_stays_text(kubernetes):
    assert kubernetes.check_config({"kubeconfig": '{"apiVersion": "v1"}'}) == []


def test_a_manifest_is_decoded_with_its_lists_unfolded(kubernetes):
    text = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: a}}\n---\n"
    found = kubernetes.invoke("kubernetes:yaml:decode", {"text": text, "defaultNamespace": "orders"})
    assert found["result"] == [
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": "orders"}}
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [("a: [", "no YAML at line"), ("a: 1", "without apiVersion and kind")],
)
def test_a_bad_manifest_says_what_is_wrong(text, message):
    with pytest.raises(ProviderError, match=message):
        manifests.decode(text)


def test_charts_are_refused_by_name(kubernetes):
    with pytest.raises(ProviderError, match=r"kubernetes:helm.sh/v4:Chart"):
        kubernetes.construct("c", "kubernetes:helm.sh/v4:Chart", {}, None)
    with pytest.raises(ProviderError, match="helm:template"):
        kubernetes.invoke("kubernetes:helm:template", {})


@pytest.mark.parametrize(
    ("version", "token"),
    [("v1", "kubernetes:core/v1:X"), ("apps/v1", "kubernetes:apps/v1:X"), ("a.b/v2", "kubernetes:a.b/v2:X")],
)
def test_tokens_of_objects(version, token):
    assert manifests.token({"apiVersion": version, "kind": "X"}) == token
