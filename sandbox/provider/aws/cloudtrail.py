"""CloudTrail: trails."""

from __future__ import annotations

from sandbox.provider.aws import crud, ids
from sandbox.provider.aws.api import changed
from sandbox.provider.aws.botoshape import to_api
from sandbox.provider.aws.crud import Crud, input_shape
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Properties


def _start(context: Context, physical_id: str, old: Properties, new: Properties) -> None:
    client = context.client("cloudtrail")
    logging = new.get("enableLogging", True)
    if bool(old.get("enableLogging", False)) != bool(logging) or not old:
        (client.start_logging if logging else client.stop_logging)(Name=physical_id)
    for name, operation in (("eventSelectors", "put_event_selectors"), ("insightSelectors", "put_insight_selectors")):
        if new.get(name) and changed(old, new, name):
            shape = input_shape(client, operation)
            getattr(client, operation)(TrailName=physical_id, **to_api({name: new[name]}, shape, {}))
    if new.get("advancedEventSelectors") and changed(old, new, "advancedEventSelectors"):
        shape = input_shape(client, "put_event_selectors")
        selectors = to_api({"advancedEventSelectors": new["advancedEventSelectors"]}, shape, {})
        client.put_event_selectors(TrailName=physical_id, **selectors)


TRAIL = crud.kind(
    "aws:cloudtrail/trail:Trail",
    Crud(
        service="cloudtrail",
        what="trail",
        create="create_trail",
        id=lambda context, inputs, _answer: context.arn("cloudtrail", f"trail/{inputs['name']}"),
        key=lambda physical_id, _state: {"Name": physical_id},
        read="get_trail",
        found="Trail",
        updates=("update_trail",),
        delete="delete_trail",
        remove_key=lambda physical_id, _state: {"Name": physical_id.rsplit("/", 1)[-1]},
        after=_start,
        renames={"enableLogFileValidation": "EnableLogFileValidation"},
        observe=lambda _context, _id, state: (
            {"enableLogFileValidation": state["enableLogFileValidation"]} if "enableLogFileValidation" in state else {}
        ),
        gone=(*crud.GONE, "TrailNotFoundException"),
        tags=False,
    ),
    forces=frozenset({"name", "region"}),
    defaults={
        "enableLogging": True,
        "enableLogFileValidation": False,
        "includeGlobalServiceEvents": True,
        "isMultiRegionTrail": False,
        "isOrganizationTrail": False,
    },
    name=AutoName(limit=128),
    identity=ids.by_arn("cloudtrail", "trail/{name}"),
    computed=ids.all_of(ids.arn_is_id, lambda context, _id, _inputs: {"homeRegion": context.region}),
)

KINDS = (TRAIL,)
