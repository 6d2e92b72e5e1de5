"""Launch templates: each change of what instances start from is another version of the template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sandbox.codec import Value
from sandbox.provider.aws.api import changed, tag_list, tag_map
from sandbox.provider.aws.botoshape import record_of, to_api
from sandbox.provider.aws.crud import input_shape
from sandbox.provider.aws.ec2 import tags
from sandbox.provider.aws.errors import gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Handler, Kind, Made, Properties
from sandbox.provider.sdk import catalogue

TYPE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
OWN: Final = "launch-template"
"""What the template itself is among the types that it may tag."""
_GONE = ("InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateName.NotFoundException")
"""EC2's code for an unknown id, and the one that the sandbox's cloud gives instead."""
_RENAMES = {
    "vpcSecurityGroupIds": "SecurityGroupIds",
    "securityGroupNames": "SecurityGroups",
    "securityGroups": "Groups",
}
"""API names that differ in more than case and number; `securityGroups` stands in a network interface."""
_OUTSIDE = frozenset({"defaultVersion", "description", "name", "namePrefix", "updateDefaultVersion"})
"""Inputs that are no part of a version; a changed one makes none (the real provider's own list)."""
_NOT_DATA = _OUTSIDE | {"region", "tags", "tagsAll", "tagSpecifications"}


def _data(client: Any, inputs: Mapping[str, Value]) -> dict[str, Any]:
    """`LaunchTemplateData` of the inputs."""
    shape = input_shape(client, "create_launch_template").members["LaunchTemplateData"]
    given = {name: value for name, value in inputs.items() if name not in _NOT_DATA and value not in (None, [])}
    data: dict[str, Any] = to_api(given, shape, _RENAMES)
    specifications = [
        {"ResourceType": item["resourceType"], "Tags": tag_list(item.get("tags") or {})}
        for item in inputs.get("tagSpecifications") or []
    ]
    return {**data, "TagSpecifications": specifications} if specifications else data


def _create(context: Context, inputs: Properties) -> Made:
    client = context.client("ec2")
    with told(context, "creating launch template"):
        template = client.create_launch_template(
            LaunchTemplateName=inputs["name"],
            VersionDescription=inputs.get("description") or "",
            LaunchTemplateData=_data(client, inputs),
            **tags.specification(context, inputs, OWN),
        )["LaunchTemplate"]
    return Made(str(template["LaunchTemplateId"]), _versions(template))


def _versions(template: Mapping[str, Any]) -> Properties:
    return {"latestVersion": template["LatestVersionNumber"], "defaultVersion": template["DefaultVersionNumber"]}


def _describe(client: Any, physical_id: str) -> dict[str, Any] | None:
    return tags.one(client.describe_launch_templates, "LaunchTemplates", LaunchTemplateIds=[physical_id])


def _read(context: Context, physical_id: str, state: Properties) -> Properties | None:
    client = context.client("ec2")
    with told(context, "reading launch template"):
        template = _describe(client, physical_id)
        if template is None:
            return None
        version = client.describe_launch_template_versions(LaunchTemplateId=physical_id, Versions=["$Latest"])
        # The cloud's list of templates shows the tags of their making; those of today stand with all other tags.
        of_it = [{"Name": "resource-id", "Values": [physical_id]}]
        described = client.describe_tags(Filters=of_it)["Tags"]
    data = version["LaunchTemplateVersions"][0]["LaunchTemplateData"]
    info = catalogue("aws").find(TYPE)
    fields = {name: shape for name, shape in (info.inputs if info else {}).items() if name not in _NOT_DATA}
    seen = {name: value for name, value in record_of(data, fields, _RENAMES).items() if name in state}
    specifications = [
        {"resourceType": item["ResourceType"], "tags": tag_map(item["Tags"])}
        for item in data.get("TagSpecifications") or []
        if item["ResourceType"] != OWN
    ]
    return {
        "name": template["LaunchTemplateName"],
        **_versions(template),
        **seen,
        "tagSpecifications": specifications,
        **tags.observed(context, described),
    }


def _update(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    client = context.client("ec2")
    with told(context, "updating launch template"):
        data = _data(client, new)
        if data != _data(client, old):
            client.create_launch_template_version(
                LaunchTemplateId=physical_id,
                VersionDescription=new.get("description") or "",
                LaunchTemplateData=data,
            )
        tags.change(context, physical_id, old, new)
        template = _describe(client, physical_id)
        wanted = (template or {}).get("LatestVersionNumber") if new.get("updateDefaultVersion") else None
        if wanted is None and changed(old, new, "defaultVersion"):
            wanted = new.get("defaultVersion")
        if wanted is not None:
            client.modify_launch_template(LaunchTemplateId=physical_id, DefaultVersion=str(wanted))
            template = _describe(client, physical_id)
    return _versions(template) if template else {}


def _delete(context: Context, physical_id: str, _state: Properties) -> None:
    with told(context, "deleting launch template"), gone_is_fine(*_GONE):
        context.client("ec2").delete_launch_template(LaunchTemplateId=physical_id)


def _known(context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    return {"arn": context.arn("ec2", f"launch-template/{physical_id}")} if physical_id else {}


def _makes_a_version(old: Mapping[str, Value], new: Mapping[str, Value]) -> bool:
    return changed(old, new, *((old.keys() | new.keys()) - _OUTSIDE))


def _moves_the_default(old: Mapping[str, Value], new: Mapping[str, Value]) -> bool:
    return bool(new.get("updateDefaultVersion")) and _makes_a_version(old, new)


LAUNCH_TEMPLATE = Kind(
    type=TYPE,
    forces=frozenset({"name", "namePrefix", "region"}),
    name=AutoName(limit=125),
    sets=frozenset({"vpcSecurityGroupIds", "securityGroupNames"}),
    computed=_known,
    counted={"latestVersion": _makes_a_version, "defaultVersion": _moves_the_default},
    handler=Handler(create=_create, read=_read, update=_update, delete=_delete),
)
