"""A client per principal, on that principal's own credentials, past every shared cache."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from holdfast.client import Client
from holdfast.resilience.policy import DEFAULT

if TYPE_CHECKING:
    from holdfast.principals.credentials import Credentials, PrincipalCredentials
    from holdfast.resilience.policy import Policy
    from holdfast.topology import Topology

KEPT = 100
"""Clients that are kept open; the one unused for longest is closed first."""


class PrincipalClients:
    """Clients by principal.

    A client of a principal has no cache: DAX reads with its own role, and Redis knows no principals, so that only
    the table itself decides who sees an item.
    """

    def __init__(
        self,
        credentials: PrincipalCredentials,
        topology: Topology,
        *,
        region: str | None = None,
        policy: Policy | None = None,
        **options: Any,
    ) -> None:
        self._credentials = credentials
        self._topology = topology
        self._region = region
        self._policy = replace(policy or DEFAULT, cache=None, coalesce=False)
        self._options = options
        self._lock = threading.Lock()
        self._clients: OrderedDict[str, tuple[Credentials, Client]] = OrderedDict()

    def of(self, principal: str) -> Client:
        """The client of a principal. Do not close it; it is closed with this object, or when its credentials end."""
        credentials = self._credentials.of(principal)
        stale: list[Client] = []
        with self._lock:
            held = self._clients.get(principal)
            if held is not None and held[0] == credentials:
                self._clients.move_to_end(principal)
                return held[1]
            if held is not None:
                stale.append(held[1])
            client = self._make(credentials)
            self._clients[principal] = (credentials, client)
            self._clients.move_to_end(principal)
            while len(self._clients) > KEPT:
                stale.append(self._clients.popitem(last=False)[1][1])
        for old in stale:
            old.close()
        return client

    def _make(self, credentials: Credentials) -> Client:
        from botocore.session import Session  # noqa: PLC0415 - heavy, and loaded by those who use it

        session = Session()
        session.set_credentials(credentials.access_key, credentials.secret_key, credentials.token)
        return Client(self._topology, self._region, session=session, policy=self._policy, **self._options)

    def close(self) -> None:
        """Close every client."""
        with self._lock:
            clients = [client for _, client in self._clients.values()]
            self._clients.clear()
        for client in clients:
            client.close()
