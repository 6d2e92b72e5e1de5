"""Application Auto Scaling: scalable targets and scaling policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.provider.aws import crud
from sandbox.provider.aws.crud import Crud
from sandbox.provider.context import Context
from sandbox.provider.resource import AutoName, Properties

GONE = (*crud.GONE, "ObjectNotFoundException", "ValidationException")
"""The sandbox's cloud calls an unknown target invalid."""
_NAMES = ("serviceNamespace", "resourceId", "scalableDimension")


def _target_id(_context: Context, inputs: Properties) -> str | None:
    values = [inputs.get(name) for name in _NAMES]
    return "/".join(map(str, values)) if all(isinstance(value, str) for value in values) else None


def _target_key(_physical_id: str, state: Properties) -> Mapping[str, Any]:
    return {
        "ServiceNamespace": state["serviceNamespace"],
        "ResourceId": state["resourceId"],
        "ScalableDimension": state["scalableDimension"],
    }


def _same_target(record: Mapping[str, Any], state: Properties) -> bool:
    dimension, resource = state["scalableDimension"], state["resourceId"]
    return bool(record["ScalableDimension"] == dimension and record["ResourceId"] == resource)


def _described(_physical_id: str, state: Properties) -> Mapping[str, Any]:
    return {
        "ServiceNamespace": state["serviceNamespace"],
        "ResourceIds": [state["resourceId"]],
        "ScalableDimension": state["scalableDimension"],
    }


TARGET = crud.kind(
    "aws:appautoscaling/target:Target",
    Crud(
        service="application-autoscaling",
        what="scalable target",
        create="register_scalable_target",
        # As the real provider: the resource's id alone.
        id=lambda _context, inputs, _answer: str(inputs["resourceId"]),
        key=_described,
        read="describe_scalable_targets",
        found="ScalableTargets",
        is_it=_same_target,
        updates=("register_scalable_target",),
        update_key=_target_key,
        delete="deregister_scalable_target",
        remove_key=_target_key,
        renames={"roleArn": "RoleARN"},
        gone=GONE,
        tags=False,
    ),
    forces=frozenset({*_NAMES, "region"}),
    computed=lambda context, _id, _inputs: {"arn": context.arn("application-autoscaling", "scalable-target/sandbox")},
)


def _policy_key(physical_id: str, state: Properties) -> Mapping[str, Any]:
    return {**_target_key(physical_id, state), "PolicyName": state["name"]}


def _policy_described(_physical_id: str, state: Properties) -> Mapping[str, Any]:
    return {
        "ServiceNamespace": state["serviceNamespace"],
        "ResourceId": state["resourceId"],
        "PolicyNames": [state["name"]],
    }


POLICY = crud.kind(
    "aws:appautoscaling/policy:Policy",
    Crud(
        service="application-autoscaling",
        what="scaling policy",
        create="put_scaling_policy",
        id=lambda _context, inputs, _answer: str(inputs["name"]),
        key=_policy_described,
        read="describe_scaling_policies",
        found="ScalingPolicies",
        is_it=lambda record, state: record["PolicyName"] == state["name"] and _same_target(record, state),
        updates=("put_scaling_policy",),
        update_key=_policy_key,
        delete="delete_scaling_policy",
        remove_key=_policy_key,
        renames={"name": "PolicyName"},
        gone=GONE,
        tags=False,
    ),
    forces=frozenset({"name", *_NAMES, "region"}),
    defaults={"policyType": "StepScaling"},
    name=AutoName(limit=256),
)

KINDS = (TARGET, POLICY)
