"""Who watches the regions of `holdfast:edge` from outside, and what they decide."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from settings._base import Frozen

CANARY_RUN_USD = 0.0012
"""Price of one run of a canary in US dollars (CloudWatch pricing page, Synthetics)."""
MINUTES_A_MONTH = 30 * 24 * 60


class CanarySettings(Frozen):
    """Journeys from every serving region and the observer to every serving region."""

    minutes: int = Field(1, ge=1, le=60)
    """Time between two runs. Each canary costs $0.0012 a run: $52 a month at 1 minute, $10 at 5."""
    timeout_seconds: int = Field(30, ge=5, le=60)
    """Time that one journey may take."""
    runtime_version: str = Field("syn-python-selenium-14.0", pattern=r"^syn-python-selenium-\d+\.\d+$")
    """Runtime of the canaries: Python 3.12, the newest (CloudWatch user guide, "Runtime versions using Python and
    Selenium Webdriver", seen 21 November 2026). AWS retires them: it is confirmed when a stack is made."""
    package: str = "dist/orders-canary.zip"
    """The journey, made by `holdfast package`."""
    artifact_days: int = Field(30, ge=1)
    """How long what a run leaves behind is kept."""
    token_secret: str | None = None
    """Name of the secret {"token_url", "client_id", "client_secret"} by which a journey gets its token, in each
    region; null asks without a token."""

    def monthly_usd(self, canaries: int) -> float:
        """Price of a number of canaries in US dollars a month."""
        return round(canaries * MINUTES_A_MONTH / self.minutes * CANARY_RUN_USD, 2)


class EvacuationSettings(Frozen):
    """What tells a region's fault from the application's, and who acts on it."""

    mode: Literal["by-hand", "automatic"] = "by-hand"
    """`by-hand`: alarms tell people, who run `holdfast evacuate` or approve the switch plan. `automatic`: the plan's
    triggers start it, within the guard rails below."""
    success_percent: float = Field(90, gt=0, le=100)
    """Journeys below this share mean that customers are hurt."""
    error_percent: float = Field(5, gt=0, le=100)
    """Answers of 5xx above this share mean that the API of a region is hurt."""
    latency_p99_ms: int = Field(2_000, gt=0)
    """99th percentile of the API's latency above which it is hurt."""
    periods: int = Field(3, ge=1, le=10)
    """Minutes in a row that a measure must be bad; one bad minute moves nobody."""
    minutes_between: int = Field(60, ge=5)
    """Guard rail: no second automatic switch within this time."""
    canaries_move_dns: bool = True
    """Whether a region that the observer's journeys fail in leaves DNS, although its own health check passes."""
