"""What a supervisor is started with: one JSON object as its argument."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

IDLE_HOURS = 24.0
"""A sandbox that nobody has asked anything for this long stops by itself."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """Everything that the supervisor needs to know."""

    directory: str
    """`.holdfast/<stack>`."""
    incarnation: str
    regions: tuple[str, ...]
    account_id: str
    ports: Mapping[str, int] = field(default_factory=dict)
    """`admin`, `redis`, `dax`, or a region's name → port; free ones where it is silent."""
    dynamodb: str = "sandbox"
    """`sandbox` or `local`."""
    idle_hours: float = IDLE_HOURS

    @property
    def path(self) -> Path:
        """The stack's folder."""
        return Path(self.directory)

    @property
    def logs(self) -> Path:
        """The folder of the log files."""
        return self.path / "logs"

    def encode(self) -> str:
        """As the argument of the supervisor's command line."""
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, text: str) -> Options:
        """Read what `encode` wrote."""
        values = json.loads(text)
        values["regions"] = tuple(values["regions"])
        return cls(**values)
