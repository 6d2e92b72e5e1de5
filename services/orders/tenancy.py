"""Whose orders a caller may reach. What stands before the service tells the caller, never the request itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

SCOPE_KEY = "holdfast.caller"
"""Where an adapter leaves the caller in an ASGI scope."""
SEPARATOR = ":"
"""Customers of a tenant are the tenant itself, and whatever begins with the tenant and this."""
_TENANT = re.compile(r"[A-Za-z0-9._-]{1,64}")


class NoCallerError(Exception):
    """A request without a tenant, where one is demanded."""


class NotYoursError(Exception):
    """A request for what is another tenant's."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks."""

    tenant: str
    operator: bool = False
    """Whether the caller may look at all tenants (scope `operator`)."""

    @classmethod
    def of_claims(cls, tenant: object, scope: object) -> Caller | None:
        """The caller of a token's claims; None where they name no usable tenant."""
        if not isinstance(tenant, str) or not _TENANT.fullmatch(tenant):
            return None
        return cls(tenant=tenant, operator=isinstance(scope, str) and "operator" in scope.split())

    def owns(self, customer: str) -> bool:
        """Whether a customer is this tenant's."""
        return self.operator or customer == self.tenant or customer.startswith(self.tenant + SEPARATOR)


def caller_of(request: Request, *, required: bool) -> Caller | None:
    """The caller of a request.

    Raises:
        NoCallerError: there is none, and one is required.
    """
    caller: Caller | None = request.scope.get(SCOPE_KEY)
    if caller is None and required:
        raise NoCallerError
    return caller


def must_own(request: Request, customer: str, *, required: bool) -> None:
    """Refuse a request for another tenant's customer.

    Raises:
        NoCallerError, NotYoursError: see there. The message names no tenant.
    """
    caller = caller_of(request, required=required)
    if caller is not None and not caller.owns(customer):
        raise NotYoursError


def must_operate(request: Request, *, required: bool) -> None:
    """Refuse a request that looks across tenants.

    Raises:
        NoCallerError, NotYoursError: see there.
    """
    caller = caller_of(request, required=required)
    if caller is not None and not caller.operator:
        raise NotYoursError
