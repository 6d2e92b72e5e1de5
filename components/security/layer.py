"""The security layer of one region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.base.layer import Component
from components.security.account import AccountServices
from components.security.aliases import Aliases
from components.security.keys import key_alias, purposes
from components.security.outputs import KeyOutputs, SecurityOutputs
from components.security.workloads import Workloads

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from settings import Settings
    from settings.security import SecuritySettings


class SecurityLayer(Component):
    """Names of the region's keys, its roles, and the account's watchers where the stack owns them."""

    layer = "security"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        security: SecuritySettings,
        settings: Settings,
        keys: KeyOutputs,
        boundary: pulumi.Resource,
        place: Place,
    ) -> None:
        super().__init__(name, opts)
        Aliases(f"{place.region}-aliases", self.child(), keys=security.keys, outputs=keys, place=place)
        workloads = Workloads(
            f"{place.region}-workloads",
            self.child(),
            security=security,
            settings=settings,
            place=place,
            boundary=boundary,
        )
        if security.audit is not None and security.audit.account_wide:
            AccountServices(f"{place.region}-account", self.child(), place=place)
        self.outputs = SecurityOutputs(
            keys=keys,
            app_role_arn=place.role_arn(place.global_name("app")),
            app_role_name=workloads.app.name,
            aliases={purpose: key_alias(purpose, security.keys, place) for purpose in purposes(settings)},
        )
        self.done({"app_role_arn": self.outputs.app_role_arn})
