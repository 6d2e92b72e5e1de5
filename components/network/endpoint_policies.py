"""Endpoint policies: through the endpoints of a VPC, this account reaches this stack's tables and buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.base.documents import allow, document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.base.place import Place
    from settings import Settings

ITEM_ACTIONS = (
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeTable",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
)
"""What passes through the endpoint: items, and what a client asks about its table. Nothing that makes or drops one."""


def dynamodb_policy(settings: Settings, place: Place) -> str:
    """The tables of this stack in this region, their indexes and the control table, for principals of this account."""
    tables = settings.data.tables if settings.data else {}
    names = [tables[logical].name for logical in settings.tables_in(place.region)]
    names.append(settings.control_table_name)
    resources = [place.table_arn(name) for name in names]
    resources += [
        place.index_arn(tables[logical].name, index)
        for logical in settings.tables_in(place.region)
        for index in tables[logical].indexes
    ]
    return document(_own("TablesOfThisStack", ITEM_ACTIONS, resources, place))


def buckets_in(settings: Settings, place: Place) -> list[str]:
    """Names of the stack's buckets that are reached from the VPC of a region: exports, in the home region."""
    backup = settings.data.backup if settings.data else None
    return [place.bucket_name("exports")] if place.is_home and backup and backup.export else []


def s3_policy(buckets: Sequence[str], place: Place) -> str:
    """The buckets of this stack in this region, and the layers of container images, which ECR keeps in S3."""
    layers = f"arn:aws:s3:::prod-{place.region}-starport-layer-bucket/*"
    own = [arn for bucket in buckets for arn in (f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*")]
    statements = [allow("ImageLayers", ["s3:GetObject"], [layers], principal="*")]
    if own:
        statements.append(_own("BucketsOfThisStack", ["s3:GetObject", "s3:ListBucket", "s3:PutObject"], own, place))
    return document(*statements)


def account_policy(place: Place) -> str:
    """Policy of an interface endpoint: principals of this account, whose own policies say what they may do."""
    return document(_own("ThisAccount", ["*"], ["*"], place))


def _own(sid: str, actions: Sequence[str], resources: Sequence[str], place: Place) -> dict[str, object]:
    return allow(
        sid,
        actions,
        resources,
        principal="*",
        condition={"StringEquals": {"aws:PrincipalAccount": place.account_id}},
    )
