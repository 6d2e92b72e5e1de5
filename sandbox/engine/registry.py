"""Provider resources: which instance stands behind which provider reference.

A provider resource is a resource like others, but its Check, Diff, Create … are answered here: they start an
instance, check and compare its configuration and configure it (engine 3.260, providers/registry.go).
"""

from __future__ import annotations

import asyncio
import uuid

from sandbox.codec import UNKNOWN_STRING
from sandbox.engine import urns
from sandbox.engine.builtins import BuiltinProvider
from sandbox.engine.diffs import SAME, Diff, compare
from sandbox.engine.errors import EngineError
from sandbox.engine.model import PluginHost
from sandbox.engine.plugin import Failure, Plugin, close_all
from sandbox.engine.resource import Properties, State

INTERNAL = "__internal"
"""A key of a provider's inputs that is the engine's own."""


def visible(inputs: Properties) -> Properties:
    """A provider's inputs as the provider may see them."""
    return {key: value for key, value in inputs.items() if key != INTERNAL}


class Registry:
    """All provider instances of a run."""

    def __init__(self, host: PluginHost, builtin: BuiltinProvider, *, preview: bool) -> None:
        self._host = host
        self._preview = preview
        self._builtin = builtin
        self._ready: dict[str, Plugin | BuiltinProvider] = {}
        self._unconfigured: dict[str, Plugin | BuiltinProvider] = {}
        self._aliases: dict[str, str] = {}
        self._started: list[Plugin] = []
        self._loading: dict[str, asyncio.Lock] = {}

    async def _start(self, urn: str, inputs: Properties) -> Plugin | BuiltinProvider:
        package = urns.provider_package(urns.type_of(urn))
        if package == "pulumi":
            return self._builtin
        version = inputs.get("version")
        try:
            address = await asyncio.to_thread(
                self._host.start, package, version if isinstance(version, str) else None, urns.name_of(urn)
            )
        except Exception as error:
            raise EngineError(f"the provider {package!r} cannot be started: {error}") from error
        plugin = Plugin(address, package)
        self._started.append(plugin)
        return plugin

    def find(self, reference: str) -> Plugin | BuiltinProvider | None:
        """The instance behind a reference, if it is ready."""
        return self._ready.get(reference)

    def _set(self, urn: str, id_: str, plugin: Plugin | BuiltinProvider) -> None:
        self._ready[urns.reference(urn, id_)] = plugin
        if urn in self._aliases:
            self._ready[urns.reference(self._aliases[urn], id_)] = plugin

    def alias(self, urn: str, old_urn: str) -> None:
        """Resources of the state still name the provider by its old URN."""
        self._aliases[urn] = old_urn

    async def ensure(self, reference: str, states: dict[str, State]) -> Plugin | BuiltinProvider:
        """The instance behind a reference of the old state, configured as it was.

        Raises `EngineError` if the state has no such provider.
        """
        lock = self._loading.setdefault(reference, asyncio.Lock())
        async with lock:
            ready = self._ready.get(reference)
            if ready is not None:
                return ready
            state = states.get(reference)
            if state is None:
                raise EngineError(f"the provider {reference} is neither in the program nor in the state")
            plugin = await self._start(state.urn, state.inputs)
            await plugin.configure(state.urn, state.id, visible(state.inputs))
            self._set(state.urn, state.id, plugin)
            return plugin

    # --- the life of a provider resource

    async def check(self, urn: str, old: Properties, new: Properties) -> tuple[Properties, list[Failure]]:
        """Start an instance and check its configuration."""
        plugin = await self._start(urn, new)
        checked, failures = await plugin.check_config(urn, visible(old), visible(new))
        if failures:
            return checked, failures
        self._unconfigured[urn] = plugin
        if "version" in new:
            checked.setdefault("version", new["version"])
        if INTERNAL in new:
            checked[INTERNAL] = new[INTERNAL]
        return checked, []

    async def diff(self, urn: str, id_: str, old: Properties, outputs: Properties, new: Properties) -> Diff:
        """Compare its configuration."""
        plugin = self._unconfigured.get(urn) or self._ready[urns.reference(urn, id_)]
        diff = await plugin.diff_config(urn, visible(old), outputs, visible(new))
        if diff.unknown:
            ours = compare(outputs, visible(new))
            return ours if ours.changed else SAME
        return diff

    async def create(self, urn: str, inputs: Properties) -> tuple[str, Properties]:
        """Configure the instance; a new provider's id is random, and unknown in a preview."""
        id_ = UNKNOWN_STRING if self._preview else str(uuid.uuid4())
        await self._configure(urn, id_, inputs)
        return id_, visible(inputs)

    async def update(self, urn: str, id_: str, inputs: Properties) -> Properties:
        """Configure a new instance in the place of the old one."""
        await self._configure(urn, id_, inputs)
        return visible(inputs)

    async def same(self, state: State, old_inputs: Properties) -> None:
        """Configure the instance as it was."""
        if urns.reference(state.urn, state.id) in self._ready:
            self._unconfigured.pop(state.urn, None)
            return
        await self._configure(state.urn, state.id, old_inputs)

    async def _configure(self, urn: str, id_: str, inputs: Properties) -> None:
        plugin = self._unconfigured.pop(urn, None) or await self._start(urn, inputs)
        await plugin.configure(urn, id_, visible(inputs))
        self._set(urn, id_, plugin)

    async def close(self) -> None:
        """Close every connection. The host is closed by who made it."""
        await close_all(self._started)

    async def cancel(self) -> None:
        """Ask every instance to give up."""
        await asyncio.gather(*(plugin.cancel() for plugin in self._started), return_exceptions=True)
