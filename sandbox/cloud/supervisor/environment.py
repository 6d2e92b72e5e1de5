"""The environment of what runs in the sandbox: nothing in it may reach AWS, or see who runs it."""

from __future__ import annotations

import os
from collections.abc import Mapping

ACCESS_KEY = "AKIAHOLDFASTSANDBOX0"
SECRET_KEY = "sandbox-only"  # noqa: S105 - opens nothing but the sandbox
"""Credentials that sign requests to a gateway where nobody gave others."""


def base_environment() -> dict[str, str]:
    """The supervisor's own environment without what configures AWS clients, proxies or the sandbox."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "MOTO_", "HOLDFAST_", "PULUMI_")) and not name.lower().endswith("_proxy")
    }
    # No shared profile, no instance metadata: a part that lacks credentials must fail, not find real ones.
    kept["AWS_CONFIG_FILE"] = kept["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    kept["AWS_EC2_METADATA_DISABLED"] = "true"
    kept["NO_PROXY"] = "127.0.0.1,localhost"
    return kept


def service_environment(region: str, gateway: str, given: Mapping[str, str]) -> dict[str, str]:
    """The environment of a service of a region: its gateway for every AWS client, then what the caller gives."""
    return {
        **base_environment(),
        **client_environment(region, gateway),
        **given,
    }


def client_environment(region: str, gateway: str) -> dict[str, str]:
    """What a boto3 program or the AWS CLI needs to talk to a region of the sandbox."""
    return {
        "AWS_ENDPOINT_URL": gateway,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
