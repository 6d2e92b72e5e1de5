"""EKS, Container Insights, load balancers and Lambda, from each service's "metrics" page, as of November 2026."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsfacts.metrics.series import Series

PUBLISHED: Mapping[str, Series] = {
    "AWS/EKS": (
        (
            ("ClusterName",),
            (
                "apiserver_request_total apiserver_request_total_4XX apiserver_request_total_429 "
                "apiserver_request_total_5XX apiserver_storage_size_bytes etcd_mvcc_db_total_size_in_bytes "
                "scheduler_schedule_attempts_total scheduler_schedule_attempts_ERROR "
                "scheduler_schedule_attempts_UNSCHEDULABLE scheduler_pending_pods"
            ),
        ),
    ),
    "ContainerInsights": (
        (("ClusterName",), "cluster_node_count cluster_failed_node_count namespace_number_of_running_pods"),
        (
            ("ClusterName", "ClusterName NodeName InstanceId"),
            (
                "node_cpu_utilization node_memory_utilization node_filesystem_utilization node_network_total_bytes "
                "node_number_of_running_pods"
            ),
        ),
        (
            ("ClusterName", "ClusterName Namespace", "ClusterName Namespace Service", "ClusterName Namespace PodName"),
            (
                "pod_cpu_utilization pod_memory_utilization pod_cpu_utilization_over_pod_limit "
                "pod_memory_utilization_over_pod_limit pod_network_rx_bytes pod_network_tx_bytes"
            ),
        ),
        (("ClusterName Namespace PodName",), "pod_number_of_container_restarts"),
        (("ClusterName Namespace Service",), "service_number_of_running_pods"),
    ),
    "AWS/ApplicationELB": (
        (
            ("LoadBalancer", "LoadBalancer AvailabilityZone"),
            (
                "ActiveConnectionCount ClientTLSNegotiationErrorCount ConsumedLCUs HTTPCode_ELB_3XX_Count "
                "HTTPCode_ELB_4XX_Count HTTPCode_ELB_5XX_Count HTTPCode_ELB_502_Count HTTPCode_ELB_503_Count "
                "HTTPCode_ELB_504_Count NewConnectionCount ProcessedBytes RejectedConnectionCount"
            ),
        ),
        (
            (
                "LoadBalancer",
                "LoadBalancer AvailabilityZone",
                "LoadBalancer TargetGroup",
                "LoadBalancer TargetGroup AvailabilityZone",
            ),
            (
                "HTTPCode_Target_2XX_Count HTTPCode_Target_3XX_Count HTTPCode_Target_4XX_Count HTTPCode_Target_5XX_Count "
                "RequestCount TargetConnectionErrorCount TargetResponseTime TargetTLSNegotiationErrorCount"
            ),
        ),
        (
            ("LoadBalancer TargetGroup", "LoadBalancer TargetGroup AvailabilityZone"),
            (
                "HealthyHostCount UnHealthyHostCount HealthyStateRouting HealthyStateDNS UnhealthyStateRouting "
                "UnhealthyStateDNS RequestCountPerTarget"
            ),
        ),
    ),
    "AWS/Lambda": (
        (
            ("FunctionName", "FunctionName Resource", "FunctionName ExecutedVersion Resource", ""),
            (
                "Invocations Errors Throttles Duration ConcurrentExecutions DeadLetterErrors IteratorAge "
                "AsyncEventsReceived AsyncEventAge AsyncEventsDropped DestinationDeliveryFailures"
            ),
        ),
    ),
    "AWS/NATGateway": (
        (
            ("NatGatewayId",),
            (
                "ActiveConnectionCount BytesInFromDestination BytesInFromSource BytesOutToDestination BytesOutToSource "
                "ConnectionAttemptCount ConnectionEstablishedCount ErrorPortAllocation IdleTimeoutCount PacketsDropCount"
            ),
        ),
    ),
}
"""Namespace → series."""
