"""IAM: roles, policies, what attaches them, instance profiles and OpenID Connect providers. IAM has no region."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from sandbox.codec import Value
from sandbox.provider.aws.api import own_tags, pick, retag, tag_list, tag_map, tags_of
from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.faults import PartlyMadeError, ProviderError
from sandbox.provider.resource import AutoName, Handler, Kind, Made, Properties

GONE = "NoSuchEntity"


def text(document: Value) -> str:
    """A policy document as JSON text; the SDK also takes it as an object."""
    return document if isinstance(document, str) else json.dumps(document)


def _document(found: Any) -> str:
    return json.dumps(found) if isinstance(found, dict) else unquote(str(found))


def _path(inputs: Mapping[str, Value]) -> str:
    return str(inputs.get("path") or "/")


def _name_id(_context: Context, inputs: Properties) -> str | None:
    name = inputs.get("name")
    return name if isinstance(name, str) else None


# --- roles


def _create_role(context: Context, inputs: Properties) -> Made:
    client = context.client("iam")
    name = str(inputs["name"])
    request = pick(
        inputs,
        {
            "path": "Path",
            "description": "Description",
            "maxSessionDuration": "MaxSessionDuration",
            "permissionsBoundary": "PermissionsBoundary",
        },
    )
    with told(context, "creating role"):
        role = client.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=text(inputs["assumeRolePolicy"]),
            Tags=tag_list(tags_of(context, inputs)),
            **request,
        )["Role"]
    try:
        with told(context, "setting up role"):
            _attachments(client, name, {}, inputs)
    except ProviderError as error:
        raise PartlyMadeError(str(error), physical_id=name, outputs=dict(inputs)) from error
    return Made(name, _role_outputs(role))


def _role_outputs(role: Mapping[str, Any]) -> Properties:
    return {"arn": role["Arn"], "uniqueId": role["RoleId"], "createDate": role["CreateDate"].isoformat()}


def _attachments(client: Any, name: str, old: Mapping[str, Value], new: Mapping[str, Value]) -> None:
    before, after = set(old.get("managedPolicyArns") or []), set(new.get("managedPolicyArns") or [])
    for arn in sorted(before - after):
        with gone_is_fine(GONE):
            client.detach_role_policy(RoleName=name, PolicyArn=arn)
    for arn in sorted(after - before):
        client.attach_role_policy(RoleName=name, PolicyArn=arn)
    olds = {policy["name"]: policy["policy"] for policy in old.get("inlinePolicies") or [] if policy.get("name")}
    news = {policy["name"]: policy["policy"] for policy in new.get("inlinePolicies") or [] if policy.get("name")}
    for gone in sorted(set(olds) - set(news)):
        with gone_is_fine(GONE):
            client.delete_role_policy(RoleName=name, PolicyName=gone)
    for policy, document in news.items():
        if olds.get(policy) != document:
            client.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=document)


def _read_role(context: Context, physical_id: str, state: Properties) -> Properties | None:
    client = context.client("iam")
    try:
        role = client.get_role(RoleName=physical_id)["Role"]
    except Exception as error:
        if code_of(error) == GONE:
            return None
        raise
    with told(context, "reading role"):
        tags = tag_map(client.list_role_tags(RoleName=physical_id)["Tags"])
        found: Properties = {
            **_role_outputs(role),
            "name": role["RoleName"],
            "path": role["Path"],
            "description": role.get("Description", ""),
            "maxSessionDuration": role.get("MaxSessionDuration", 3600),
            "permissionsBoundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            "assumeRolePolicy": _document(role["AssumeRolePolicyDocument"]),
            "tags": own_tags(context, tags),
            "tagsAll": tags,
        }
        if state.get("managedPolicyArns"):
            attached = client.list_attached_role_policies(RoleName=physical_id)["AttachedPolicies"]
            found["managedPolicyArns"] = [policy["PolicyArn"] for policy in attached]
    return found


def _update_role(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    client = context.client("iam")
    with told(context, "updating role"):
        if old.get("assumeRolePolicy") != new.get("assumeRolePolicy"):
            client.update_assume_role_policy(RoleName=physical_id, PolicyDocument=text(new["assumeRolePolicy"]))
        client.update_role(
            RoleName=physical_id,
            Description=new.get("description") or "",
            MaxSessionDuration=int(new.get("maxSessionDuration") or 3600),
        )
        if new.get("permissionsBoundary") and old.get("permissionsBoundary") != new["permissionsBoundary"]:
            client.put_role_permissions_boundary(RoleName=physical_id, PermissionsBoundary=new["permissionsBoundary"])
        elif old.get("permissionsBoundary") and not new.get("permissionsBoundary"):
            client.delete_role_permissions_boundary(RoleName=physical_id)
        _attachments(client, physical_id, old, new)
        retag(
            context,
            old,
            new,
            lambda tags: client.tag_role(RoleName=physical_id, Tags=tag_list(tags)),
            lambda keys: client.untag_role(RoleName=physical_id, TagKeys=keys),
        )
    return {}


def _delete_role(context: Context, physical_id: str, state: Properties) -> None:
    client = context.client("iam")
    with told(context, "deleting role"), gone_is_fine(GONE):
        if state.get("forceDetachPolicies") or state.get("managedPolicyArns"):
            for policy in client.list_attached_role_policies(RoleName=physical_id)["AttachedPolicies"]:
                client.detach_role_policy(RoleName=physical_id, PolicyArn=policy["PolicyArn"])
        if state.get("forceDetachPolicies") or state.get("inlinePolicies"):
            for policy in client.list_role_policies(RoleName=physical_id)["PolicyNames"]:
                client.delete_role_policy(RoleName=physical_id, PolicyName=policy)
        client.delete_role(RoleName=physical_id)


def _role_known(context: Context, physical_id: str | None, inputs: Properties) -> Properties:
    return {"arn": context.arn("iam", f"role{_path(inputs)}{physical_id}", region="")} if physical_id else {}


ROLE = Kind(
    type="aws:iam/role:Role",
    forces=frozenset({"name", "namePrefix", "path"}),
    defaults={"path": "/", "maxSessionDuration": 3600, "forceDetachPolicies": False, "description": ""},
    name=AutoName(limit=64),
    documents=frozenset({"assumeRolePolicy"}),
    sets=frozenset({"managedPolicyArns", "inlinePolicies"}),
    identity=_name_id,
    computed=_role_known,
    handler=Handler(create=_create_role, read=_read_role, update=_update_role, delete=_delete_role),
)


# --- inline policies


def _inline_id(_context: Context, inputs: Properties) -> str | None:
    role, name = inputs.get("role"), inputs.get("name")
    return f"{role}:{name}" if isinstance(role, str) and isinstance(name, str) else None


def _put_inline(context: Context, inputs: Properties) -> Made:
    with told(context, "putting inline policy"):
        context.client("iam").put_role_policy(
            RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=text(inputs["policy"])
        )
    return Made(f"{inputs['role']}:{inputs['name']}")


def _read_inline(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    role, _, name = physical_id.partition(":")
    try:
        found = context.client("iam").get_role_policy(RoleName=role, PolicyName=name)
    except Exception as error:
        if code_of(error) == GONE:
            return None
        raise
    return {"role": role, "name": name, "policy": _document(found["PolicyDocument"])}


def _update_inline(context: Context, _physical_id: str, _old: Properties, new: Properties) -> Properties:
    _put_inline(context, new)
    return {}


def _delete_inline(context: Context, physical_id: str, _state: Properties) -> None:
    role, _, name = physical_id.partition(":")
    with told(context, "deleting inline policy"), gone_is_fine(GONE):
        context.client("iam").delete_role_policy(RoleName=role, PolicyName=name)


ROLE_POLICY = Kind(
    type="aws:iam/rolePolicy:RolePolicy",
    forces=frozenset({"name", "namePrefix", "role"}),
    name=AutoName(limit=128),
    documents=frozenset({"policy"}),
    identity=_inline_id,
    handler=Handler(create=_put_inline, read=_read_inline, update=_update_inline, delete=_delete_inline),
)


# --- managed policies


def _policy_known(_context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    return {"arn": physical_id, "attachmentCount": 0} if physical_id else {}


def _policy_id(context: Context, inputs: Properties) -> str | None:
    name = inputs.get("name")
    return context.arn("iam", f"policy{_path(inputs)}{name}", region="") if isinstance(name, str) else None


def _create_policy(context: Context, inputs: Properties) -> Made:
    with told(context, "creating policy"):
        policy = context.client("iam").create_policy(
            PolicyName=inputs["name"],
            PolicyDocument=text(inputs["policy"]),
            Tags=tag_list(tags_of(context, inputs)),
            **pick(inputs, {"path": "Path", "description": "Description"}),
        )["Policy"]
    return Made(str(policy["Arn"]), {"arn": policy["Arn"], "policyId": policy["PolicyId"]})


def _read_policy(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    client = context.client("iam")
    try:
        policy = client.get_policy(PolicyArn=physical_id)["Policy"]
    except Exception as error:
        if code_of(error) == GONE:
            return None
        raise
    with told(context, "reading policy"):
        version = client.get_policy_version(PolicyArn=physical_id, VersionId=policy["DefaultVersionId"])
        tags = tag_map(client.list_policy_tags(PolicyArn=physical_id)["Tags"])
    return {
        "arn": physical_id,
        "name": policy["PolicyName"],
        "path": policy["Path"],
        "description": policy.get("Description", ""),
        "policyId": policy["PolicyId"],
        "attachmentCount": policy["AttachmentCount"],
        "policy": _document(version["PolicyVersion"]["Document"]),
        "tags": own_tags(context, tags),
        "tagsAll": tags,
    }


def _update_policy(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    client = context.client("iam")
    with told(context, "updating policy"):
        if old.get("policy") != new.get("policy"):
            versions = client.list_policy_versions(PolicyArn=physical_id)["Versions"]
            spare = [version["VersionId"] for version in versions if not version["IsDefaultVersion"]]
            if len(versions) >= 5:
                # A policy holds five versions: the oldest makes room, as the real provider does.
                client.delete_policy_version(PolicyArn=physical_id, VersionId=min(spare, key=lambda v: int(v[1:])))
            client.create_policy_version(PolicyArn=physical_id, PolicyDocument=text(new["policy"]), SetAsDefault=True)
        retag(
            context,
            old,
            new,
            lambda tags: client.tag_policy(PolicyArn=physical_id, Tags=tag_list(tags)),
            lambda keys: client.untag_policy(PolicyArn=physical_id, TagKeys=keys),
        )
    return {}


def _delete_policy(context: Context, physical_id: str, _state: Properties) -> None:
    client = context.client("iam")
    with told(context, "deleting policy"), gone_is_fine(GONE):
        for version in client.list_policy_versions(PolicyArn=physical_id)["Versions"]:
            if not version["IsDefaultVersion"]:
                client.delete_policy_version(PolicyArn=physical_id, VersionId=version["VersionId"])
        client.delete_policy(PolicyArn=physical_id)


POLICY = Kind(
    type="aws:iam/policy:Policy",
    forces=frozenset({"name", "namePrefix", "path", "description"}),
    defaults={"path": "/", "description": ""},
    name=AutoName(limit=128),
    documents=frozenset({"policy"}),
    identity=_policy_id,
    computed=_policy_known,
    handler=Handler(create=_create_policy, read=_read_policy, update=_update_policy, delete=_delete_policy),
)


# --- attachments


def _attach(context: Context, inputs: Properties) -> Made:
    with told(context, "attaching policy"):
        context.client("iam").attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
    return Made(_attachment_id(context, inputs) or "")


def _attachment_id(_context: Context, inputs: Properties) -> str | None:
    role, arn = inputs.get("role"), inputs.get("policyArn")
    return f"{role}/{arn}" if isinstance(role, str) and isinstance(arn, str) else None


def _read_attachment(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    role, _, arn = physical_id.partition("/")
    try:
        attached = context.client("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    except Exception as error:
        if code_of(error) == GONE:
            return None
        raise
    return {"role": role, "policyArn": arn} if any(policy["PolicyArn"] == arn for policy in attached) else None


def _unchanged(_context: Context, _physical_id: str, _old: Properties, _new: Properties) -> Properties:
    return {}


def _detach(context: Context, physical_id: str, _state: Properties) -> None:
    role, _, arn = physical_id.partition("/")
    with told(context, "detaching policy"), gone_is_fine(GONE):
        context.client("iam").detach_role_policy(RoleName=role, PolicyArn=arn)


ATTACHMENT = Kind(
    type="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    forces=frozenset({"role", "policyArn"}),
    identity=_attachment_id,
    handler=Handler(create=_attach, read=_read_attachment, update=_unchanged, delete=_detach),
)


# --- instance profiles


def _create_profile(context: Context, inputs: Properties) -> Made:
    client = context.client("iam")
    name = str(inputs["name"])
    with told(context, "creating instance profile"):
        profile = client.create_instance_profile(
            InstanceProfileName=name, Path=_path(inputs), Tags=tag_list(tags_of(context, inputs))
        )["InstanceProfile"]
        if inputs.get("role"):
            client.add_role_to_instance_profile(InstanceProfileName=name, RoleName=inputs["role"])
    return Made(
        name,
        {
            "arn": profile["Arn"],
            "uniqueId": profile["InstanceProfileId"],
            "createDate": profile["CreateDate"].isoformat(),
        },
    )


def _read_profile(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    try:
        profile = context.client("iam").get_instance_profile(InstanceProfileName=physical_id)["InstanceProfile"]
    except Exception as error:
        if code_of(error) == GONE:
            return None
        raise
    roles = profile.get("Roles") or []
    return {
        "name": physical_id,
        "path": profile["Path"],
        "arn": profile["Arn"],
        "uniqueId": profile["InstanceProfileId"],
        "role": roles[0]["RoleName"] if roles else None,
    }


def _update_profile(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    client = context.client("iam")
    with told(context, "updating instance profile"):
        if old.get("role") != new.get("role"):
            if old.get("role"):
                client.remove_role_from_instance_profile(InstanceProfileName=physical_id, RoleName=old["role"])
            if new.get("role"):
                client.add_role_to_instance_profile(InstanceProfileName=physical_id, RoleName=new["role"])
    return {}


def _delete_profile(context: Context, physical_id: str, _state: Properties) -> None:
    client = context.client("iam")
    with told(context, "deleting instance profile"), gone_is_fine(GONE):
        for role in client.get_instance_profile(InstanceProfileName=physical_id)["InstanceProfile"]["Roles"]:
            client.remove_role_from_instance_profile(InstanceProfileName=physical_id, RoleName=role["RoleName"])
        client.delete_instance_profile(InstanceProfileName=physical_id)


def _profile_known(context: Context, physical_id: str | None, inputs: Properties) -> Properties:
    return (
        {"arn": context.arn("iam", f"instance-profile{_path(inputs)}{physical_id}", region="")} if physical_id else {}
    )


INSTANCE_PROFILE = Kind(
    type="aws:iam/instanceProfile:InstanceProfile",
    forces=frozenset({"name", "namePrefix", "path"}),
    defaults={"path": "/"},
    name=AutoName(limit=128),
    identity=_name_id,
    computed=_profile_known,
    handler=Handler(create=_create_profile, read=_read_profile, update=_update_profile, delete=_delete_profile),
)


# --- OpenID Connect providers


def _oidc_id(context: Context, inputs: Properties) -> str | None:
    url = inputs.get("url")
    if not isinstance(url, str):
        return None
    return context.arn("iam", f"oidc-provider/{url.removeprefix('https://')}", region="")


def _create_oidc(context: Context, inputs: Properties) -> Made:
    with told(context, "creating OpenID Connect provider"):
        answer = context.client("iam").create_open_id_connect_provider(
            Url=inputs["url"],
            ClientIDList=inputs["clientIdLists"],
            ThumbprintList=inputs.get("thumbprintLists") or ["0" * 40],
            Tags=tag_list(tags_of(context, inputs)),
        )
    return Made(str(answer["OpenIDConnectProviderArn"]))


def _read_oidc(context: Context, physical_id: str, _state: Properties) -> Properties | None:
    try:
        found = context.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=physical_id)
    except Exception as error:
        if code_of(error) == GONE:
            return None
        raise
    return {"arn": physical_id, "clientIdLists": found["ClientIDList"]}


def _update_oidc(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    # The sandbox's IAM cannot edit a provider: the same one, under the same ARN, is made again.
    if any(old.get(name) != new.get(name) for name in ("thumbprintLists", "clientIdLists", "tags")):
        _delete_oidc(context, physical_id, old)
        _create_oidc(context, new)
    return {}


def _delete_oidc(context: Context, physical_id: str, _state: Properties) -> None:
    with told(context, "deleting OpenID Connect provider"), gone_is_fine(GONE):
        context.client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=physical_id)


def _oidc_known(_context: Context, physical_id: str | None, _inputs: Properties) -> Properties:
    return {"arn": physical_id} if physical_id else {}


OIDC = Kind(
    type="aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    forces=frozenset({"url"}),
    sets=frozenset({"clientIdLists"}),
    identity=_oidc_id,
    computed=_oidc_known,
    handler=Handler(create=_create_oidc, read=_read_oidc, update=_update_oidc, delete=_delete_oidc),
)

KINDS = (ROLE, ROLE_POLICY, POLICY, ATTACHMENT, INSTANCE_PROFILE, OIDC)
