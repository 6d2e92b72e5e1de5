"""`aws.dynamodb.Table`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.codec import Value
from sandbox.provider.aws.api import changed, retag, tags_of
from sandbox.provider.aws.dynamodb import request, settings
from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.faults import AlreadyExistsError, PartlyMadeError, ProviderError
from sandbox.provider.resource import AutoName, Handler, Kind, Made, Properties

REPLICA_DEFAULTS = {"pointInTimeRecovery": False, "deletionProtectionEnabled": False, "propagateTags": False}


def _create(context: Context, inputs: Properties) -> Made:
    client = context.client("dynamodb")
    name = str(inputs["name"])
    with told(context, "creating table"):
        _create_table(context, client, inputs)
    try:
        with told(context, "setting up table"):
            _finish(client, name, {}, inputs)
            table = settings.wait_active(client, name)
    except ProviderError as error:
        raise PartlyMadeError(str(error), physical_id=name, outputs=dict(inputs)) from error
    return Made(name, _reported(table))


def _create_table(context: Context, client: Any, inputs: Properties) -> None:
    try:
        client.create_table(**request.create(inputs, tags_of(context, inputs)))
    except Exception as error:
        if code_of(error) == "ResourceInUseException":
            raise AlreadyExistsError(
                f"creating table {inputs['name']} in {context.region}: a table of this name exists and was not made "
                "for this resource; choose another name, or import it"
            ) from error
        raise
    settings.wait_active(client, str(inputs["name"]))


def _finish(client: Any, name: str, old: Mapping[str, Value], new: Mapping[str, Value]) -> None:
    settings.put_ttl(client, name, old.get("ttl"), new.get("ttl"))
    recovery = new.get("pointInTimeRecovery") or {"enabled": False}
    if (old.get("pointInTimeRecovery") or {"enabled": False}) != recovery:
        settings.put_recovery(
            client, name, enabled=bool(recovery.get("enabled")), days=recovery.get("recoveryPeriodInDays")
        )
    _replicate(client, name, old.get("replicas") or [], new.get("replicas") or [], new)


def _replicate(
    client: Any, name: str, old: list[Properties], new: list[Properties], inputs: Mapping[str, Value]
) -> None:
    before = {replica["regionName"]: replica for replica in old}
    after = {replica["regionName"]: replica for replica in new}
    strong = [replica for replica in after.values() if replica.get("consistencyMode") == "STRONG"]
    creating = [region for region in after if region not in before]
    if strong and creating:
        _update(
            client,
            name,
            MultiRegionConsistency="STRONG",
            ReplicaUpdates=[{"Create": _replica(after[region])} for region in creating],
            **_witness(inputs),
        )
        creating = []
    for region in [region for region in before if region not in after]:
        _update(client, name, ReplicaUpdates=[{"Delete": {"RegionName": region}}])
    for region in creating:
        _update(client, name, ReplicaUpdates=[{"Create": _replica(after[region])}])
    for region in set(before) & set(after):
        if before[region].get("kmsKeyArn") != after[region].get("kmsKeyArn"):
            # A replica's key cannot be changed: DynamoDB has the replica deleted and made again.
            _update(client, name, ReplicaUpdates=[{"Delete": {"RegionName": region}}])
            _update(client, name, ReplicaUpdates=[{"Create": _replica(after[region])}])


def _replica(given: Properties) -> dict[str, Any]:
    found = {"RegionName": given["regionName"]}
    if given.get("kmsKeyArn"):
        found["KMSMasterKeyId"] = given["kmsKeyArn"]
    return found


def _witness(inputs: Mapping[str, Value]) -> dict[str, Any]:
    witness = inputs.get("globalTableWitness")
    if not witness or not witness.get("regionName"):
        return {}
    return {"GlobalTableWitnessUpdates": [{"Create": {"RegionName": witness["regionName"]}}]}


def _replicas_finished(context: Context, name: str, old: Properties, new: Properties) -> None:
    before = {replica["regionName"]: replica for replica in old.get("replicas") or []}
    for replica in new.get("replicas") or []:
        region = replica["regionName"]
        previous = {**REPLICA_DEFAULTS, **before.get(region, {})}
        there = context.client("dynamodb", region)
        if bool(replica.get("pointInTimeRecovery")) != bool(previous["pointInTimeRecovery"]):
            settings.put_recovery(there, name, enabled=bool(replica.get("pointInTimeRecovery")))
        if bool(replica.get("deletionProtectionEnabled")) != bool(previous["deletionProtectionEnabled"]):
            _update(there, name, DeletionProtectionEnabled=bool(replica.get("deletionProtectionEnabled")))
        if replica.get("propagateTags") and tags_of(context, new):
            arn = there.describe_table(TableName=name)["Table"]["TableArn"]
            settings.put_tags(there, arn, tags_of(context, new))


def _update(client: Any, name: str, **what: Any) -> None:
    client.update_table(TableName=name, **what)
    settings.wait_active(client, name)


def _reported(table: Mapping[str, Any]) -> Properties:
    described = request.described(table)
    return {key: described[key] for key in ("arn", "streamArn", "streamLabel") if key in described}


def _read(context: Context, physical_id: str, state: Properties) -> Properties | None:
    client = context.client("dynamodb")
    with told(context, "reading table"):
        table = settings.describe(client, physical_id)
        if table is None:
            return None
        found = {**request.described(table), **settings.observed(context, client, table)}
        found["globalSecondaryIndexes"] = request.as_given(
            found["globalSecondaryIndexes"], state.get("globalSecondaryIndexes")
        )
        if state.get("replicas"):
            kept = {replica["regionName"]: replica for replica in state["replicas"]}
            present = [replica["RegionName"] for replica in table.get("Replicas") or []]
            found["replicas"] = [kept.get(region, {"regionName": region}) for region in present if region in kept]
        return found


def _change(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    client = context.client("dynamodb")
    with told(context, "updating table"):
        _change_billing(client, physical_id, old, new)
        _change_indexes(client, physical_id, old, new)
        if request.stream(old) != request.stream(new):
            _change_stream(client, physical_id, old, new)
        if (old.get("serverSideEncryption") or {}) != (new.get("serverSideEncryption") or {}):
            _update(client, physical_id, SSESpecification=request.encryption(new.get("serverSideEncryption")))
        if bool(old.get("deletionProtectionEnabled")) != bool(new.get("deletionProtectionEnabled")):
            _update(client, physical_id, DeletionProtectionEnabled=bool(new.get("deletionProtectionEnabled")))
        if (old.get("tableClass") or "STANDARD") != (new.get("tableClass") or "STANDARD"):
            _update(client, physical_id, TableClass=new.get("tableClass") or "STANDARD")
        _finish(client, physical_id, old, new)
        _replicas_finished(context, physical_id, old, new)
        table = settings.wait_active(client, physical_id)
        arn = table["TableArn"]
        retag(
            context,
            old,
            new,
            lambda tags: settings.put_tags(client, arn, tags),
            lambda keys: client.untag_resource(ResourceArn=arn, TagKeys=keys),
        )
    return _reported(table)


def _change_billing(client: Any, name: str, old: Properties, new: Properties) -> None:
    before, after = request.billing_mode(old), request.billing_mode(new)
    if before != after or (after != request.PER_REQUEST and changed(old, new, "readCapacity", "writeCapacity")):
        what: dict[str, Any] = {"BillingMode": after}
        if after != request.PER_REQUEST:
            what["ProvisionedThroughput"] = request.throughput(new)
            what["AttributeDefinitions"] = request.attributes(new)
        _update(client, name, **what)


def _change_indexes(client: Any, name: str, old: Properties, new: Properties) -> None:
    before = {index["name"]: index for index in old.get("globalSecondaryIndexes") or []}
    after = {index["name"]: index for index in new.get("globalSecondaryIndexes") or []}
    billing = request.billing_mode(new)
    for index in [index for index in before if index not in after or _remade(before[index], after[index])]:
        _update(client, name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": index}}])
    for index, given in after.items():
        if index not in before or _remade(before[index], given):
            _update(
                client,
                name,
                AttributeDefinitions=request.attributes(new),
                GlobalSecondaryIndexUpdates=[{"Create": request.global_index(given, billing)}],
            )
        elif billing != request.PER_REQUEST and changed(before[index], given, "readCapacity", "writeCapacity"):
            change = {"IndexName": index, "ProvisionedThroughput": request.throughput(given)}
            _update(client, name, GlobalSecondaryIndexUpdates=[{"Update": change}])


def _remade(old: Properties, new: Properties) -> bool:
    return changed(old, new, "hashKey", "rangeKey", "keySchemas", "projectionType") or sorted(
        old.get("nonKeyAttributes") or []
    ) != sorted(new.get("nonKeyAttributes") or [])


def _change_stream(client: Any, name: str, old: Properties, new: Properties) -> None:
    if old.get("streamEnabled") and new.get("streamEnabled"):
        _update(client, name, StreamSpecification={"StreamEnabled": False})
    _update(client, name, StreamSpecification=request.stream(new))


def _delete(context: Context, physical_id: str, _state: Properties) -> None:
    client = context.client("dynamodb")
    with told(context, "deleting table"), gone_is_fine("ResourceNotFoundException"):
        table = settings.describe(client, physical_id)
        if table is None:
            return
        for replica in table.get("Replicas") or []:
            if replica["RegionName"] != context.region:
                _update(client, physical_id, ReplicaUpdates=[{"Delete": {"RegionName": replica["RegionName"]}}])
        client.delete_table(TableName=physical_id)


def _made(context: Context, inputs: Properties) -> Made:
    made = _create(context, inputs)
    with told(context, "setting up replicas of table"):
        _replicas_finished(context, made.id, {}, inputs)
    return made


def _identity(_context: Context, inputs: Properties) -> str | None:
    name = inputs.get("name")
    return name if isinstance(name, str) else None


def _computed(context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    return {"arn": context.arn("dynamodb", f"table/{physical_id}")} if physical_id else {}


TABLE = Kind(
    type="aws:dynamodb/table:Table",
    # An attribute's type cannot change while a key uses it; the real provider replaces when keys do.
    forces=frozenset(
        {
            "name",
            "hashKey",
            "rangeKey",
            "region",
            "localSecondaryIndexes",
            "importTable",
            "restoreSourceName",
            "restoreSourceTableArn",
            "restoreToLatestTime",
            "restoreDateTime",
            "restoreBackupArn",
        }
    ),
    defaults={
        "billingMode": "PROVISIONED",
        "deletionProtectionEnabled": False,
        "streamEnabled": False,
        "tableClass": "STANDARD",
        "pointInTimeRecovery": {"enabled": False},
        "pointInTimeRecovery.recoveryPeriodInDays": 35,
        "ttl": {"enabled": False},
        "ttl.enabled": True,
        "serverSideEncryption": {"enabled": False},
    },
    name=AutoName(),
    sets=frozenset({"attributes", "globalSecondaryIndexes", "localSecondaryIndexes", "replicas"}),
    identity=_identity,
    computed=_computed,
    handler=Handler(create=_made, read=_read, update=_change, delete=_delete),
)
