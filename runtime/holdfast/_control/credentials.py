"""Credentials from botocore's chain, refreshed before they run out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from holdfast._core.sigv4 import Credentials
from holdfast.errors import ConfigurationError

if TYPE_CHECKING:
    from botocore.session import Session

RELOAD_SECONDS = 5.0
"""After the service refused credentials as expired, the chain is walked again at most this often."""


class CredentialSource:
    """Environment, profile, assumed role, web identity, container (pod identity) or instance: whatever botocore finds.

    Temporary credentials are renewed in the background some minutes before they run out, so that no call waits;
    a call waits only where there are none, or they are about to run out. Safe to use from several threads.
    """

    def __init__(self, session: Callable[[], Session], clock: Callable[[], float] = time.monotonic) -> None:
        self._session = session
        self._clock = clock
        self._found: Any = None  # botocore's Credentials or RefreshableCredentials
        self._frozen: Credentials | None = None
        self._lock = threading.Lock()
        self._refreshing = False
        self._reloaded = float("-inf")

    def available(self) -> Credentials | None:
        """The credentials at hand; None where `get` would have to wait."""
        found = self._found
        if found is None:
            return None
        needed = getattr(found, "refresh_needed", None)
        if needed is None:
            return self._frozen
        if needed():  # within 15 minutes of the end
            if needed(refresh_in=60):
                return None
            self._refresh_in_background()
        return self._frozen

    def get(self) -> Credentials:
        """The credentials, found or renewed now if need be.

        Raises:
            ConfigurationError: the chain has none, or they cannot be renewed.
        """
        frozen = self.available()
        return frozen if frozen is not None else self._load()

    def refused(self) -> None:
        """The service says that the credentials have run out: walk the chain again."""
        with self._lock:
            if self._clock() - self._reloaded >= RELOAD_SECONDS:
                self._reloaded = self._clock()
                self._found = None

    def _load(self) -> Credentials:
        with self._lock:
            if self._found is None:
                self._found = _find(self._session())
            self._frozen = _freeze(self._found)
            return self._frozen

    def _refresh_in_background(self) -> None:
        with self._lock:
            if self._refreshing:
                return
            self._refreshing = True
        threading.Thread(target=self._refresh, name="holdfast-credentials", daemon=True).start()

    def _refresh(self) -> None:
        try:
            self._frozen = _freeze(self._found)
        except ConfigurationError:
            pass  # the old ones still hold; the next second tries again, and `get` reports in the last minute
        finally:
            self._refreshing = False


def _find(session: Session) -> Any:
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - botocore is loaded when it is first needed

    try:
        found = session.get_credentials()
    except BotoCoreError as error:
        raise ConfigurationError(f"credentials cannot be loaded: {error}") from error
    if found is None:
        raise ConfigurationError(
            "no credentials; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run with a role"
        )
    return found


def _freeze(found: Any) -> Credentials:
    try:
        frozen = found.get_frozen_credentials()
    except Exception as error:  # a provider of the application's own may raise anything
        raise ConfigurationError(f"credentials cannot be renewed: {error}") from error
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token)
