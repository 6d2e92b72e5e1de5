"""What a drill has broken and must mend, written down before it breaks it: `drill.json` of the stack.

Whoever finds the file mends what it says: the drill itself, the process that outlives it, or the next command.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

NAME = "drill.json"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What one drill may leave behind."""

    drill: str
    pid: int
    region: str
    sandboxed: bool
    keys: tuple[str, ...] = ()
    """ARNs of keys in the region that it disables."""

    def write(self, folder: Path) -> None:
        """Write it down."""
        temporary = folder / f"{NAME}.new"
        temporary.write_text(json.dumps(asdict(self)) + "\n")
        temporary.replace(folder / NAME)

    @classmethod
    def read(cls, folder: Path) -> Standing | None:
        """What stands, or None."""
        try:
            document: dict[str, Any] = json.loads((folder / NAME).read_text())
            return cls(**{**document, "keys": tuple(document["keys"])})
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    @classmethod
    def left(cls, folder: Path) -> Standing | None:
        """What a drill left behind that is dead and was not mended, or None."""
        standing = cls.read(folder)
        return None if standing is None or _lives(standing.pid) else standing

    def said(self, stack: str) -> str:
        """What is left, and the command that mends it."""
        keys = "".join(f", key {key} disabled" for key in self.keys)
        return f"drill {self.drill} died before it mended {self.region}{keys}: holdfast drill heal --stack {stack}"

    def heal(self, folder: Path) -> None:
        """Mend everything, and take the note away. May be done twice."""
        if self.sandboxed:
            self._in_sandbox(folder)
        else:
            self._in_aws()
        now = Standing.read(folder)
        if now is None or now.drill == self.drill:
            (folder / NAME).unlink(missing_ok=True)

    def _in_sandbox(self, folder: Path) -> None:
        import boto3  # noqa: PLC0415 (a third of a second that a drill that heals itself need not wait)

        from ops.estate.access import SANDBOX_CREDENTIALS  # noqa: PLC0415
        from sandbox.cloud import Sandbox  # noqa: PLC0415

        sandbox = Sandbox.attach(folder)
        if sandbox is None:
            return
        sandbox.heal(self.region)
        make: Any = boto3.client
        for key in self.keys:
            endpoint = sandbox.gateways[self.region]
            client = make("kms", region_name=self.region, endpoint_url=endpoint, **SANDBOX_CREDENTIALS)
            client.enable_key(KeyId=key)

    def _in_aws(self) -> None:
        import boto3  # noqa: PLC0415 (as above)

        from ops.drill.experiment import stop_all  # noqa: PLC0415

        make: Any = boto3.client
        stop_all(make("fis", region_name=self.region), self.drill)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
