"""The experiments of a region as data: what each breaks, on what, and for how long.

Actions, targets and parameters are those of the AWS FIS user guide, "Actions reference" (read in November 2026).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pulumi

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from components.base.place import Place
    from components.compute.outputs import ComputeOutputs
    from components.network.outputs import NetworkOutputs
    from settings.recovery import DrillSettings

_TABLE = ("Tables", "aws:dynamodb:global-table")
_SUBNET = ("Subnets", "aws:ec2:subnet")
_NODES = ("Nodegroups", "aws:eks:nodegroup")
_PODS = ("Pods", "aws:eks:pod")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One action of an experiment on one kind of target."""

    name: str
    action: str
    target: tuple[str, str]
    """Name of the target in the action, and its resource type."""
    arns: Sequence[pulumi.Input[str]] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    """What marks the targets, where their ARNs are not known before they exist."""
    parameters: Mapping[str, str]
    select: str = "ALL"
    target_parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One experiment template: faults that begin together."""

    name: str
    """What `holdfast drill` and the topology call it."""
    description: str
    faults: Sequence[Fault]

    def actions(self) -> list[Any]:
        """The actions as the template takes them."""
        return [
            {
                "name": fault.name,
                "action_id": fault.action,
                "description": self.description,
                "parameters": [{"key": key, "value": value} for key, value in fault.parameters.items()],
                "target": {"key": fault.target[0], "value": fault.name},
            }
            for fault in self.faults
        ]

    def targets(self) -> list[Any]:
        """The targets as the template takes them, one per fault."""
        return [
            {
                "name": fault.name,
                "resource_type": fault.target[1],
                "selection_mode": fault.select,
                "resource_arns": list(fault.arns) or None,
                "resource_tags": [{"key": key, "value": value} for key, value in fault.tags.items()] or None,
                "parameters": dict(fault.target_parameters) or None,
            }
            for fault in self.faults
        ]


def experiments(
    drills: DrillSettings,
    *,
    tables: Sequence[str],
    other_region: str,
    network: NetworkOutputs | None,
    compute: ComputeOutputs | None,
    place: Place,
) -> Iterator[Experiment]:
    """Every experiment that the layers of a region allow.

    Args:
        drills: how long an experiment lasts.
        tables: physical names of the tables that replicate to another region.
        other_region: the region from which this one is cut off.
        network: the VPC, where the stack has one.
        compute: the cluster, where the stack has one.
        place: the region.
    """
    lasting = {"duration": f"PT{drills.minutes}M"}
    pause = Fault(
        name="replication",
        action="aws:dynamodb:global-table-pause-replication",
        target=_TABLE,
        arns=[place.table_arn(table) for table in tables],
        parameters=lasting,
    )
    if tables:
        yield Experiment(
            name="replication-pause",
            description="The other regions no longer see the writes of this one",
            faults=[pause],
        )
    if network is not None:
        yield from _of_network(network, pause if tables else None, other_region, lasting, place)
    if compute is not None:
        yield from _of_cluster(compute)


def _of_network(
    network: NetworkOutputs, pause: Fault | None, other_region: str, lasting: Mapping[str, str], place: Place
) -> Iterator[Experiment]:
    subnets = [_subnet_arn(subnet, place) for subnet in network.application_subnet_ids]
    cut = Fault(
        name="routes",
        action="aws:network:route-table-disrupt-cross-region-connectivity",
        target=_SUBNET,
        arns=subnets,
        parameters={**lasting, "region": other_region},
    )
    yield Experiment(
        name="region-isolation",
        description=f"Nothing reaches {other_region} from here, and nothing is replicated",
        faults=[cut, pause] if pause else [cut],
    )
    yield Experiment(
        name="dynamodb-loss",
        description="The application does not reach DynamoDB in its own region",
        faults=[
            Fault(
                name="dynamodb",
                action="aws:network:disrupt-connectivity",
                target=_SUBNET,
                arns=subnets,
                parameters={**lasting, "scope": "dynamodb"},
            )
        ],
    )
    yield Experiment(
        name="zone-network",
        description="One zone is cut off",
        faults=[
            Fault(
                name="zone",
                action="aws:network:disrupt-connectivity",
                target=_SUBNET,
                arns=subnets[:1],
                parameters={**lasting, "scope": "all"},
            )
        ],
    )


def _of_cluster(compute: ComputeOutputs) -> Iterator[Experiment]:
    yield Experiment(
        name="nodes",
        description="A third of the nodes ends without notice",
        faults=[
            Fault(
                name="nodes",
                action="aws:eks:terminate-nodegroup-instances",
                target=_NODES,
                tags=compute.node_tags,
                parameters={"instanceTerminationPercentage": "34"},
            )
        ],
    )
    yield Experiment(
        name="pods",
        description="Half of the pods of the orders service end without notice",
        faults=[
            Fault(
                name="pods",
                action="aws:eks:pod-delete",
                target=_PODS,
                parameters={
                    "kubernetesServiceAccount": compute.experiment_account,
                    "gracePeriodSeconds": "0",
                    "fisPodSecurityPolicy": "restricted",
                },
                select="PERCENT(50)",
                target_parameters={
                    "clusterIdentifier": compute.cluster_name,
                    "namespace": compute.namespace,
                    "selectorType": "labelSelector",
                    "selectorValue": "app.kubernetes.io/name=orders",
                },
            )
        ],
    )


def _subnet_arn(subnet: pulumi.Input[str], place: Place) -> pulumi.Output[str]:
    return pulumi.Output.concat(place.arn("ec2", "subnet/"), subnet)
