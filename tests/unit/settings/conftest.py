"""A small legal stack, and what a change of it is refused with."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

import settings

LEGAL: dict[str, Any] = {
    "pulumi:disable-default-providers": ["*"],
    "holdfast:stack": {"account_id": "111122223333", "name_prefix": "shop"},
    "holdfast:regions": [
        {"name": "us-east-1", "home": True, "cidr": "10.10.0.0/16"},
        {"name": "us-west-2", "cidr": "10.20.0.0/16"},
        {"name": "eu-west-1", "cidr": "10.30.0.0/16"},
    ],
    "holdfast:security": {},
    "holdfast:data": {
        "tables": {
            "orders": {
                "name": "orders-production",
                "partition_key": {"name": "customer_id"},
                "sort_key": {"name": "order_id"},
            }
        }
    },
}


@pytest.fixture
def legal() -> dict[str, Any]:
    """Configuration values of a stack that can be deployed; a test may change them."""
    return copy.deepcopy(LEGAL)


@pytest.fixture
def faults_of() -> Callable[[dict[str, Any]], dict[str, settings.Fault]]:
    """The faults that values are refused with, by path."""

    def refused(values: dict[str, Any]) -> dict[str, settings.Fault]:
        with pytest.raises(settings.SettingsError) as caught:
            settings.parse(values, "Pulumi.test.yaml")
        return {fault.path: fault for fault in caught.value.faults}

    return refused
