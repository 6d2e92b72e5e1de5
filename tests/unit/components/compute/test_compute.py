"""EKS, the orders service on it, its load balancer and its images."""

import json

import pytest

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")


@pytest.mark.parametrize("region", REGIONS)
def test_cluster_is_private_encrypted_and_audited(prod, region):
    cluster = prod.one("eks:index:Cluster", f"{region}-eks").inputs
    assert cluster["endpointPrivateAccess"] is True
    assert cluster["endpointPublicAccess"] is False
    assert "audit" in cluster["enabledClusterLogTypes"]
    assert f"{region}-key-data" in cluster["encryptionConfigKeyArn"]


@pytest.mark.parametrize("region", REGIONS)
def test_nodes_start_from_a_template_of_the_stack(prod, region):
    """Beside a template EKS refuses the size of the disk, and the component the options of the metadata service."""
    nodes = prod.one("eks:index:ManagedNodeGroup", f"{region}-nodes").inputs
    template = prod.one("launchTemplate:LaunchTemplate", f"{region}-nodes-template")
    assert nodes["launchTemplate"] == {"id": f"{region}-nodes-template-id", "version": "1"}
    assert not {"diskSize", "enableIMDSv2", "userData", "remoteAccess", "amiId"} & set(nodes)
    assert not {"instanceType", "imageId", "userData", "iamInstanceProfile"} & set(template.inputs)
    assert nodes["instanceTypes"] == ["m7g.large"]
    assert nodes["amiType"] == "AL2023_ARM_64_STANDARD"
    assert nodes["version"] == prod.one("eks:index:Cluster", f"{region}-eks").inputs["version"]  # upgraded together
    assert len(nodes["subnetIds"]) == 3


@pytest.mark.parametrize("region", REGIONS)
def test_disks_of_nodes_are_encrypted_and_metadata_is_for_sessions(prod, region):
    template = prod.one("launchTemplate:LaunchTemplate", f"{region}-nodes-template").inputs
    (disk,) = template["blockDeviceMappings"]
    assert disk["deviceName"] == "/dev/xvda"
    assert disk["ebs"] == {
        "deleteOnTermination": "true", "encrypted": "true", "volumeSize": 50, "volumeType": "gp3",
    }  # fmt: skip
    options = template["metadataOptions"]
    assert options == {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1}
    assert template["updateDefaultVersion"] is True
    tagged = {item["resourceType"]: item["tags"] for item in template["tagSpecifications"]}
    assert set(tagged) == {"instance", "volume"}
    for tags in tagged.values():
        assert {"Environment", "Project", "Stack", "holdfast:experiments"} <= set(tags)
        assert tags["Name"] == "holdfast-nodes"


def test_each_service_account_has_a_role_of_its_own(prod):
    for region in REGIONS:
        pods = [
            item.inputs
            for item in prod.of("podIdentityAssociation:PodIdentityAssociation")
            if item.provider_name == region
        ]
        roles = [item["roleArn"] for item in pods]
        assert len(roles) == len(set(roles)) == 4
        app = next(item for item in pods if item["namespace"] == "orders")
        assert app["roleArn"] == f"arn:aws:iam::111122223333:role/holdfast-{region}-app"


@pytest.mark.parametrize("region", REGIONS)
def test_service_survives_a_zone_and_a_drain(prod, region):
    template = prod.one("Deployment", f"{region}-deployment").inputs["spec"]["template"]["spec"]
    (spread,) = template["topologySpreadConstraints"]
    assert spread["topologyKey"] == "topology.kubernetes.io/zone"
    (container,) = template["containers"]
    assert container["image"] == f"111122223333.dkr.ecr.{region}.amazonaws.com/holdfast/orders:0.1.0"
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert template["volumes"][0]["configMap"]["name"] == "topology"
    assert prod.one("PodDisruptionBudget", f"{region}-disruption-budget").inputs["spec"]["maxUnavailable"] == 1
    scaler = prod.one("HorizontalPodAutoscaler", f"{region}-autoscaler").inputs["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (3, 24)
    assert prod.of("NetworkPolicy", name=region)
    assert prod.of("TargetGroupBinding", name=region)


def test_pods_get_the_topology_of_every_region(prod):
    for region in REGIONS:
        text = prod.one("ConfigMap", f"{region}-topology").inputs["data"]["topology.json"]
        assert set(json.loads(text)["regions"]) == set(REGIONS)


@pytest.mark.parametrize("region", REGIONS)
def test_load_balancer_speaks_tls_only(prod, region):
    listener = prod.one("listener:Listener", f"{region}-https").inputs
    assert (listener["port"], listener["protocol"]) == (443, "HTTPS")
    assert "TLS13" in listener["sslPolicy"]
    certificate = prod.one("acm/certificate:Certificate", f"{region}-certificate").inputs
    assert certificate["domainName"] == "*.orders.example.com"


def test_certificates_of_all_regions_share_one_proof(prod):
    assert len(prod.of("route53/record:Record", name="certificate-proof")) == 1


def test_images_are_immutable_scanned_encrypted_and_everywhere(prod):
    repository = prod.one("ecr/repository:Repository", "repository-orders").inputs
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
    assert repository["encryptionConfigurations"][0]["encryptionType"] == "KMS"
    (rule,) = prod.one("replicationConfiguration:ReplicationConfiguration", "registry-replication").inputs[
        "replicationConfiguration"
    ]["rules"]
    assert {item["region"] for item in rule["destinations"]} == {"us-west-2", "eu-west-1"}


@pytest.mark.parametrize("region", REGIONS)
def test_the_collector_takes_traces_of_the_service_under_its_own_role(prod, region):
    addons = {item.inputs["addonName"]: item for item in prod.of("eks/addon:Addon") if item.provider_name == region}
    assert {"eks-pod-identity-agent", "metrics-server", "cert-manager", "adot"} <= set(addons)
    ingest = json.loads(addons["adot"].inputs["configurationValues"])["collector"]["otlpIngest"]
    assert ingest["pipelines"] == {"traces": {"xray": {"enabled": True}}}
    association = prod.one("podIdentityAssociation:PodIdentityAssociation", f"{region}-pods-collector").inputs
    where = (association["namespace"], association["serviceAccount"])
    assert where == ("opentelemetry-operator-system", "adot-col-otlp-ingest")
    spec = prod.one("Deployment", f"{region}-deployment").inputs["spec"]["template"]["spec"]
    environment = {item["name"]: item["value"] for item in spec["containers"][0]["env"]}
    assert environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == f"http://{where[1]}-collector.{where[0]}:4318"


@pytest.mark.parametrize("region", REGIONS)
def test_the_controller_is_told_its_vpc(prod, region):
    """Pods do not reach the instance metadata service, where it would look."""
    values = prod.one("helm.sh/v3:Release", f"{region}-balancer-controller").inputs["values"]
    assert (values["clusterName"], values["region"]) == ("holdfast-eks", region)
    assert values["vpcId"] == f"{region}-vpc-id"


@pytest.mark.parametrize("region", REGIONS)
def test_the_logs_of_a_cluster_are_encrypted_and_end(prod, region):
    """EKS and Container Insights make a group that they do not find: in plain, and kept for ever."""
    groups = {item.inputs["name"]: item for item in prod.of("logGroup:LogGroup", name=f"{region}-logs-")}
    assert set(groups) == {"/aws/eks/holdfast-eks/cluster"} | {
        f"/aws/containerinsights/holdfast-eks/{kind}" for kind in ("application", "dataplane", "host", "performance")
    }
    for item in groups.values():
        assert f"{region}-key-logs" in item.inputs["kmsKeyId"]
        assert item.inputs["retentionInDays"] == 90
    cluster = prod.one("eks:index:Cluster", f"{region}-eks")
    assert {item.urn for item in groups.values()} <= set(cluster.dependencies)
