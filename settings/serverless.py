"""`holdfast:serverless`: the orders service as a function in each region."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from settings._base import Frozen, LogDays


class ProvisionedSettings(Frozen):
    """Execution environments that are started before they are asked for, and scaled by their use."""

    minimum: int = Field(2, ge=1)
    """Fewest environments kept ready (one is no reserve for its own replacement)."""
    maximum: int = Field(50, ge=1)
    """Most environments kept ready; a region must take the load of one that failed."""
    target_percent: int = Field(70, ge=10, le=90)
    """Use at which environments are added (Lambda developer guide, "Application Auto Scaling": 70 %)."""


class CanaryRelease(Frozen):
    """CodeDeploy moves a share of the requests to the new version, waits, and moves the rest or goes back."""

    kind: Literal["canary"]
    """A canary release."""
    percent: Literal[10] = 10
    """Share of the first step; CodeDeploy's own canary configurations take 10 %."""
    minutes: Literal[5, 10, 15, 30] = 5
    """Time that the first step is watched by the alarms."""


class WeightedRelease(Frozen):
    """The alias itself splits the requests between two versions; a person moves the weight."""

    kind: Literal["weighted"]
    """A weighted alias."""
    version: str = Field(pattern=r"^\d+$")
    """The other version, which gets `percent` of the requests."""
    percent: float = Field(gt=0, lt=100)
    """Share of the requests for it."""


class ServerlessSettings(Frozen):
    """A function per region behind the API of `holdfast:edge`."""

    runtime: str = Field("python3.13", pattern=r"^python3\.\d+$")
    """Runtime of the function (Lambda developer guide, "Lambda runtimes": supported in November 2026)."""
    package: str = "dist/orders-function.zip"
    """Deployment package, made by `holdfast package`: the project's own code, the same bytes on every machine."""
    layer: str = "dist/orders-layer.zip"
    """Layer with the pinned dependencies, built for arm64."""
    handler: str = "services.orders.function.handle"
    """What Lambda calls."""
    memory_mb: int = Field(1024, ge=128, le=10_240)
    """Memory; CPU grows with it, a whole core at 1,769 MB."""
    timeout_seconds: int = Field(10, ge=1, le=29)
    """Time limit of one request; API Gateway itself gives up after 29 s."""
    reserved_concurrency: int = Field(200, ge=1)
    """Most requests at once: neither more than the tables take, nor less because of another function."""
    provisioned: ProvisionedSettings | None = ProvisionedSettings()
    """Environments kept ready; null starts each on demand (a cold start is in docs/layers/serverless.md)."""
    release: Annotated[CanaryRelease | WeightedRelease, Field(discriminator="kind")] = CanaryRelease(kind="canary")
    """How a new version gets its requests."""
    failed_event_days: int = Field(14, ge=1, le=14)
    """How long an event that the function could not handle is kept."""
    collector_layer: str | None = Field(None, pattern=r"^arn:aws:lambda:\{region\}:\d{12}:layer:[^:]+:\d+$")
    """ARN of the OpenTelemetry collector's layer with `{region}`; null sends no traces from the function itself."""
    log_retention_days: LogDays = 90
    """How long the function's logs are kept."""
