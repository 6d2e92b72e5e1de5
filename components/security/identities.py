"""What the application may do, as documents: item actions on its own tables and indexes, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.base.documents import Statement, allow, document
from components.security.keys import key_alias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from components.base.place import Place
    from settings import Settings

READ_ITEMS = ("dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:Query")
"""Reading items; no Scan: nothing in the application reads a whole table."""

WRITE_ITEMS = ("dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
"""Writing items, alone or in a transaction."""

POD_IDENTITY = "pods.eks.amazonaws.com"
"""The service that gives a pod its role (EKS user guide, "EKS Pod Identity")."""


def pod_trust(place: Place) -> str:
    """Trust policy of a workload's role: pods of this account's clusters in this region."""
    return document(
        allow(
            "PodsOfThisAccount",
            ["sts:AssumeRole", "sts:TagSession"],
            principal={"Service": POD_IDENTITY},
            condition={
                "StringEquals": {"aws:SourceAccount": place.account_id},
                "ArnLike": {"aws:SourceArn": place.arn("eks", "cluster/*")},
            },
        )
    )


def app_policy(settings: Settings, place: Place) -> str:
    """What the application may do from one region.

    Tables of other regions are named only where clients of the stack fail over, and only its own replicas.
    """
    statements = list(_items("Local", settings, [place]))
    others = [place.at(region) for region in settings.region_names if region != place.region]
    if settings.runtime.failover and others:
        statements += _items("Failover", settings, others)
    statements.append(allow("OwnTopology", ["ssm:GetParameter"], [place.parameter_arn(place.topology_parameter)]))
    return document(*statements)


def _items(label: str, settings: Settings, places: Iterable[Place]) -> Iterable[Statement]:
    places = list(places)
    tables = [arn for place in places for arn in table_arns(settings, place)]
    indexes = [arn for place in places for arn in index_arns(settings, place)]
    control = [place.table_arn(settings.control_table_name) for place in places]
    yield allow(f"{label}Items", [*READ_ITEMS, *WRITE_ITEMS], tables)
    if indexes:
        yield allow(f"{label}Indexes", ["dynamodb:Query"], indexes)
    yield allow(f"{label}Flags", ["dynamodb:GetItem", "dynamodb:Query"], control)
    if settings.security is not None:
        yield from _table_keys(label, settings, places)


def _table_keys(label: str, settings: Settings, places: Iterable[Place]) -> Iterable[Statement]:
    """Reading an encrypted table takes its key, through DynamoDB only (DynamoDB developer guide, "Encryption")."""
    if settings.security is None:
        return
    for place in places:
        yield allow(
            f"{label}TableKey{place.region.replace('-', '')}",
            ["kms:Decrypt"],
            [place.any_key_arn],
            condition={
                "StringEquals": {"kms:ViaService": f"dynamodb.{place.region}.amazonaws.com"},
                "ForAnyValue:StringEquals": {"kms:ResourceAliases": key_alias("data", settings.security.keys, place)},
            },
        )


def table_arns(settings: Settings, place: Place) -> list[str]:
    """ARNs of the application's tables that exist in a region."""
    tables = settings.data.tables if settings.data else {}
    return [place.table_arn(tables[logical].name) for logical in settings.tables_in(place.region)]


def index_arns(settings: Settings, place: Place) -> list[str]:
    """ARNs of the indexes of the application's tables in a region."""
    tables = settings.data.tables if settings.data else {}
    return [
        place.index_arn(tables[logical].name, index)
        for logical in settings.tables_in(place.region)
        for index in tables[logical].indexes
    ]
