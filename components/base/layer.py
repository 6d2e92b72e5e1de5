"""The base class of the components: one type token per class, outputs registered once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

if TYPE_CHECKING:
    from collections.abc import Mapping


class Component(pulumi.ComponentResource):
    """A component whose type is `holdfast:<module>:<class>`, so that its layer can be read from a URN."""

    layer: str = "platform"
    """Second token of the type: the layer, or `platform`."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(f"holdfast:{self.layer}:{type(self).__name__}", name, None, opts)

    def child(
        self,
        *,
        protect: bool | None = None,
        retain: bool = False,
        depends_on: list[pulumi.Resource] | None = None,
        ignore_changes: list[str] | None = None,
        delete_before_replace: bool | None = None,
        provider: pulumi.ProviderResource | None = None,
        aliases: list[str] | None = None,
    ) -> pulumi.ResourceOptions:
        """Options of a resource that belongs to this component.

        `aliases` are its earlier names here; `retain` lets go of it without deleting it.
        """
        return pulumi.ResourceOptions(
            parent=self,
            protect=protect,
            retain_on_delete=retain or None,
            depends_on=depends_on,
            ignore_changes=ignore_changes,
            delete_before_replace=delete_before_replace,
            provider=provider,
            aliases=[pulumi.Alias(name=name) for name in aliases] if aliases else None,
        )

    def done(self, outputs: Mapping[str, object] | None = None) -> None:
        """Tell Pulumi that the component is complete."""
        self.register_outputs(dict(outputs or {}))
