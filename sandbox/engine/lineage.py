"""What resources take from those above them: options, providers, transforms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.runtime.proto import callback_pb2

from sandbox.engine import urns
from sandbox.engine.resource import Goal


class Lineage:
    """The parents of a run and what they hand on. The SDK hands on some of it too, the engine the rest."""

    def __init__(self, stack: str, project: str) -> None:
        self._stack = stack
        self._project = project
        self._goals: dict[str, Goal] = {}
        self._parents: dict[str, str] = {}
        self._providers: dict[str, dict[str, str]] = {}
        self._transforms: dict[str, list[callback_pb2.Callback]] = {}
        self._pending: dict[str, list[callback_pb2.Callback]] = {}
        self.stack_transforms: list[callback_pb2.Callback] = []

    def remember(
        self, urn: str, parent: str, *, goal: Goal | None = None, providers: Mapping[str, str] | None = None
    ) -> None:
        """What its children will inherit: options by its goal, and, of a component, its providers."""
        self._parents[urn] = parent
        if goal is not None:
            self._goals[urn] = goal
        if providers is not None:
            self._providers[urn] = dict(providers)

    def inherit(self, request: Any) -> None:
        """What a child takes from its parent where it says nothing itself."""
        parent = self._goals.get(request.parent)
        if parent is None:
            return
        if not request.deletedWith:
            request.deletedWith = parent.deleted_with
        if not request.HasField("protect") and parent.protect is not None:
            request.protect = parent.protect
        if not request.HasField("retainOnDelete") and parent.retain_on_delete is not None:
            request.retainOnDelete = parent.retain_on_delete
        if not request.provider and parent.provider:
            own = urns.provider_package(urns.type_of(urns.reference_urn(parent.provider)))
            if (not request.remote and not request.custom) or own == urns.package_of(request.type):
                request.provider = parent.provider

    def provider_of(self, request: Any) -> str:
        """The provider that a registration names or inherits; empty for a default one."""
        if not (request.custom or request.remote):
            return str(request.provider)
        return self.resolve(request.provider, request.providers, request.parent, urns.package_of(request.type))

    def resolve(self, provider: str, providers: Mapping[str, str], parent: str, package: str) -> str:
        """The named provider, else the one for the package among those given, else among the parent's."""
        return provider or providers.get(package) or self._providers.get(parent, {}).get(package, "")

    def inherit_providers(self, request: Any, options: Any) -> None:
        """A component hands on its parent's providers, beside its own."""
        if request.custom:
            return
        for package, reference in self._providers.get(request.parent, {}).items():
            if package not in options.providers:
                options.providers[package] = reference

    def transforms_of(self, request: Any) -> list[callback_pb2.Callback]:
        """The resource's own, then its parents', then the stack's."""
        key = f"{request.parent}::{request.type}::{request.name}"
        own = self._pending.pop(key, None)
        if own is None:
            own = list(request.transforms)
            if request.remote and own:
                # The component registers itself, from its provider, in a moment.
                self._pending[key] = own
        urn = urns.make(self._stack, self._project, request.parent, request.type, request.name)
        self._transforms[urn] = own
        found = list(own)
        above = request.parent
        while above:
            found += self._transforms.get(above, [])
            above = self._parents.get(above, "")
        return [*found, *self.stack_transforms] if request.type != urns.STACK_TYPE else found
