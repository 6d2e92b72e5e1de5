"""The aliases of one region's keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component
from components.security.keys import key_alias

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from components.security.outputs import KeyOutputs
    from settings.security import KeysSettings


class Aliases(Component):
    """The same names in every region, so that a client asks for a key without knowing where it is."""

    layer = "security"

    def __init__(
        self, name: str, opts: pulumi.ResourceOptions, *, keys: KeysSettings, outputs: KeyOutputs, place: Place
    ) -> None:
        super().__init__(name, opts)
        for purpose in outputs.by_purpose():
            aws.kms.Alias(
                f"{place.region}-alias-{purpose}",
                name=key_alias(purpose, keys, place),
                target_key_id=getattr(outputs, purpose),
                opts=self.child(),
            )
        self.done()
