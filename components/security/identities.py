"""What the application may do, as documents: item actions on its own tables and indexes, and nothing more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from components.base.documents import Statement, allow, document, pod_trust
from components.security.keys import SIGNING, key_alias, purposes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from components.base.place import Place
    from settings import Settings
    from settings.security import ItemAccessSettings, KeysSettings

READ_ITEMS = ("dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:Query")
"""Reading items; no Scan: nothing in the application reads a whole table."""

WRITE_ITEMS = ("dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
"""Writing items, alone or in a transaction."""


def application_trust(settings: Settings, place: Place) -> str:
    """Trust policy of the application's role: the pods and the functions of this region, whichever the stack has."""
    if settings.serverless is None:
        return pod_trust(place)
    functions = allow(
        "FunctionsOfThisAccount",
        ["sts:AssumeRole"],
        principal={"Service": "lambda.amazonaws.com"},
        condition={"StringEquals": {"aws:SourceAccount": place.account_id}},
    )
    pods = json.loads(pod_trust(place))["Statement"] if settings.compute is not None else []
    return document(functions, *pods)


def app_policy(settings: Settings, place: Place) -> str:
    """What the application may do from one region.

    Tables of other regions are named only where clients of the stack fail over, and only its own replicas.
    """
    statements = list(_items("Local", settings, [place]))
    others = [place.at(region) for region in settings.region_names if region != place.region]
    if settings.runtime.failover and others:
        statements += _items("Failover", settings, others)
    statements += _own_services(settings, place)
    statements.append(allow("OwnTopology", ["ssm:GetParameter"], [place.parameter_arn(place.topology_parameter)]))
    return document(*statements)


def _own_services(settings: Settings, place: Place) -> Iterable[Statement]:
    """Roles of single items, secrets and field keys of the application, and what it tells about itself."""
    security = settings.security
    if security is not None:
        roles = [place.role_arn(place.global_name(name)) for name in security.item_access]
        if roles:
            yield allow("ItemSessions", ["sts:AssumeRole", "sts:TagSession"], roles)
        secrets = [place.arn("secretsmanager", f"secret:{place.prefix}/{name}-??????") for name in security.secrets]
        if secrets:
            yield allow("OwnSecrets", ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"], secrets)
            yield _through("SecretsKey", "data", "secretsmanager", security.keys, place)
        yield allow(
            "FieldKeys",
            ["kms:Decrypt", "kms:GenerateDataKey"],
            [place.any_key_arn],
            condition={
                "ForAnyValue:StringEquals": {"kms:ResourceAliases": key_alias("fields", security.keys, place)},
                "Null": {"kms:EncryptionContext:table": "false"},
            },
        )
    # Neither service takes a resource (service authorization reference, CloudWatch and X-Ray).
    yield allow(
        "OwnMetrics",
        ["cloudwatch:PutMetricData"],
        ["*"],
        condition={"StringEquals": {"cloudwatch:namespace": ["Application/DynamoDB", "Application/Orders"]}},
    )
    yield allow("OwnTraces", ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTraceSegments"], ["*"])


def reader_policy(settings: Settings, place: Place) -> str:
    """Reading items of the region's tables and indexes, for reports and support."""
    statements = list(_on("Items", READ_ITEMS, table_arns(settings, place)))
    if indexes := index_arns(settings, place):
        statements.append(allow("Indexes", ["dynamodb:Query"], indexes))
    statements += _table_keys("Reader", settings, [place])
    return document(*statements)


def writer_policy(settings: Settings, place: Place) -> str:
    """Writing items of the region's tables, for what only brings data in; it reads nothing back."""
    return document(
        *_on("Items", WRITE_ITEMS, table_arns(settings, place)),
        *_table_keys("Writer", settings, [place]),
    )


def operator_policy(settings: Settings, place: Place) -> str:
    """Moving traffic and looking: the flags in every region, states and metrics; no item of the application."""
    places = [place.at(region) for region in settings.region_names]
    flags = [item.table_arn(settings.control_table_name) for item in places]
    tables = [arn for item in places for arn in table_arns(settings, item)]
    statements = [
        allow("Flags", [*READ_ITEMS, "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], flags),
        allow("TableStates", ["dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable"], [*tables, *flags]),
        allow(
            "Alarms",
            ["cloudwatch:DescribeAlarms"],
            [item.arn("cloudwatch", f"alarm:{item.prefix}-*") for item in places],
        ),
        # Metrics take no resource (service authorization reference, CloudWatch); health checks are among them.
        allow("Metrics", ["cloudwatch:GetMetricData"], ["*"]),
        allow("Topology", ["ssm:GetParameter"], [item.parameter_arn(item.topology_parameter) for item in places]),
    ]
    statements += _table_keys("Operator", settings, places)
    if settings.security is not None and SIGNING in purposes(settings):
        statements += _drills(settings.security.keys, place, places)
    return document(*statements)


def _drills(keys: KeysSettings, place: Place, places: Iterable[Place]) -> Iterable[Statement]:
    """Running the stack's own experiments, and signing what they have measured."""
    places = list(places)
    yield allow(
        "StartOwnExperiments",
        ["fis:GetExperimentTemplate", "fis:StartExperiment"],
        [item.arn("fis", "experiment-template/*") for item in places],
        condition={"StringEquals": {"aws:ResourceTag/Stack": place.stack}},
    )
    runs = [item.arn("fis", "experiment/*") for item in places]
    # A run has no tags before it begins, so it is begun with the stack's, and followed by them.
    yield allow(
        "StartRuns",
        ["fis:StartExperiment", "fis:TagResource"],
        runs,
        condition={"StringEquals": {"aws:RequestTag/Stack": place.stack}},
    )
    yield allow(
        "FollowRuns",
        ["fis:GetExperiment", "fis:StopExperiment"],
        runs,
        condition={"StringEquals": {"aws:ResourceTag/Stack": place.stack}},
    )
    yield allow(
        "SignEvidence",
        ["kms:GetPublicKey", "kms:Sign", "kms:Verify"],
        [item.any_key_arn for item in places],
        condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": key_alias(SIGNING, keys, place)}},
    )


def replication_policy(settings: Settings, place: Place) -> str:
    """Reading the streams of the region's tables, for what copies changes elsewhere; no item access."""
    streams = [f"{arn}/stream/*" for arn in table_arns(settings, place)]
    return document(
        *_on("Streams", ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"], streams),
        # ListStreams takes no resource (service authorization reference, DynamoDB).
        allow("FindStreams", ["dynamodb:ListStreams"], ["*"]),
        *_table_keys("Stream", settings, [place]),
    )


def item_policy(access: ItemAccessSettings, settings: Settings, place: Place) -> str:
    """The items of one partition key, which the session tag names, and of these the listed attributes.

    The Null test matters: a condition on every value also holds when there is none.
    """
    tables = settings.data.tables if settings.data else {}
    reads, writes = (
        ["dynamodb:GetItem", "dynamodb:Query"],
        ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    )
    actions = [*reads, *writes] if access.write else reads
    return document(
        allow(
            "OwnItems",
            actions,
            [place.table_arn(tables[access.table].name)],
            condition={
                "ForAllValues:StringEquals": {
                    "dynamodb:LeadingKeys": [f"${{aws:PrincipalTag/{access.session_tag}}}"],
                    "dynamodb:Attributes": list(access.attributes),
                },
                "Null": {"dynamodb:LeadingKeys": "false", f"aws:PrincipalTag/{access.session_tag}": "false"},
                "StringEqualsIfExists": {
                    "dynamodb:Select": "SPECIFIC_ATTRIBUTES",
                    "dynamodb:ReturnValues": ["NONE", "UPDATED_NEW", "UPDATED_OLD"],
                },
            },
        ),
        *_table_keys("Item", settings, [place]),
    )


def session_trust(access: ItemAccessSettings, place: Place) -> str:
    """Trust policy of an item role: the application of this region, and only with the session tag."""
    return document(
        allow(
            "ApplicationWithTag",
            ["sts:AssumeRole", "sts:TagSession"],
            principal={"AWS": place.role_arn(place.global_name("app"))},
            condition={"Null": {f"aws:RequestTag/{access.session_tag}": "false"}},
        )
    )


def person_trust(place: Place) -> str:
    """Trust policy of a role for people of this account, with a second factor."""
    return document(
        allow(
            "PeopleOfThisAccount",
            ["sts:AssumeRole"],
            principal={"AWS": place.root_arn},
            condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        )
    )


def _through(sid: str, purpose: str, service: str, keys: KeysSettings, place: Place) -> Statement:
    return allow(
        sid,
        ["kms:Decrypt"],
        [place.any_key_arn],
        condition={
            "StringEquals": {"kms:ViaService": f"{service}.{place.region}.amazonaws.com"},
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": key_alias(purpose, keys, place)},
        },
    )


def _items(label: str, settings: Settings, places: Iterable[Place]) -> Iterable[Statement]:
    places = list(places)
    tables = [arn for place in places for arn in table_arns(settings, place)]
    indexes = [arn for place in places for arn in index_arns(settings, place)]
    control = [place.table_arn(settings.control_table_name) for place in places]
    yield from _on(f"{label}Items", [*READ_ITEMS, *WRITE_ITEMS], tables)
    yield from _on(f"{label}Indexes", ["dynamodb:Query"], indexes)
    yield allow(f"{label}Flags", ["dynamodb:GetItem", "dynamodb:Query"], control)
    if settings.security is not None:
        yield from _table_keys(label, settings, places)


def _on(sid: str, actions: Sequence[str], resources: Sequence[str]) -> Iterable[Statement]:
    """A statement on resources that a region may have none of: without any there is nothing to allow."""
    if resources:
        yield allow(sid, actions, resources)


def _table_keys(label: str, settings: Settings, places: Iterable[Place]) -> Iterable[Statement]:
    """Reading an encrypted table takes its key, through DynamoDB only (DynamoDB developer guide, "Encryption").

    One statement for all regions: a key is used through the DynamoDB of its own region, so that naming both in lists
    allows no more than a statement for each would, in a third of the room.
    """
    if settings.security is None:
        return
    places = list(places)
    yield allow(
        f"{label}TableKeys",
        ["kms:Decrypt"],
        [place.any_key_arn for place in places],
        condition={
            "StringEquals": {"kms:ViaService": [f"dynamodb.{place.region}.amazonaws.com" for place in places]},
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": key_alias("data", settings.security.keys, places[0])},
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
