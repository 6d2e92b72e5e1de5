"""Systems Manager: parameters."""

from __future__ import annotations

from sandbox.provider.aws.api import own_tags, pick, retag, tag_list, tag_map, tags_of
from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.aws.facts.conditions import tier_falls
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Handler, Kind, Made, Properties

GONE = "ParameterNotFound"


def _value(inputs: Properties) -> str:
    return str(next((inputs[key] for key in ("value", "insecureValue", "valueWo") if key in inputs), ""))


def _put(context: Context, inputs: Properties, *, overwrite: bool) -> Properties:
    answer = context.client("ssm").put_parameter(
        Name=inputs["name"],
        Value=_value(inputs),
        Type=inputs["type"],
        Overwrite=overwrite,
        **pick(
            inputs,
            {
                "description": "Description",
                "allowedPattern": "AllowedPattern",
                "dataType": "DataType",
                "keyId": "KeyId",
                "tier": "Tier",
            },
        ),
        **({} if overwrite else {"Tags": tag_list(tags_of(context, inputs))}),
    )
    return {"version": answer["Version"]}


def _create(context: Context, inputs: Properties) -> Made:
    with told(context, "creating parameter"):
        outputs = _put(context, inputs, overwrite=bool(inputs.get("overwrite")))
    return Made(str(inputs["name"]), outputs)


def _read(context: Context, physical_id: str, state: Properties) -> Properties | None:
    client = context.client("ssm")
    try:
        found = client.get_parameter(Name=physical_id, WithDecryption=True)["Parameter"]
    except Exception as error:
        if code_of(error) == GONE:
            return None
        raise
    with told(context, "reading parameter"):
        tags = tag_map(client.list_tags_for_resource(ResourceType="Parameter", ResourceId=physical_id)["TagList"])
    key = "insecureValue" if "insecureValue" in state and "value" not in state else "value"
    return {
        "name": physical_id,
        "type": found["Type"],
        key: found["Value"],
        "version": found["Version"],
        "tags": own_tags(context, tags),
        "tagsAll": tags,
    }


def _update(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    client = context.client("ssm")
    with told(context, "updating parameter"):
        outputs = _put(context, new, overwrite=True)
        retag(
            context,
            old,
            new,
            lambda tags: client.add_tags_to_resource(
                ResourceType="Parameter", ResourceId=physical_id, Tags=tag_list(tags)
            ),
            lambda keys: client.remove_tags_from_resource(
                ResourceType="Parameter", ResourceId=physical_id, TagKeys=keys
            ),
        )
    return outputs


def _delete(context: Context, physical_id: str, _state: Properties) -> None:
    with told(context, "deleting parameter"), gone_is_fine(GONE):
        context.client("ssm").delete_parameter(Name=physical_id)


def _identity(_context: Context, inputs: Properties) -> str | None:
    name = inputs.get("name")
    return name if isinstance(name, str) else None


def _computed(context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    return {"arn": context.arn("ssm", f"parameter/{physical_id.removeprefix('/')}")} if physical_id else {}


PARAMETER = Kind(
    type="aws:ssm/parameter:Parameter",
    forces=frozenset({"name", "dataType", "region"}),
    forces_if={"tier": tier_falls},
    defaults={"dataType": "text", "tier": "Standard"},
    name=AutoName(),
    identity=_identity,
    computed=_computed,
    handler=Handler(create=_create, read=_read, update=_update, delete=_delete),
)

KINDS = (PARAMETER,)
