"""Checks tokens for a REST API: `services.orders.authorizer.handle`.

API Gateway keeps the answer for a token for a while, so that a region can go on although the issuer is away. The keys
of the issuer are kept as well, and asked for again at most once a minute where a token names an unknown one.
"""

from __future__ import annotations

import json
import logging
import os
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import jwt

from services.orders.tenancy import Caller

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ALGORITHMS = ("ES256", "RS256")
"""What issuers sign with. Neither `none` nor a shared secret: the keys are public."""
LEEWAY_SECONDS = 30
"""How far the clocks of issuer and region may differ."""
REFRESH_SECONDS = 60
KEYS_SECONDS = 2
MOST_CHARACTERS = 8_192
LOG = logging.getLogger("services.orders.authorizer")


class UnauthorizedError(Exception):
    """The message that makes API Gateway answer 401."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class Keys:
    """The issuer's public keys by id."""

    def __init__(
        self,
        issuer: str,
        pinned: str | None,
        *,
        fetch: Callable[[str], str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = f"{issuer}/.well-known/jwks.json"
        self._fetch = None if pinned else fetch or _fetch
        self._clock = clock
        self._known = _parse(pinned) if pinned else {}
        self._asked = float("-inf")

    def find(self, key_id: str) -> jwt.PyJWK | None:
        """A key; the issuer is asked where it is unknown, though not for every forged token."""
        known = self._known.get(key_id)
        if known is not None or self._fetch is None or self._clock() - self._asked < REFRESH_SECONDS:
            return known
        self._asked = self._clock()
        try:
            self._known = _parse(self._fetch(self._url))
        except (OSError, ValueError) as error:
            LOG.warning("the issuer's keys cannot be read: %s", error)
        return self._known.get(key_id)


class Authorizer:
    """Judges tokens of one issuer."""

    def __init__(self, environment: Mapping[str, str], keys: Keys | None = None) -> None:
        self._issuer = environment["TOKEN_ISSUER"]
        self._audience = environment["TOKEN_AUDIENCE"].split(",")
        self._claim = environment.get("TOKEN_TENANT_CLAIM", "tenant")
        self._keys = keys or Keys(self._issuer, environment.get("TOKEN_KEYS"))

    def judge(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The policy and the context of a request's token.

        Raises:
            UnauthorizedError: no token, or one that cannot be trusted; which of the two is logged, not told.
        """
        claims = self._claims(str(event.get("authorizationToken") or ""))
        caller = Caller.of_claims(claims.get(self._claim), claims.get("scope"))
        if caller is None:
            LOG.warning("a token of %s names no tenant", self._issuer)
            raise UnauthorizedError
        # The answer is kept for the token, whichever route it was first used on: it speaks of the whole stage.
        arn = "/".join(str(event["methodArn"]).split("/")[:2]) + "/*/*"
        return {
            "principalId": str(claims["sub"]),
            "policyDocument": {
                "Version": "2012-10-17",
                "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": arn}],
            },
            "context": {"tenant": caller.tenant, "scope": "operator" if caller.operator else ""},
        }

    def _claims(self, header: str) -> dict[str, Any]:
        scheme, _, token = header.partition(" ")
        try:
            if scheme.lower() != "bearer" or len(token) > MOST_CHARACTERS:
                raise jwt.InvalidTokenError("no bearer token")
            key = self._keys.find(str(jwt.get_unverified_header(token).get("kid", "")))
            if key is None:
                raise jwt.InvalidTokenError("signed with an unknown key")
            found: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, ValueError) as error:
            LOG.warning("a token was refused: %s", type(error).__name__)
            raise UnauthorizedError from None
        return found


def _parse(text: str) -> dict[str, jwt.PyJWK]:
    """Keys of a JSON Web Key Set by their ids; those that we cannot use are left out.

    Raises:
        ValueError: the text is no key set.
    """
    document = json.loads(text)
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("no JSON Web Key Set")  # noqa: TRY004 - the caller tells one kind of fault
    usable = (key for key in document["keys"] if isinstance(key, dict) and key.get("kty") in ("EC", "RSA"))
    return {str(key.get("kid", "")): jwt.PyJWK(key) for key in usable}


def _fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=KEYS_SECONDS) as answer:  # noqa: S310 - the settings take https only
        text: str = answer.read(65_536).decode()
    return text


_authorizer: list[Authorizer] = []


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Judge the token of a request.

    Raises:
        UnauthorizedError: API Gateway answers 401.
    """
    if not _authorizer:
        _authorizer.append(Authorizer(os.environ))
    return _authorizer[0].judge(event)
