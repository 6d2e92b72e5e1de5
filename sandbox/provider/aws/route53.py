"""Route 53: zones, records and health checks. Route 53 has no region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.codec import Value
from sandbox.provider.aws import crud
from sandbox.provider.aws.api import own_tags, retag, tag_list, tag_map
from sandbox.provider.aws.crud import Crud
from sandbox.provider.aws.errors import code_of, gone_is_fine, told
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Handler, Kind, Made, Properties


def _tagging(kind: str) -> Any:
    def after(context: Context, physical_id: str, old: Properties, new: Properties) -> None:
        client = context.client("route53")

        def change(**what: Any) -> None:
            client.change_tags_for_resource(ResourceType=kind, ResourceId=physical_id, **what)

        retag(
            context,
            old,
            new,
            lambda tags: change(AddTags=tag_list(tags)),
            lambda keys: change(RemoveTagKeys=keys),
        )

    return after


def _tagged(kind: str) -> Any:
    def observe(context: Context, physical_id: str, _state: Properties) -> Properties:
        answer = context.client("route53").list_tags_for_resource(ResourceType=kind, ResourceId=physical_id)
        tags = tag_map(answer["ResourceTagSet"]["Tags"])
        return {"tags": own_tags(context, tags), "tagsAll": tags}

    return observe


def _arn(kind: str) -> Any:
    return lambda context, physical_id, _inputs: (
        {"arn": f"arn:{context.partition}:route53:::{kind}/{physical_id}"} if physical_id else {}
    )


def _zone_request(context: Context, inputs: Properties) -> Mapping[str, Any]:
    request: dict[str, Any] = {
        "Name": inputs["name"],
        "CallerReference": context.urn[-128:],
        "HostedZoneConfig": {
            "Comment": inputs.get("comment") or "Managed by Pulumi",
            "PrivateZone": bool(inputs.get("vpcs")),
        },
    }
    if inputs.get("vpcs"):
        vpc = inputs["vpcs"][0]
        request["VPC"] = {"VPCId": vpc["vpcId"], "VPCRegion": vpc.get("vpcRegion") or context.region}
    return request


def _zone_outputs(context: Context, physical_id: str | None, inputs: Properties) -> Properties:
    if not physical_id:
        return {}
    servers = [f"ns-{number}.awsdns-{number % 64:02}.{end}" for number, end in ((1, "com"), (2, "net"), (3, "org"))]
    return {**_arn("hostedzone")(context, physical_id, inputs), "zoneId": physical_id, "nameServers": servers}


ZONE = crud.kind(
    "aws:route53/zone:Zone",
    Crud(
        service="route53",
        what="hosted zone",
        create="create_hosted_zone",
        id=lambda _context, _inputs, answer: str(answer["HostedZone"]["Id"]).rsplit("/", 1)[-1],
        key=lambda physical_id, _state: {"Id": physical_id},
        read="get_hosted_zone",
        found="HostedZone",
        delete="delete_hosted_zone",
        extra=_zone_request,
        after=_tagging("hostedzone"),
        observe=lambda context, physical_id, state: {
            **_tagged("hostedzone")(context, physical_id, state),
            **({"name": state["name"]} if "name" in state else {}),
            **({"comment": state["comment"]} if "comment" in state else {}),
        },
        tags=False,
        gone=("NoSuchHostedZone",),
    ),
    forces=frozenset({"name", "delegationSetId"}),
    defaults={"comment": "Managed by Pulumi", "forceDestroy": False},
    name=AutoName(),
    sets=frozenset({"vpcs"}),
    computed=_zone_outputs,
)


def _check_config(inputs: Mapping[str, Value]) -> dict[str, Any]:
    renames = {
        "ipAddress": "IPAddress",
        "enableSni": "EnableSNI",
        "fqdn": "FullyQualifiedDomainName",
        "childHealthThreshold": "HealthThreshold",
        "childHealthchecks": "ChildHealthChecks",
        "invertHealthcheck": "Inverted",
    }
    names = (
        "type",
        "port",
        "resourcePath",
        "requestInterval",
        "failureThreshold",
        "measureLatency",
        "searchString",
        "regions",
        "disabled",
        "insufficientDataHealthStatus",
        "routingControlArn",
    )
    config: dict[str, Any] = {}
    for name in (*names, *renames):
        if inputs.get(name) is not None:
            config[renames.get(name, name[0].upper() + name[1:])] = inputs[name]
    if inputs.get("cloudwatchAlarmName"):
        config["AlarmIdentifier"] = {"Name": inputs["cloudwatchAlarmName"], "Region": inputs["cloudwatchAlarmRegion"]}
    return config


def _update_check(context: Context, physical_id: str, old: Properties, new: Properties) -> None:
    client = context.client("route53")
    config = _check_config(new)
    if old and _check_config(old) != config:
        fixed = {"Type", "RequestInterval", "MeasureLatency", "RoutingControlArn"}
        client.update_health_check(
            HealthCheckId=physical_id, **{key: value for key, value in config.items() if key not in fixed}
        )
    _tagging("healthcheck")(context, physical_id, old, new)


HEALTH_CHECK = crud.kind(
    "aws:route53/healthCheck:HealthCheck",
    Crud(
        service="route53",
        what="health check",
        create="create_health_check",
        id="HealthCheck.Id",
        key=lambda physical_id, _state: {"HealthCheckId": physical_id},
        read="get_health_check",
        found="HealthCheck.HealthCheckConfig",
        delete="delete_health_check",
        renames={"ipAddress": "IPAddress", "enableSni": "EnableSNI", "fqdn": "FullyQualifiedDomainName"},
        extra=lambda context, inputs: {
            "CallerReference": f"{inputs.get('referenceName', '')}{context.urn}"[-64:],
            "HealthCheckConfig": _check_config(inputs),
        },
        after=_update_check,
        observe=_tagged("healthcheck"),
        tags=False,
        gone=("NoSuchHealthCheck",),
    ),
    forces=frozenset({"type", "requestInterval", "measureLatency", "routingControlArn", "referenceName"}),
    defaults={"disabled": False, "measureLatency": False, "invertHealthcheck": False},
    sets=frozenset({"childHealthchecks", "regions"}),
    computed=_arn("healthcheck"),
)


def _record(inputs: Mapping[str, Value]) -> dict[str, Any]:
    record: dict[str, Any] = {"Name": inputs["name"], "Type": inputs["type"]}
    if inputs.get("records"):
        record["ResourceRecords"] = [{"Value": value} for value in inputs["records"]]
        record["TTL"] = int(inputs.get("ttl") or 300)
    for alias in inputs.get("aliases") or []:
        record["AliasTarget"] = {
            "HostedZoneId": alias["zoneId"],
            "DNSName": alias["name"],
            "EvaluateTargetHealth": bool(alias["evaluateTargetHealth"]),
        }
    for name, api in (("setIdentifier", "SetIdentifier"), ("healthCheckId", "HealthCheckId")):
        if inputs.get(name):
            record[api] = inputs[name]
    for policy in inputs.get("failoverRoutingPolicies") or []:
        record["Failover"] = policy["type"]
    for policy in inputs.get("latencyRoutingPolicies") or []:
        record["Region"] = policy["region"]
    for policy in inputs.get("weightedRoutingPolicies") or []:
        record["Weight"] = int(policy["weight"])
    for policy in inputs.get("geolocationRoutingPolicies") or []:
        names = {"continent": "ContinentCode", "country": "CountryCode", "subdivision": "SubdivisionCode"}
        record["GeoLocation"] = {names[key]: value for key, value in policy.items() if key in names and value}
    if inputs.get("multivalueAnswerRoutingPolicy"):
        record["MultiValueAnswer"] = True
    return record


def _change(context: Context, inputs: Mapping[str, Value], action: str) -> None:
    context.client("route53").change_resource_record_sets(
        HostedZoneId=inputs["zoneId"],
        ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": _record(inputs)}]},
    )


def _record_id(_context: Context, inputs: Properties) -> str | None:
    parts = [inputs.get("zoneId"), inputs.get("name"), inputs.get("type")]
    if not all(isinstance(part, str) for part in parts):
        return None
    return "_".join([*map(str, parts), *([str(inputs["setIdentifier"])] if inputs.get("setIdentifier") else [])])


def _create_record(context: Context, inputs: Properties) -> Made:
    with told(context, "creating record"):
        _change(context, inputs, "UPSERT" if inputs.get("allowOverwrite") else "CREATE")
    return Made(_record_id(context, inputs) or "", {"fqdn": str(inputs["name"]).rstrip(".")})


def _read_record(context: Context, _physical_id: str, state: Properties) -> Properties | None:
    name = str(state["name"]).rstrip(".") + "."
    try:
        found = context.client("route53").list_resource_record_sets(HostedZoneId=state["zoneId"])["ResourceRecordSets"]
    except Exception as error:
        if code_of(error) == "NoSuchHostedZone":
            return None
        raise
    for record in found:
        same = (record["Name"].rstrip(".") + ".", record["Type"], record.get("SetIdentifier"))
        if same == (name, state["type"], state.get("setIdentifier")):
            observed: Properties = {}
            if "records" in state:
                observed["records"] = [entry["Value"] for entry in record.get("ResourceRecords", [])]
            if "ttl" in state:
                observed["ttl"] = record.get("TTL")
            return observed
    return None


def _update_record(context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
    if any(old.get(key) != new.get(key) for key in ("type", "setIdentifier")):
        # The name keeps its state: the real provider moves it to the other record set, too.
        _delete_record(context, physical_id, old)
    with told(context, "updating record"):
        _change(context, new, "UPSERT")
    return {}


def _delete_record(context: Context, _physical_id: str, state: Properties) -> None:
    with told(context, "deleting record"), gone_is_fine("NoSuchHostedZone", "InvalidChangeBatch"):
        _change(context, state, "DELETE")


RECORD = Kind(
    type="aws:route53/record:Record",
    forces=frozenset({"zoneId", "name"}),
    sets=frozenset({"records"}),
    identity=_record_id,
    handler=Handler(create=_create_record, read=_read_record, update=_update_record, delete=_delete_record),
    lasting=True,
)

KINDS = (ZONE, HEALTH_CHECK, RECORD)
