"""What a provider answers when it cannot do what it was asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """An input that the real provider's check would refuse; `property` is the top-level name, `reason` has the path."""

    property: str
    reason: str


class ProviderError(Exception):
    """A request that cannot be carried out: one line that says what, why and what to do instead."""


class AlreadyExistsError(ProviderError):
    """An object of this name exists and is not this resource's."""


class PartlyMadeError(ProviderError):
    """A resource exists but could not be brought to what was asked; it must be kept in the state.

    Attributes:
        id: The physical id.
        outputs: What is known of the resource.
    """

    def __init__(self, message: str, *, physical_id: str, outputs: dict[str, object]) -> None:
        super().__init__(message)
        self.id = physical_id
        self.outputs = outputs
