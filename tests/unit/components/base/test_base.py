"""Names, documents and tags are pure functions."""

import json

import pulumi
import pytest

from components.base import documents, tags
from components.base.place import Place

PLACE = Place(
    stack="test", prefix="shop", account_id="111122223333", region="eu-west-1", home_region="us-east-1", protect=True
)


def test_names_and_arns_follow_from_the_place():
    assert PLACE.name("dax") == "shop-dax"
    assert PLACE.global_name("app") == "shop-eu-west-1-app"
    assert PLACE.bucket_name("exports") == "shop-111122223333-eu-west-1-exports"
    assert PLACE.index_arn("orders", "ByDate") == "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/ByDate"
    assert PLACE.role_arn("x") == "arn:aws:iam::111122223333:role/x"
    assert PLACE.at("us-east-1").is_home
    assert not PLACE.is_home


def test_documents_are_spelled_one_way():
    first = documents.document(documents.allow("A", ["s3:PutObject", "s3:GetObject"], ["x"]))
    second = documents.document(documents.allow("A", ["s3:GetObject", "s3:PutObject"], ["x"]))
    assert first == second
    assert json.loads(first)["Version"] == "2012-10-17"


def test_a_deny_is_a_deny():
    assert documents.deny("A", ["s3:GetObject"], ["*"], principal="*")["Effect"] == "Deny"


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("aws:dynamodb/table:Table", True), ("aws:kms/alias:Alias", False), ("aws:autoscaling/group:Group", False),
        ("holdfast:data:DataLayer", False), ("pulumi:providers:aws", False), ("aws:nothing/here:Here", False),
    ],
)  # fmt: skip
def test_only_types_with_tags_are_tagged(token, expected):
    assert tags.has_tags(token) is expected


def transformed(token, props):
    args = pulumi.ResourceTransformArgs(
        custom=True, type_=token, name="x", props=props, opts=pulumi.ResourceOptions(protect=True)
    )
    return tags.adding({"Stack": "test", "Team": "a"})(args)


def test_own_tags_win_and_options_are_kept():
    result = transformed("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "tags": {"Team": "b"}})
    assert result.props == {"cidrBlock": "10.0.0.0/16", "tags": {"Stack": "test", "Team": "b"}}
    assert result.opts.protect is True
    assert transformed("aws:kms/alias:Alias", {}) is None
