"""`holdfast:bootstrap`: what an account needs before a pipeline may deploy into it, once an account."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from settings._base import AccountId, Days, Frozen, NamePrefix, RegionName, refuse
from settings._errors import Fault, SettingsError
from settings._parse import _fault as fault_of

KEY = "holdfast:bootstrap"
"""The one key of the bootstrap program's stack file."""


def _repository(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}", value):
        refuse(f"{value!r} is not a repository of GitHub", "write owner/name, such as 'example/orders'")
    return value


def _environment(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", value):
        refuse(f"{value!r} cannot name an environment", "write small letters, digits and hyphens, such as 'prod'")
    return value


Repository = Annotated[str, AfterValidator(_repository)]
"""`owner/name` at GitHub."""

EnvironmentName = Annotated[str, AfterValidator(_environment)]
"""A deployment environment of GitHub, which is a stack here: its approvals are its reviewers."""


class BootstrapSettings(Frozen):
    """State, secrets and pipelines of one account."""

    account_id: AccountId
    """The account that is set up."""
    name_prefix: NamePrefix = "holdfast"
    """What the names of the bucket, keys and roles begin with; deploy roles may touch roles of this prefix alone."""
    region: RegionName = "us-east-1"
    """Where the state and its keys live. Deploying to a region needs nothing of it while it is well; write it down."""
    repository: Repository
    """The repository whose jobs may take the roles."""
    main_branch: str = Field("main", pattern=r"^[A-Za-z0-9._/-]{1,100}$")
    """The branch whose nightly job may look for drift."""
    environments: Mapping[EnvironmentName, NamePrefix] = Field(min_length=1)
    """Environment, which is a stack, to the `name_prefix` of that stack: a deploy role and a preview role each."""
    oidc_provider_exists: bool = False
    """Whether the account has GitHub's OIDC provider already: there can be only one."""
    state_versions_days: Days = 365
    """How long earlier versions of a state are kept."""
    access_log_days: Days = 365
    """How long it is known who read or wrote a state."""
    key_deletion_window_days: int = Field(30, ge=7, le=30)
    """How long a deleted key can be had back (AWS takes 7 to 30)."""
    tags: Mapping[str, str] = Field(default_factory=dict)
    """Further tags of everything that has tags."""


def parse_bootstrap(values: Mapping[str, object], source: str) -> BootstrapSettings:
    """Settings of the bootstrap program's configuration, keyed by full key.

    Raises:
        SettingsError: with every fault; `source` names where the values come from.
    """
    if KEY not in values:
        raise SettingsError(source, (Fault(path=KEY, value=None, rule="is missing", fix=f"add the key {KEY}"),))
    try:
        return TypeAdapter(BootstrapSettings).validate_json(json.dumps(values[KEY], default=str), strict=True)
    except ValidationError as error:
        details = error.errors(include_url=False)
        faults = tuple(fault_of("bootstrap", BootstrapSettings, detail) for detail in details)
        raise SettingsError(source, faults) from None
