from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.ops.browsing import browser

__all__ = ["browser"]

URN = "urn:pulumi:prod::holdfast::holdfast:platform:Region$holdfast:data:DataLayer$aws:dynamodb/table:Table::"


def a_step(op: str, name: str, **more: Any) -> dict[str, Any]:
    type_ = more.pop("type", "aws:dynamodb/table:Table")
    return {
        "op": op,
        "type": type_,
        "name": name,
        "urn": URN.replace("aws:dynamodb/table:Table", type_) + name,
        "provider": "urn:pulumi:prod::holdfast::pulumi:providers:aws::us-east-1::id",
        **more,
    }


@pytest.fixture
def step() -> Callable[..., dict[str, Any]]:
    return a_step


@pytest.fixture
def document() -> Callable[..., dict[str, Any]]:
    def make(steps: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        return {"ok": True, "steps": steps, "findings": [], "diagnostics": [], "counts": {"same": 7}, **more}

    return make
