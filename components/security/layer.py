"""The security layer of one region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component
from components.security.aliases import Aliases
from components.security.identities import app_policy, pod_trust
from components.security.outputs import KeyOutputs, SecurityOutputs

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from settings import Settings
    from settings.security import SecuritySettings


class SecurityLayer(Component):
    """Keys of the region and the role of the application in it."""

    layer = "security"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        security: SecuritySettings,
        settings: Settings,
        keys: KeyOutputs,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        Aliases(f"{place.region}-aliases", self.child(), keys=security.keys, outputs=keys, place=place)
        role = self._application(settings, place)
        self.outputs = SecurityOutputs(keys=keys, app_role_arn=place.role_arn(role))
        self.done({"app_role_arn": self.outputs.app_role_arn})

    def _application(self, settings: Settings, place: Place) -> str:
        """The role of the application's pods. Its name."""
        name = place.global_name("app")
        role = aws.iam.Role(
            f"{place.region}-app",
            name=name,
            description=f"Pods of the application in {place.region}",
            assume_role_policy=pod_trust(place),
            opts=self.child(),
        )
        if settings.data is not None:
            aws.iam.RolePolicy(
                f"{place.region}-app-items",
                name="items",
                role=role.name,
                policy=app_policy(settings, place),
                opts=self.child(),
            )
        return name
