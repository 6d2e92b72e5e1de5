"""The roles of one region: one per duty, each under the boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.documents import pod_trust
from components.base.layer import Component
from components.security import identities
from components.security.boundary import boundary_arn

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from settings import Settings
    from settings.security import SecuritySettings


class Workloads(Component):
    """Application (reads and writes), reader, writer, operator, replication, and sessions of single items."""

    layer = "security"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        security: SecuritySettings,
        settings: Settings,
        place: Place,
        boundary: pulumi.Resource,
    ) -> None:
        super().__init__(name, opts)
        self._place = place
        self._boundary = boundary
        pods = pod_trust(place)
        trusted = identities.application_trust(settings, place)
        app = self._role("app", "The application", trusted, identities.app_policy(settings, place))
        self.app = app
        if settings.data is not None:
            people = identities.person_trust(place)
            self._role("reader", "Reads items", people, identities.reader_policy(settings, place))
            self._role("writer", "Writes items", pods, identities.writer_policy(settings, place))
            self._role("operator", "Moves traffic", people, identities.operator_policy(settings, place))
            self._role("replication", "Reads streams", pods, identities.replication_policy(settings, place))
            for label, access in security.item_access.items():
                trust = identities.session_trust(access, place)
                policy = identities.item_policy(access, settings, place)
                self._role(label, f"Single items of {access.table}", trust, policy, after=app)
        self.done()

    def _role(
        self, label: str, description: str, trust: str, policy: str, *, after: pulumi.Resource | None = None
    ) -> aws.iam.Role:
        region = self._place.region
        role = aws.iam.Role(
            f"{region}-{label}",
            name=self._place.global_name(label),
            description=f"{description} in {region}",
            assume_role_policy=trust,
            permissions_boundary=boundary_arn(self._place),
            # A trust policy that names a role needs that role to exist.
            opts=self.child(depends_on=[self._boundary, *([after] if after else [])]),
        )
        aws.iam.RolePolicy(f"{region}-{label}-policy", name="duty", role=role.name, policy=policy, opts=self.child())
        return role
