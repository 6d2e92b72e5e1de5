"""The service on Kubernetes: probes, scaling, spread, what it may do; its images and its entrance."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ops.readiness.finding import Finding, none, shown
from ops.readiness.lines import Lines
from ops.readiness.structure import ZONES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from settings.compute import ComputeSettings

LINES = (
    "probes", "pod-zones", "pod-scaling", "disruption-budget", "network-policy", "pod-security", "pod-identity",
    "nodes", "node-disks", "images", "client-settings", "entrance", "service-alarms",
)  # fmt: skip
ZONE = "topology.kubernetes.io/zone"


class Workload(Lines):
    """What `holdfast:compute` runs in each region."""

    def run(self) -> Iterator[Finding]:
        """Every finding, in no order."""
        compute = self.settings.compute
        if compute is None:
            for line in LINES:
                yield none(line, "compute", "the stack file has no holdfast:compute")
            return
        yield from self._images(compute)
        for region in self.regions:
            yield from self._pods(region)
            yield from self._around(region, compute)
            yield from self._entrance(region)

    def _pods(self, region: str) -> Iterator[Finding]:
        pods = [_pod(one) for one in self.found("kubernetes:apps/v1:Deployment", region)]
        for name in ("readinessProbe", "livenessProbe"):
            asked = any(_every(pod, lambda one, name=name: (one.get(name) or {}).get("httpGet")) for pod in pods)
            yield shown("probes", f"{region}/{name}", asked, f"a {name} of every container")
        spread = any(
            one.get("topologyKey") == ZONE and one.get("whenUnsatisfiable") == "DoNotSchedule"
            for pod in pods
            for one in pod.get("topologySpreadConstraints") or []
        )
        yield shown("pod-zones", region, spread, "pods that are spread over the zones")
        bounded = any(_every(pod, _is_bounded) for pod in pods)
        yield shown("pod-security", f"{region}/resources", bounded, "requests of CPU and memory, and a limit of memory")
        closed = any(
            (pod.get("securityContext") or {}).get("runAsNonRoot") is True and _every(pod, _is_closed) for pod in pods
        )
        yield shown("pod-security", f"{region}/context", closed, "pods without root, escalation or a writable root")

    def _around(self, region: str, compute: ComputeSettings) -> Iterator[Finding]:
        service, nodes = compute.service, compute.nodes
        target = {"type": "Utilization", "averageUtilization": service.target_cpu_percent}
        scaled = self.has("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", region, lambda one: (
            (spec := one.get("spec") or {}).get("minReplicas") == service.minimum
            and spec.get("maxReplicas") == service.maximum
            and any((metric.get("resource") or {}).get("target") == target for metric in spec.get("metrics") or [])
        ))  # fmt: skip
        figures = f"{service.minimum} to {service.maximum} pods at {service.target_cpu_percent} % of the CPU"
        yield shown("pod-scaling", region, scaled, f"an autoscaler of {figures}")
        kept = self.has("kubernetes:policy/v1:PodDisruptionBudget", region, lambda one: (
            (one.get("spec") or {}).get("maxUnavailable") == 1
        ))  # fmt: skip
        yield shown("disruption-budget", region, kept, "a budget of one pod")
        narrow = self.has("kubernetes:networking.k8s.io/v1:NetworkPolicy", region, lambda one: (
            {"Ingress", "Egress"} <= set((one.get("spec") or {}).get("policyTypes") or ())
        ))  # fmt: skip
        yield shown("network-policy", region, narrow, "a policy of what pods receive and send")
        own = self.has("aws:eks/podIdentityAssociation:PodIdentityAssociation", region, lambda one: (
            str(one.get("roleArn")).endswith(f":role/{self.settings.stack.name_prefix}-{region}-app")
        ))  # fmt: skip
        yield shown("pod-identity", region, own, "a role that is the service's own")
        bounds = {"minSize": nodes.minimum, "maxSize": nodes.maximum}
        groups = list(self.found("aws:eks/nodeGroup:NodeGroup", region))
        enough = any(
            bounds.items() <= (one.get("scalingConfig") or {}).items() and len(one.get("subnetIds") or ()) >= ZONES
            for one in groups
        )
        yield shown("nodes", region, enough, f"{nodes.minimum} to {nodes.maximum} nodes in {ZONES} zones at least")
        yield shown("node-disks", f"{region}/template", bool(groups) and all(
            (one.get("launchTemplate") or {}).get("id") for one in groups
        ), "a launch template of every node group")  # fmt: skip
        templates = list(self.found("aws:ec2/launchTemplate:LaunchTemplate", region))
        sealed = bool(templates) and all(map(_is_sealed, templates))
        yield shown("node-disks", f"{region}/encryption", sealed, "encrypted disks of nodes")
        wanted = json.loads(self.settings.runtime.model_dump_json())
        given = self.has("kubernetes:core/v1:ConfigMap", region, lambda one: (
            _runtime((one.get("data") or {}).get("topology.json")) == _chosen(wanted)
        ))  # fmt: skip
        yield shown("client-settings", region, given, "the pool, retries, breaker and timeouts of the stack file")

    def _entrance(self, region: str) -> Iterator[Finding]:
        spread = self.has("aws:lb/loadBalancer:LoadBalancer", region, lambda one: (
            len(one.get("subnets") or ()) >= ZONES
        ))  # fmt: skip
        yield shown("entrance", f"{region}/zones", spread, f"a load balancer in {ZONES} zones at least")
        safe = self.has("aws:lb/listener:Listener", region, lambda one: (
            one.get("protocol") == "HTTPS" and one.get("certificateArn")
            and any(word in str(one.get("sslPolicy")) for word in ("TLS13", "TLS-1-2"))
        ))  # fmt: skip
        yield shown("entrance", f"{region}/tls", safe, "a listener that takes TLS 1.2 and newer")
        drained = self.has("aws:lb/targetGroup:TargetGroup", region, lambda one: (
            (one.get("healthCheck") or {}).get("path") and one.get("deregistrationDelay")
        ))  # fmt: skip
        yield shown("entrance", f"{region}/targets", drained, "targets that are checked, and drained")
        for metric in ("HTTPCode_Target_5XX_Count", "HealthyHostCount"):
            yield self._watched("service-alarms", region, metric)
        for metric in ("node_cpu_utilization", "node_memory_utilization", "cluster_failed_node_count"):
            yield self._watched("service-alarms", region, metric)

    def _watched(self, line: str, region: str, metric: str) -> Finding:
        if self.settings.monitoring is None:
            return none(line, f"{region}/{metric}", "the stack file has no holdfast:monitoring")
        return shown(line, f"{region}/{metric}", self.deployed.alarmed(metric, region), f"an alarm on {metric}")

    def _images(self, compute: ComputeSettings) -> Iterator[Finding]:
        kept = list(self.found("aws:ecr/repository:Repository"))
        fixed = any(one.get("imageTagMutability") == "IMMUTABLE" for one in kept)
        yield shown("images", "tags", fixed, "a repository whose tags are never moved")
        looked = any((one.get("imageScanningConfiguration") or {}).get("scanOnPush") is True for one in kept)
        yield shown("images", "scan", looked, "a repository that looks for vulnerabilities")
        if len(self.regions) < 2:
            yield none("images", "replicas", "the stack has one region")
        elif not compute.own_registry:
            yield none("images", "replicas", "another stack owns the account's registry")
        else:
            rules = json.dumps(list(self.found("aws:ecr/replicationConfiguration:ReplicationConfiguration")))
            copied = all(f'"{region}"' in rules for region in self.regions[1:])
            yield shown("images", "replicas", copied, "copies of the images in every other region")


def _pod(deployment: dict[str, Any]) -> dict[str, Any]:
    template = (deployment.get("spec") or {}).get("template") or {}
    return template.get("spec") or {}


def _every(pod: dict[str, Any], fits: Any) -> bool:
    containers = pod.get("containers") or []
    return bool(containers) and all(fits(one) for one in containers)


def _is_bounded(container: dict[str, Any]) -> bool:
    resources = container.get("resources") or {}
    return {"cpu", "memory"} <= (resources.get("requests") or {}).keys() and "memory" in (resources.get("limits") or {})


def _is_closed(container: dict[str, Any]) -> bool:
    context = container.get("securityContext") or {}
    return context.get("allowPrivilegeEscalation") is False and context.get("readOnlyRootFilesystem") is True


def _is_sealed(template: dict[str, Any]) -> bool:
    """Whether a launch template has disks, and all of them say that they are encrypted."""
    disks = [disk["ebs"] for disk in template.get("blockDeviceMappings") or [] if disk.get("ebs") is not None]
    return bool(disks) and all(disk.get("encrypted") in (True, "true") for disk in disks)


def _runtime(text: Any) -> dict[str, Any] | None:
    """What a topology tells clients to do; None where it cannot be read."""
    try:
        return _chosen(json.loads(text)["runtime"])
    except (KeyError, TypeError, ValueError):
        return None


def _chosen(runtime: dict[str, Any]) -> dict[str, Any]:
    return {name: runtime[name] for name in ("pool", "retries", "breaker", "timeouts", "hedging")}
