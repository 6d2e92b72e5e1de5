"""The providers, made in one place: one per region, for the account of the stack and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

if TYPE_CHECKING:
    from collections.abc import Mapping

    from settings import Settings
    from settings.regions import RegionSettings


def regional_providers(settings: Settings) -> Mapping[str, aws.Provider]:
    """One explicit provider per region, by region, the home region first. Another account is refused at deployment."""
    by_name = {region.name: region for region in settings.regions}
    return {name: _provider(by_name[name], settings.stack.account_id) for name in settings.region_names}


def _provider(region: RegionSettings, account_id: str) -> aws.Provider:
    roles = None
    if region.deploy_role_arn is not None:
        roles = [aws.ProviderAssumeRoleArgs(role_arn=region.deploy_role_arn)]
    return aws.Provider(region.name, region=region.name, allowed_account_ids=[account_id], assume_roles=roles)
