"""`aws.dynamodb.TableReplica`: a replica of a table in the resource's own region."""

from __future__ import annotations

from typing import Any

from sandbox.provider.aws.api import retag, until
from sandbox.provider.aws.dynamodb import request, settings
from sandbox.provider.aws.errors import code_of, told
from sandbox.provider.context import Context
from sandbox.provider.faults import PartlyMadeError, ProviderError
from sandbox.provider.resource import Handler, Kind, Made, Properties


def table_of(arn: str) -> tuple[str, str]:
    """Region and name of the table that an ARN names; `ProviderError` for any other text."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or not parts[5].startswith("table/"):
        raise ProviderError(f"globalTableArn: {arn!r} is no table's ARN; pass the arn of the home table")
    return parts[3], parts[5].removeprefix("table/").split("/")[0]


def _create(context: Context, inputs: Properties) -> Made:
    home, name = table_of(str(inputs["globalTableArn"]))
    if home == context.region:
        raise ProviderError(
            f"creating replica {context.name}: the table's own region is {home}; give the replica another region"
        )
    there = context.client("dynamodb", home)
    create: dict[str, Any] = {"RegionName": context.region}
    if inputs.get("kmsKeyArn"):
        create["KMSMasterKeyId"] = inputs["kmsKeyArn"]
    if inputs.get("tableClassOverride"):
        create["TableClassOverride"] = inputs["tableClassOverride"]
    identity = f"{name}:{home}"
    with told(context, "creating replica"):
        if not any(replica == context.region for replica in _replicas(there, name)):
            _add(there, name, create)
        table = settings.wait_active(context.client("dynamodb"), name)
    try:
        _settle(context, name, {}, inputs, str(table["TableArn"]))
    except ProviderError as error:
        raise PartlyMadeError(str(error), physical_id=identity, outputs=dict(inputs)) from error
    return Made(identity, {"arn": table["TableArn"]})


def _add(client: Any, name: str, create: dict[str, Any]) -> None:
    """Add a replica; DynamoDB takes one change of a table at a time, and says so."""

    def accepted() -> bool:
        try:
            client.update_table(TableName=name, ReplicaUpdates=[{"Create": create}])
        except Exception as error:
            if code_of(error) in {"ResourceInUseException", "LimitExceededException"}:
                return False
            raise
        return True

    until(accepted, f"table {name} taking a replica in {create['RegionName']}")
    settings.wait_active(client, name)


def _replicas(client: Any, name: str) -> list[str]:
    table = settings.describe(client, name)
    if table is None:
        raise ProviderError(f"there is no table {name} to replicate; create it before its replicas")
    return [replica["RegionName"] for replica in table.get("Replicas") or []]


def _settle(context: Context, name: str, old: Properties, new: Properties, arn: str) -> None:
    client = context.client("dynamodb")
    with told(context, "setting up replica"):
        if bool(old.get("pointInTimeRecovery")) != bool(new.get("pointInTimeRecovery")):
            settings.put_recovery(client, name, enabled=bool(new.get("pointInTimeRecovery")))
        if bool(old.get("deletionProtectionEnabled")) != bool(new.get("deletionProtectionEnabled")):
            client.update_table(TableName=name, DeletionProtectionEnabled=bool(new.get("deletionProtectionEnabled")))
            settings.wait_active(client, name)
        if old and old.get("tableClassOverride") != new.get("tableClassOverride"):
            client.update_table(TableName=name, TableClass=new.get("tableClassOverride") or "STANDARD")
            settings.wait_active(client, name)
        retag(
            context,
            old,
            new,
            lambda tags: settings.put_tags(client, arn, tags),
            lambda keys: client.untag_resource(ResourceArn=arn, TagKeys=keys),
        )


def _read(context: Context, physical_id: str, state: Properties) -> Properties | None:
    name = physical_id.split(":", maxsplit=1)[0]
    client = context.client("dynamodb")
    with told(context, "reading replica"):
        table = settings.describe(client, name)
        if table is None:
            return None
        described, seen = request.described(table), settings.observed(context, client, table)
    found: Properties = {
        "arn": table["TableArn"],
        "pointInTimeRecovery": seen["pointInTimeRecovery"]["enabled"],
        "deletionProtectionEnabled": described["deletionProtectionEnabled"],
        "tags": seen["tags"],
        "tagsAll": seen["tagsAll"],
    }
    key = described["serverSideEncryption"].get("kmsKeyArn")
    if key is not None or state.get("kmsKeyArn") is not None:
        found["kmsKeyArn"] = key
    return found


def _update(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    name = physical_id.split(":", maxsplit=1)[0]
    _settle(context, name, old, new, context.arn("dynamodb", f"table/{name}"))
    return {}


def _delete(context: Context, physical_id: str, state: Properties) -> None:
    name, _, home = physical_id.partition(":")
    if not home:
        home = table_of(str(state["globalTableArn"]))[0]
    client = context.client("dynamodb", home)
    with told(context, "deleting replica"):
        table = settings.describe(client, name)
        if table is None or context.region not in {r["RegionName"] for r in table.get("Replicas") or []}:
            return
        client.update_table(TableName=name, ReplicaUpdates=[{"Delete": {"RegionName": context.region}}])
        settings.wait_active(client, name)


def _identity(_context: Context, inputs: Properties) -> str | None:
    arn = inputs.get("globalTableArn")
    if not isinstance(arn, str):
        return None
    home, name = table_of(arn)
    return f"{name}:{home}"


def _computed(context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    return {"arn": context.arn("dynamodb", f"table/{physical_id.split(':')[0]}")} if physical_id else {}


REPLICA = Kind(
    type="aws:dynamodb/tableReplica:TableReplica",
    forces=frozenset({"globalTableArn", "kmsKeyArn", "region", "tableClassOverride"}),
    defaults={"pointInTimeRecovery": False, "deletionProtectionEnabled": False},
    identity=_identity,
    computed=_computed,
    handler=Handler(create=_create, read=_read, update=_update, delete=_delete),
    lasting=True,
)
