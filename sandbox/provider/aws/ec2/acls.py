"""Network ACLs, with their entries and the subnets they hold for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.codec import Value
from sandbox.provider.aws.ec2 import tags
from sandbox.provider.aws.ec2.names import arn_and_owner
from sandbox.provider.aws.errors import gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.resource import Handler, Kind, Made, Properties

DEFAULT_RULE = 32767
"""The number of the rule at the end of every list, which denies and cannot be changed."""
_PROTOCOLS = {"tcp": "6", "udp": "17", "icmp": "1", "all": "-1"}


def _entry(rule: Mapping[str, Value], *, egress: bool) -> dict[str, Any]:
    protocol = str(rule["protocol"])
    entry: dict[str, Any] = {
        "RuleNumber": int(rule["ruleNo"]),
        "Protocol": _PROTOCOLS.get(protocol, protocol),
        "RuleAction": rule["action"],
        "Egress": egress,
    }
    if rule.get("cidrBlock"):
        entry["CidrBlock"] = rule["cidrBlock"]
    if rule.get("ipv6CidrBlock"):
        entry["Ipv6CidrBlock"] = rule["ipv6CidrBlock"]
    if entry["Protocol"] != "-1":
        entry["PortRange"] = {"From": int(rule["fromPort"]), "To": int(rule["toPort"])}
    return entry


def _entries(client: Any, acl: str, old: Properties, new: Properties) -> None:
    for side, egress in (("ingress", False), ("egress", True)):
        before = {int(rule["ruleNo"]): rule for rule in old.get(side) or []}
        after = {int(rule["ruleNo"]): rule for rule in new.get(side) or []}
        for number in set(before) - set(after):
            with gone_is_fine("InvalidNetworkAclEntry.NotFound"):
                client.delete_network_acl_entry(NetworkAclId=acl, RuleNumber=number, Egress=egress)
        for number, rule in after.items():
            if number not in before:
                client.create_network_acl_entry(NetworkAclId=acl, **_entry(rule, egress=egress))
            elif before[number] != rule:
                client.replace_network_acl_entry(NetworkAclId=acl, **_entry(rule, egress=egress))


def _associate(client: Any, acl: str, subnets: list[str]) -> None:
    """Give these subnets to an ACL; a subnet has exactly one, so that the association moves."""
    if not subnets:
        return
    acls = client.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": subnets}])["NetworkAcls"]
    for found in acls:
        for association in found["Associations"]:
            if association["SubnetId"] in subnets and found["NetworkAclId"] != acl:
                client.replace_network_acl_association(
                    AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl
                )


def _default(client: Any, vpc: str) -> str | None:
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "default", "Values": ["true"]}]
    acls = client.describe_network_acls(Filters=filters)["NetworkAcls"]
    return str(acls[0]["NetworkAclId"]) if acls else None


def _create(context: Context, inputs: Properties) -> Made:
    client = context.client("ec2")
    with told(context, "creating network ACL"):
        answer = client.create_network_acl(VpcId=inputs["vpcId"], **tags.specification(context, inputs, "network-acl"))
        acl = str(answer["NetworkAcl"]["NetworkAclId"])
        _entries(client, acl, {}, inputs)
        _associate(client, acl, list(inputs.get("subnetIds") or []))
    return Made(acl)


def _read(context: Context, physical_id: str, state: Properties) -> Properties | None:
    with told(context, "reading network ACL"):
        found = tags.one(context.client("ec2").describe_network_acls, "NetworkAcls", NetworkAclIds=[physical_id])
    if found is None:
        return None
    observed: Properties = {"vpcId": found["VpcId"], **tags.observed(context, found.get("Tags"))}
    if "subnetIds" in state:
        observed["subnetIds"] = [association["SubnetId"] for association in found.get("Associations") or []]
    for side, egress in (("ingress", False), ("egress", True)):
        numbers = {
            int(entry["RuleNumber"])
            for entry in found["Entries"]
            if bool(entry["Egress"]) is egress and int(entry["RuleNumber"]) != DEFAULT_RULE
        }
        if side in state:
            # The API spells ports and protocols its own way; a rule that is gone is what drifts.
            observed[side] = [rule for rule in state[side] if int(rule["ruleNo"]) in numbers]
    return observed


def _update(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    client = context.client("ec2")
    with told(context, "updating network ACL"):
        _entries(client, physical_id, old, new)
        before, after = set(old.get("subnetIds") or []), set(new.get("subnetIds") or [])
        _associate(client, physical_id, sorted(after - before))
        default = _default(client, str(new["vpcId"]))
        if default is not None:
            _associate(client, default, sorted(before - after))
        tags.change(context, physical_id, old, new)
    return {}


def _delete(context: Context, physical_id: str, state: Properties) -> None:
    client = context.client("ec2")
    with told(context, "deleting network ACL"), gone_is_fine("InvalidNetworkAclID.NotFound"):
        default = _default(client, str(state["vpcId"]))
        if default is not None:
            _associate(client, default, list(state.get("subnetIds") or []))
        client.delete_network_acl(NetworkAclId=physical_id)


NETWORK_ACL = Kind(
    type="aws:ec2/networkAcl:NetworkAcl",
    forces=frozenset({"vpcId", "region"}),
    sets=frozenset({"ingress", "egress", "subnetIds"}),
    computed=arn_and_owner("network-acl"),
    handler=Handler(create=_create, read=_read, update=_update, delete=_delete),
)
