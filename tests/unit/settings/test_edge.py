"""What the edge and the functions behind it refuse."""

import pytest

import settings


@pytest.fixture
def edged(legal):
    legal["holdfast:regions"] = legal["holdfast:regions"][:2]
    legal["holdfast:network"] = {}
    legal["holdfast:monitoring"] = {}
    legal["holdfast:recovery"] = {"dns": {"zone": "orders.example.com"}}
    legal["holdfast:serverless"] = {}
    legal["holdfast:edge"] = {"authorization": {"type": "iam"}, "observer": "eu-west-1"}
    return legal


def test_an_edge_needs_little(edged):
    assert settings.parse(edged, "Pulumi.test.yaml").deployed_regions == ("us-east-1", "us-west-2", "eu-west-1")


@pytest.mark.parametrize(
    ("change", "path", "says"),
    [
        ({"kind": "http", "waf": {}}, "holdfast:edge.waf", "cannot be put in front of an HTTP API"),
        ({"private_integration": True}, "holdfast:edge.private_integration", "VPC link"),
        ({"observer": "us-west-2"}, "holdfast:edge.observer", "fails together"),
        ({"weights": {"eu-west-1": 1}}, "holdfast:edge.weights.eu-west-1", "not a region of this stack"),
        (
            {"waf": {"blocked_countries": ["FR"], "allowed_countries": ["FR"]}},
            "holdfast:edge.waf.blocked_countries",
            "both",
        ),
        (
            {"routing_controls": {"accept_monthly_usd": 10}},
            "holdfast:edge.routing_controls.accept_monthly_usd",
            "$1,800",
        ),
        (
            {"authorization": {"type": "jwt", "issuer": "http://x", "audience": ["a"]}},
            "holdfast:edge.authorization.jwt.issuer",
            "http://x",
        ),
    ],
)
def test_what_an_edge_cannot_be_is_refused_with_the_reason(edged, faults_of, change, path, says):
    edged["holdfast:edge"] |= change
    faults = faults_of(edged)
    assert path in faults, list(faults)
    assert says in faults[path].rule
    assert faults[path].fix


def test_an_edge_names_the_layers_that_it_stands_on(edged, faults_of):
    for layer in ("serverless", "monitoring", "recovery"):
        values = {key: value for key, value in edged.items() if key != f"holdfast:{layer}"}
        assert f"holdfast:{layer}" in faults_of(values)


def test_what_is_kept_ready_is_taken_from_what_is_reserved(edged, faults_of):
    edged["holdfast:serverless"] = {"reserved_concurrency": 10, "provisioned": {"minimum": 5, "maximum": 20}}
    assert "must ascend" in faults_of(edged)["holdfast:serverless.provisioned"].rule


def test_the_price_of_canaries_follows_their_frequency():
    from settings.observer import CanarySettings

    assert CanarySettings(minutes=1).monthly_usd(6) == pytest.approx(311.04)
    assert CanarySettings(minutes=5).monthly_usd(1) == pytest.approx(10.37)
