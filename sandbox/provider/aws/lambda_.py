"""Lambda: functions, permissions, aliases, event source mappings and layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.provider.aws import crud, ids, packages
from sandbox.provider.aws.api import pick
from sandbox.provider.aws.crud import Crud
from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Handler, Kind, Made, Properties


def _function_outputs(context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    if not physical_id:
        return {}
    arn = context.arn("lambda", f"function:{physical_id}")
    path = f"2015-03-31/functions/{arn}/invocations"
    return {
        "arn": arn,
        "invokeArn": f"arn:{context.partition}:apigateway:{context.region}:lambda:path/{path}",
        "qualifiedArn": f"{arn}:$LATEST",
        "version": "$LATEST",
    }


def _function_request(context: Context, inputs: Properties) -> Mapping[str, Any]:
    return {"Code": packages.code(context, inputs), "Publish": bool(inputs.get("publish"))}


def _function_after(context: Context, physical_id: str, old: Properties, new: Properties) -> None:
    client = context.client("lambda")
    if old and (old.get("code") != new.get("code") or old.get("s3Key") != new.get("s3Key")):
        client.update_function_code(FunctionName=physical_id, **packages.code(context, new))
    concurrency = new.get("reservedConcurrentExecutions", -1)
    if old.get("reservedConcurrentExecutions", -1) != concurrency:
        if concurrency == -1:
            client.delete_function_concurrency(FunctionName=physical_id)
        else:
            client.put_function_concurrency(FunctionName=physical_id, ReservedConcurrentExecutions=int(concurrency))


FUNCTION = crud.kind(
    "aws:lambda/function:Function",
    Crud(
        service="lambda",
        what="function",
        create="create_function",
        id=lambda _context, inputs, _answer: str(inputs["name"]),
        key=lambda physical_id, _state: {"FunctionName": physical_id},
        read="get_function_configuration",
        updates=("update_function_configuration",),
        delete="delete_function",
        renames={"name": "FunctionName", "kmsKeyArn": "KMSKeyArn", "code": "-", "s3Bucket": "-", "layers": "-"},
        extra=_function_request,
        after=_function_after,
        # The cloud adds fields of its own to these blocks.
        observe=lambda _context, _id, state: {
            key: state[key] for key in ("code", "vpcConfig", "snapStart", "layers") if key in state
        },
    ),
    forces=frozenset({"name", "packageType", "tenancyConfig", "region"}),
    defaults={
        "memorySize": 128,
        "packageType": "Zip",
        "publish": False,
        "reservedConcurrentExecutions": -1,
        "skipDestroy": False,
        "timeout": 3,
        "architectures": ["x86_64"],
    },
    name=AutoName(limit=64),
    identity=ids.by("name"),
    computed=_function_outputs,
)


def _statement(context: Context, inputs: Properties) -> str:
    given = inputs.get("statementId")
    return str(given) if given else f"{context.name}"


def _permit(context: Context, inputs: Properties) -> Made:
    request: dict[str, Any] = {
        "FunctionName": inputs["function"],
        "StatementId": _statement(context, inputs),
        "Action": inputs["action"],
        "Principal": inputs["principal"],
    }
    for name, api in (("sourceArn", "SourceArn"), ("sourceAccount", "SourceAccount"), ("qualifier", "Qualifier")):
        if inputs.get(name):
            request[api] = inputs[name]
    with told(context, "adding permission"):
        context.client("lambda").add_permission(**request)
    return Made(_statement(context, inputs))


def _read_permission(context: Context, physical_id: str, state: Properties) -> Properties | None:
    try:
        answer = context.client("lambda").get_policy(FunctionName=state["function"])
    except Exception as error:
        if code_of(error) == "ResourceNotFoundException":
            return None
        raise
    return {} if f'"{physical_id}"' in answer["Policy"] else None


def _same(_context: Context, _physical_id: str, _old: Properties, _new: Properties) -> Properties:
    return {}


def _revoke(context: Context, physical_id: str, state: Properties) -> None:
    with told(context, "removing permission"), gone_is_fine("ResourceNotFoundException"):
        context.client("lambda").remove_permission(FunctionName=state["function"], StatementId=physical_id)


PERMISSION = Kind(
    type="aws:lambda/permission:Permission",
    forces=frozenset(
        {
            "action",
            "eventSourceToken",
            "function",
            "functionUrlAuthType",
            "invokedViaFunctionUrl",
            "principal",
            "principalOrgId",
            "sourceArn",
            "sourceAccount",
            "qualifier",
            "statementId",
            "statementIdPrefix",
            "region",
        }
    ),
    name=AutoName(property="statementId", limit=100),
    identity=ids.by("statementId"),
    handler=Handler(create=_permit, read=_read_permission, update=_same, delete=_revoke),
)

ALIAS = crud.kind(
    "aws:lambda/alias:Alias",
    Crud(
        service="lambda",
        what="function alias",
        create="create_alias",
        id="AliasArn",
        key=lambda _physical_id, state: {"FunctionName": state["functionName"], "Name": state["name"]},
        read="get_alias",
        updates=("update_alias",),
        delete="delete_alias",
        tags=False,
    ),
    defaults={"description": ""},
    forces=frozenset({"name", "functionName", "region"}),
    name=AutoName(limit=128),
    computed=ids.arn_is_id,
)


def _function_arn(context: Context, name: str) -> str:
    return name if name.startswith("arn:") else context.arn("lambda", f"function:{name}")


def _observed_mapping(context: Context, physical_id: str, state: Properties) -> Properties:
    """Lambda tells a mapping's state and its function's ARN, where the program says whether and by which name."""
    found = context.client("lambda").get_event_source_mapping(UUID=physical_id)
    function = found["FunctionArn"]
    same = _function_arn(context, str(state.get("functionName"))) == function
    return {
        "enabled": found["State"] not in {"Disabled", "Disabling"},
        "functionName": state["functionName"] if same else function,
    }


MAPPING = crud.kind(
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    Crud(
        service="lambda",
        what="event source mapping",
        create="create_event_source_mapping",
        id="UUID",
        key=lambda physical_id, _state: {"UUID": physical_id},
        read="get_event_source_mapping",
        updates=("update_event_source_mapping",),
        delete="delete_event_source_mapping",
        observe=_observed_mapping,
        tags=False,
    ),
    forces=frozenset({"eventSourceArn", "startingPosition", "startingPositionTimestamp", "region"}),
    defaults={"enabled": True},
    computed=lambda context, physical_id, inputs: (
        {
            "arn": context.arn("lambda", f"event-source-mapping:{physical_id}"),
            "uuid": physical_id,
            "state": "Enabled",
            "functionArn": _function_arn(context, str(inputs.get("functionName"))),
        }
        if physical_id
        else {}
    ),
)


def _layer_key(physical_id: str, state: Properties) -> dict[str, Any]:
    return {"LayerName": state["layerName"], "VersionNumber": int(physical_id.rpartition(":")[2])}


def _publish(context: Context, inputs: Properties) -> Made:
    request = pick(
        inputs,
        {
            "layerName": "LayerName",
            "description": "Description",
            "compatibleRuntimes": "CompatibleRuntimes",
            "compatibleArchitectures": "CompatibleArchitectures",
            "licenseInfo": "LicenseInfo",
        },
    )
    with told(context, "publishing layer"):
        answer = context.client("lambda").publish_layer_version(**request, Content=packages.code(context, inputs))
    content = answer["Content"]
    told_of = {"codeSha256": content["CodeSha256"], "sourceCodeSize": content["CodeSize"]}
    return Made(answer["LayerVersionArn"], {**told_of, "createdDate": answer["CreatedDate"]})


def _read_layer(context: Context, physical_id: str, state: Properties) -> Properties | None:
    with told(context, "reading layer"):
        try:
            found = context.client("lambda").get_layer_version(**_layer_key(physical_id, state))
        except Exception as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise
    fields = {
        "description": "Description",
        "compatibleRuntimes": "CompatibleRuntimes",
        "compatibleArchitectures": "CompatibleArchitectures",
        "licenseInfo": "LicenseInfo",
    }
    observed = {name: found.get(api) for name, api in fields.items() if name in state}
    return {**observed, "codeSha256": found["Content"]["CodeSha256"]}


def _delete_layer(context: Context, physical_id: str, state: Properties) -> None:
    if state.get("skipDestroy"):
        return
    with told(context, "deleting layer"), gone_is_fine("ResourceNotFoundException"):
        context.client("lambda").delete_layer_version(**_layer_key(physical_id, state))


def _layer_outputs(_context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    if not physical_id:
        return {}
    layer, _, version = physical_id.rpartition(":")
    return {"arn": physical_id, "layerArn": layer, "version": version}


LAYER = Kind(
    type="aws:lambda/layerVersion:LayerVersion",
    # A version is never changed: whatever differs is another version.
    forces=frozenset(
        {
            "code",
            "compatibleArchitectures",
            "compatibleRuntimes",
            "description",
            "layerName",
            "licenseInfo",
            "region",
            "s3Bucket",
            "s3Key",
            "s3ObjectVersion",
            "skipDestroy",
            "sourceCodeHash",
        }
    ),
    computed=_layer_outputs,
    handler=Handler(create=_publish, read=_read_layer, update=_same, delete=_delete_layer),
)

KINDS = (FUNCTION, PERMISSION, ALIAS, MAPPING, LAYER)
