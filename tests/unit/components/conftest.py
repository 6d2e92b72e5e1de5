"""Recordings of the program, made once per test process because each takes seconds."""

import copy
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import settings
from tests.unit.components.recorder import Recording, record

ROOT = Path(__file__).parents[3]


@cache
def _recorded(stack: str) -> Recording:
    return record(settings.read_stack_file(ROOT / f"Pulumi.{stack}.yaml").pulumi_config(), stack=stack)


@pytest.fixture
def prod() -> Recording:
    """What the stack file `prod` registers."""
    return _recorded("prod")


@pytest.fixture
def recorded() -> Callable[..., Recording]:
    """Record the program with a changed stack file: `recorded("dev", lambda config: ...)`."""

    def run(
        stack: str, change: Callable[[dict[str, Any]], object] | None = None, *, preview: bool = False
    ) -> Recording:
        if change is None and not preview:
            return _recorded(stack)
        change = change or (lambda _: None)
        config = copy.deepcopy(dict(settings.read_stack_file(ROOT / f"Pulumi.{stack}.yaml").config))
        change(config)
        texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
        return record(texts, stack=stack, preview=preview)

    return run
