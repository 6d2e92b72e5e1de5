"""The providers, made in one place: one per region, for the account of the stack and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from settings import Settings


def regional_providers(settings: Settings) -> Mapping[str, aws.Provider]:
    """One explicit provider per region, by region, the home region first. Another account is refused at deployment.

    A region that only holds copies of backups has one too.
    """
    roles = {region.name: region.deploy_role_arn for region in settings.regions}
    return {name: _provider(name, roles.get(name), settings.stack.account_id) for name in settings.deployed_regions}


def region_providers(
    settings: Settings, providers: Mapping[str, aws.Provider]
) -> Mapping[str, Sequence[pulumi.ProviderResource]]:
    """Providers of each region's component: that of AWS, and that of EKS where the stack has clusters."""
    if settings.compute is None:
        return {name: [providers[name]] for name in settings.region_names}
    return {
        name: [providers[name], eks.Provider(name, opts=pulumi.ResourceOptions(depends_on=[providers[name]]))]
        for name in settings.region_names
    }


def _provider(region: str, role: str | None, account_id: str) -> aws.Provider:
    roles = None if role is None else [aws.ProviderAssumeRoleArgs(role_arn=role)]
    return aws.Provider(region, region=region, allowed_account_ids=[account_id], assume_roles=roles)
