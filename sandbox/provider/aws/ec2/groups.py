"""Security groups and their rules."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any, Final

from sandbox.codec import Value
from sandbox.provider.aws.api import tag_list, tags_of
from sandbox.provider.aws.ec2 import tags
from sandbox.provider.aws.ec2.names import arn_and_owner
from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.faults import ProviderError
from sandbox.provider.resource import AutoName, Handler, Kind, Made, Properties

GONE = ("InvalidGroup.NotFound", "InvalidGroupId.NotFound")
DUPLICATE = "InvalidPermission.Duplicate"


def _permission(rule: Mapping[str, Value], group_id: str) -> dict[str, Any]:
    """An inline rule as the API takes it."""
    protocol = str(rule["protocol"])
    protocol = "-1" if protocol in {"all", "-1"} else protocol
    permission: dict[str, Any] = {"IpProtocol": protocol}
    if protocol != "-1":
        permission.update(FromPort=int(rule["fromPort"]), ToPort=int(rule["toPort"]))
    text = {"Description": rule["description"]} if rule.get("description") else {}
    ranges = [{"CidrIp": cidr, **text} for cidr in rule.get("cidrBlocks") or []]
    wide = [{"CidrIpv6": cidr, **text} for cidr in rule.get("ipv6CidrBlocks") or []]
    lists = [{"PrefixListId": item, **text} for item in rule.get("prefixListIds") or []]
    groups = [{"GroupId": group, **text} for group in rule.get("securityGroups") or []]
    if rule.get("self"):
        groups.append({"GroupId": group_id, **text})
    targets = {"IpRanges": ranges, "Ipv6Ranges": wide, "PrefixListIds": lists, "UserIdGroupPairs": groups}
    return {**permission, **{name: values for name, values in targets.items() if values}}


def _rules(client: Any, group_id: str, old: Properties, new: Properties) -> None:
    for direction in ("ingress", "egress"):
        before, after = old.get(direction) or [], new.get(direction) or []
        gone = [_permission(rule, group_id) for rule in before if rule not in after]
        added = [_permission(rule, group_id) for rule in after if rule not in before]
        if gone:
            with gone_is_fine("InvalidPermission.NotFound"):
                getattr(client, f"revoke_security_group_{direction}")(GroupId=group_id, IpPermissions=gone)
        if added:
            with gone_is_fine(DUPLICATE):
                getattr(client, f"authorize_security_group_{direction}")(GroupId=group_id, IpPermissions=added)


def _create(context: Context, inputs: Properties) -> Made:
    client = context.client("ec2")
    with told(context, "creating security group"):
        request: dict[str, Any] = {"VpcId": inputs["vpcId"]} if inputs.get("vpcId") else {}
        group_id = str(
            client.create_security_group(
                GroupName=inputs["name"],
                Description=inputs.get("description") or "Managed by Pulumi",
                **request,
                **tags.specification(context, inputs, "security-group"),
            )["GroupId"]
        )
        # AWS lets a new group send anything; the real provider takes that away and leaves what the program says.
        _close(client, group_id)
        _rules(client, group_id, {}, inputs)
    return Made(group_id)


def _close(client: Any, group_id: str) -> None:
    group = client.describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]
    if group.get("IpPermissionsEgress"):
        client.revoke_security_group_egress(GroupId=group_id, IpPermissions=group["IpPermissionsEgress"])
    if group.get("IpPermissions"):
        client.revoke_security_group_ingress(GroupId=group_id, IpPermissions=group["IpPermissions"])


def _inline(permission: Mapping[str, Any], group_id: str) -> Properties:
    pairs = [pair.get("GroupId") for pair in permission.get("UserIdGroupPairs") or []]
    found: Properties = {
        "protocol": permission["IpProtocol"],
        "fromPort": permission.get("FromPort", 0),
        "toPort": permission.get("ToPort", 0),
        "cidrBlocks": [entry["CidrIp"] for entry in permission.get("IpRanges") or []],
        "ipv6CidrBlocks": [entry["CidrIpv6"] for entry in permission.get("Ipv6Ranges") or []],
        "prefixListIds": [entry["PrefixListId"] for entry in permission.get("PrefixListIds") or []],
        "securityGroups": [pair for pair in pairs if pair != group_id],
        "self": group_id in pairs,
    }
    texts = [
        entry["Description"]
        for name in ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")
        for entry in permission.get(name) or []
        if entry.get("Description")
    ]
    if texts:
        found["description"] = texts[0]
    return {key: value for key, value in found.items() if value not in ([], False)}


def _read(context: Context, physical_id: str, state: Properties) -> Properties | None:
    with told(context, "reading security group"):
        group = tags.one(context.client("ec2").describe_security_groups, "SecurityGroups", GroupIds=[physical_id])
    if group is None:
        return None
    found: Properties = {
        "name": group["GroupName"],
        "description": group["Description"],
        "vpcId": group.get("VpcId"),
        **tags.observed(context, group.get("Tags")),
    }
    for direction, api in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
        # Rules of their own resources are no part of a group that declares none.
        if state.get(direction):
            found[direction] = [_inline(permission, physical_id) for permission in group.get(api) or []]
    return found


def _update(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    with told(context, "updating security group"):
        _rules(context.client("ec2"), physical_id, old, new)
        tags.change(context, physical_id, old, new)
    return {}


def _delete(context: Context, physical_id: str, _state: Properties) -> None:
    with told(context, "deleting security group"), gone_is_fine(*GONE):
        context.client("ec2").delete_security_group(GroupId=physical_id)


_RULE_DEFAULTS = {"ingress.self": False, "egress.self": False, "ingress.description": "", "egress.description": ""}

GROUP = Kind(
    type="aws:ec2/securityGroup:SecurityGroup",
    forces=frozenset({"name", "namePrefix", "description", "vpcId", "region"}),
    defaults={"description": "Managed by Pulumi", "revokeRulesOnDelete": False, **_RULE_DEFAULTS},
    name=AutoName(),
    sets=frozenset({"ingress", "egress"}),
    computed=arn_and_owner("security-group"),
    handler=Handler(create=_create, read=_read, update=_update, delete=_delete),
)


def _adopt_default(context: Context, inputs: Properties) -> Made:
    client = context.client("ec2")
    with told(context, "taking over default security group"):
        filters = [{"Name": "group-name", "Values": ["default"]}]
        if inputs.get("vpcId"):
            filters.append({"Name": "vpc-id", "Values": [inputs["vpcId"]]})
        groups = client.describe_security_groups(Filters=filters)["SecurityGroups"]
        if not groups:
            raise ProviderError(f"{context.name}: VPC {inputs.get('vpcId')} has no default security group")
        group_id = str(groups[0]["GroupId"])
        _close(client, group_id)
        _rules(client, group_id, {}, inputs)
        given = tags_of(context, inputs)
        if given:
            client.create_tags(Resources=[group_id], Tags=tag_list(given))
    return Made(group_id, {"name": "default", "description": groups[0].get("Description")})


def _leave_default(_context: Context, _physical_id: str, _state: Properties) -> None:
    """A VPC's default group goes with its VPC: the real provider only stops looking after it."""


def _read_default(context: Context, physical_id: str, state: Properties) -> Properties | None:
    return _read(context, physical_id, {**state, "ingress": True, "egress": True})


DEFAULT_GROUP = Kind(
    type="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    forces=frozenset({"vpcId", "region"}),
    defaults={"revokeRulesOnDelete": False, **_RULE_DEFAULTS},
    sets=frozenset({"ingress", "egress"}),
    computed=arn_and_owner("security-group"),
    handler=Handler(create=_adopt_default, read=_read_default, update=_update, delete=_leave_default),
)


def _rule_permission(inputs: Properties) -> dict[str, Any]:
    protocol = str(inputs["ipProtocol"])
    permission: dict[str, Any] = {"IpProtocol": "-1" if protocol == "all" else protocol}
    if permission["IpProtocol"] != "-1":
        permission.update(FromPort=int(inputs.get("fromPort", -1)), ToPort=int(inputs.get("toPort", -1)))
    text = {"Description": inputs["description"]} if inputs.get("description") else {}
    for name, api, key in (
        ("cidrIpv4", "IpRanges", "CidrIp"),
        ("cidrIpv6", "Ipv6Ranges", "CidrIpv6"),
        ("prefixListId", "PrefixListIds", "PrefixListId"),
        ("referencedSecurityGroupId", "UserIdGroupPairs", "GroupId"),
    ):
        if inputs.get(name):
            permission[api] = [{key: inputs[name], **text}]
    return permission


_RULE_FIELDS: Final = {
    "cidrIpv4": "CidrIpv4",
    "cidrIpv6": "CidrIpv6",
    "description": "Description",
    "fromPort": "FromPort",
    "prefixListId": "PrefixListId",
    "toPort": "ToPort",
}


def _rule_request(inputs: Properties) -> dict[str, Any]:
    """A rule as ModifySecurityGroupRules takes it: whole."""
    protocol = str(inputs["ipProtocol"])
    every = protocol in {"-1", "all"}
    fields = {api: inputs[name] for name, api in _RULE_FIELDS.items() if inputs.get(name) is not None}
    if inputs.get("referencedSecurityGroupId"):
        fields["ReferencedGroupId"] = inputs["referencedSecurityGroupId"]
    ports = {api: -1 if every else int(inputs.get(name, -1)) for name, api in _PORTS.items()}
    return {**fields, **ports, "IpProtocol": "-1" if every else protocol}


_PORTS: Final = {"fromPort": "FromPort", "toPort": "ToPort"}


def _rule(direction: str) -> Kind:
    def create(context: Context, inputs: Properties) -> Made:
        client = context.client("ec2")
        with told(context, "creating security group rule"):
            answer = getattr(client, f"authorize_security_group_{direction}")(
                GroupId=inputs["securityGroupId"],
                IpPermissions=[_rule_permission(inputs)],
                **tags.specification(context, inputs, "security-group-rule"),
            )
        rules = answer.get("SecurityGroupRules") or []
        if not rules:
            raise ProviderError(f"creating security group rule {context.name}: the cloud named no rule")
        rule_id = str(rules[0]["SecurityGroupRuleId"])
        return Made(rule_id, {"securityGroupRuleId": rule_id})

    def read(context: Context, physical_id: str, state: Properties) -> Properties | None:
        try:
            rules = context.client("ec2").describe_security_group_rules(SecurityGroupRuleIds=[physical_id])
        except Exception as error:
            if "NotFound" in code_of(error) or "Malformed" in code_of(error):
                return None
            raise
        found = rules["SecurityGroupRules"]
        if not found:
            return None
        return {
            "securityGroupId": found[0]["GroupId"],
            "ipProtocol": found[0]["IpProtocol"],
            **{name: found[0].get(api) for name, api in _RULE_FIELDS.items() if name in state},
            **tags.observed(context, found[0].get("Tags")),
        }

    def update(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
        names = ("ipProtocol", *_RULE_FIELDS, "referencedSecurityGroupId")
        with told(context, "updating security group rule"):
            if any(old.get(name) != new.get(name) for name in names):
                context.client("ec2").modify_security_group_rules(
                    GroupId=new["securityGroupId"],
                    SecurityGroupRules=[{"SecurityGroupRuleId": physical_id, "SecurityGroupRule": _rule_request(new)}],
                )
            tags.change(context, physical_id, old, new)
        return {}

    def delete(context: Context, physical_id: str, state: Properties) -> None:
        revoke = getattr(context.client("ec2"), f"revoke_security_group_{direction}")
        gone = gone_is_fine(*GONE, "InvalidPermission.NotFound", "InvalidSecurityGroupRuleId.NotFound")
        with told(context, "deleting security group rule"), gone:
            revoke(GroupId=state["securityGroupId"], SecurityGroupRuleIds=[physical_id])

    def known(context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
        if not physical_id:
            return {}
        return {"arn": context.arn("ec2", f"security-group-rule/{physical_id}"), "securityGroupRuleId": physical_id}

    title = direction.capitalize()
    return Kind(
        type=f"aws:vpc/securityGroup{title}Rule:SecurityGroup{title}Rule",
        forces=frozenset({"securityGroupId", "region"}),
        computed=known,
        handler=Handler(create=create, read=read, update=update, delete=delete),
        lasting=True,
    )


def _legacy_create(context: Context, inputs: Properties) -> Made:
    client = context.client("ec2")
    group = str(inputs["securityGroupId"])
    authorize = getattr(client, f"authorize_security_group_{inputs['type']}")
    with told(context, "creating security group rule"):
        permission = _permission(_legacy(inputs), group)
        answer = authorize(GroupId=group, IpPermissions=[permission])
    rules = answer.get("SecurityGroupRules") or [{}]
    # The real provider's ids are hashes of the rule as well: `sgrule-` and a number.
    number = zlib.crc32(f"{group}{sorted(permission.items(), key=str)}{inputs['type']}".encode())
    return Made(f"sgrule-{number}", {"securityGroupRuleId": rules[0].get("SecurityGroupRuleId")})


def _legacy(inputs: Properties) -> Properties:
    source = inputs.get("sourceSecurityGroupId")
    return {**inputs, "securityGroups": [source]} if source else inputs


def _legacy_read(context: Context, _physical_id: str, state: Properties) -> Properties | None:
    with told(context, "reading security group rule"):
        group = tags.one(
            context.client("ec2").describe_security_groups, "SecurityGroups", GroupIds=[state["securityGroupId"]]
        )
    side = "IpPermissions" if state["type"] == "ingress" else "IpPermissionsEgress"
    wanted = _permission(_legacy(state), str(state["securityGroupId"]))
    for permission in (group or {}).get(side, []):
        same = [permission.get(key) == wanted.get(key) for key in ("IpProtocol", "FromPort", "ToPort")]
        if all(same) and _targets(wanted) <= _targets(permission):
            return {"type": state["type"], "securityGroupId": state["securityGroupId"]}
    return None


def _targets(permission: Mapping[str, Any]) -> set[str]:
    keys = {
        "IpRanges": "CidrIp",
        "Ipv6Ranges": "CidrIpv6",
        "PrefixListIds": "PrefixListId",
        "UserIdGroupPairs": "GroupId",
    }
    return {str(entry.get(key)) for name, key in keys.items() for entry in permission.get(name) or []}


def _legacy_update(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    if old.get("description") != new.get("description"):
        _legacy_delete(context, physical_id, old)
        return _legacy_create(context, new).outputs
    return {}


def _legacy_delete(context: Context, _physical_id: str, state: Properties) -> None:
    group = str(state["securityGroupId"])
    revoke = getattr(context.client("ec2"), f"revoke_security_group_{state['type']}")
    with told(context, "deleting security group rule"), gone_is_fine(*GONE, "InvalidPermission.NotFound"):
        revoke(GroupId=group, IpPermissions=[_permission(_legacy(state), group)])


LEGACY_RULE = Kind(
    type="aws:ec2/securityGroupRule:SecurityGroupRule",
    forces=frozenset(
        {
            "type",
            "fromPort",
            "toPort",
            "protocol",
            "cidrBlocks",
            "ipv6CidrBlocks",
            "prefixListIds",
            "self",
            "sourceSecurityGroupId",
            "securityGroupId",
            "region",
        }
    ),
    defaults={"self": False},
    handler=Handler(create=_legacy_create, read=_legacy_read, update=_legacy_update, delete=_legacy_delete),
    lasting=True,
)

INGRESS_RULE = _rule("ingress")
EGRESS_RULE = _rule("egress")
