"""Default providers: made on first use, unless the stack's configuration disables them."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any, Final

from sandbox.engine import urns
from sandbox.engine.errors import EngineError
from sandbox.engine.model import Program
from sandbox.engine.registrar import Registrar
from sandbox.engine.resource import Goal

DISABLED_KEY: Final = "pulumi:disable-default-providers"


class DefaultProviders:
    """One default provider for each package and version."""

    def __init__(self, program: Program, registrar: Registrar) -> None:
        """Read from the program's configuration which packages have none.

        Raises `EngineError` if that is not a list of names.
        """
        self._program = program
        self._registrar = registrar
        self._references: dict[tuple[str, str], asyncio.Task[str]] = {}
        try:
            disabled: Any = json.loads(program.config.get(DISABLED_KEY, "[]"))
        except ValueError:
            disabled = None
        if not isinstance(disabled, list) or not all(isinstance(name, str) for name in disabled):
            raise EngineError(f'{DISABLED_KEY} must be a list of packages, as ["*"] or ["aws"]')
        self._disabled = frozenset(disabled)

    async def reference(self, package: str, version: str, what: str) -> str:
        """The reference of the package's default provider.

        Raises `EngineError` if the stack disables it; `what` is who asked. The package `pulumi` is never disabled.
        """
        if package != "pulumi" and ("*" in self._disabled or package in self._disabled):
            raise EngineError(
                f"Default provider for '{package}' disabled. {what} must use an explicit provider: pass "
                "`provider=` in its options (or `providers=` on its component)"
            )
        key = (package, version)
        if key not in self._references:
            self._references[key] = asyncio.create_task(self._register(package, version))
        return await asyncio.shield(self._references[key])

    async def _register(self, package: str, version: str) -> str:
        prefix = f"{package}:"
        inputs: dict[str, Any] = {
            key.removeprefix(prefix): value for key, value in self._program.config.items() if key.startswith(prefix)
        }
        name = "default"
        if version:
            name = "default_" + re.sub(r"[-+].*", "", version).replace(".", "_")
            inputs["version"] = version
        if package == "pulumi":
            inputs = {}
        goal = Goal(type=urns.provider_type(package), name=name, custom=True, properties=inputs)
        registered = await self._registrar.register(goal)
        return registered.state.reference
