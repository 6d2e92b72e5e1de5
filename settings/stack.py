"""`holdfast:stack`: the account, the names and the tags of a stack."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from settings._base import AccountId, Frozen, NamePrefix, RegionName


class GiveUpSettings(Frozen):
    """What is about to be removed, said one deployment before it goes: that deployment lifts its protection."""

    regions: tuple[RegionName, ...] = ()
    """Regions that leave the stack, with their replicas. Never the home region."""
    tables: tuple[str, ...] = ()
    """Logical names of tables that leave the stack, with every replica and every item."""


class StackSettings(Frozen):
    """Whose stack this is, and how firmly it is held."""

    account_id: AccountId
    """The account that the stack is deployed to, checked against the caller's at deployment."""
    name_prefix: NamePrefix
    """What physical names begin with where the settings do not give a whole name."""
    environment: str = Field("production", pattern=r"^[a-z][a-z0-9-]*$")
    """Value of the tag `Environment` (reference orders setup: `production`)."""
    protect: bool = True
    """Whether Pulumi refuses to delete what holds data, keys or audit records."""
    give_up: GiveUpSettings = GiveUpSettings()
    """What is about to be removed."""
    hand_over_to: RegionName | None = None
    """Region in which another stack takes the tables over, to be its home. From then on this stack deletes no table and
    no replica, whatever is taken out of it; where they stay behind, nothing protects them any more."""
    tags: Mapping[str, str] = Field(default_factory=dict)
    """Further tags of everything that has tags."""
