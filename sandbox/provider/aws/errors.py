"""Errors of AWS's APIs, told apart and told to a person."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from sandbox.provider.context import Context
from sandbox.provider.faults import AlreadyExistsError, ProviderError

LONGEST = 600
"""Characters of a reason that a person still reads; some errors are whole pages."""
_EXISTS = re.compile(
    r"(?<!Not)Exist(s|ed)?(Exception|Fault)?$|ResourceInUse|AlreadyOwnedByYou|ResourceConflict|Duplicate"
)


def code_of(error: Exception) -> str:
    """The service's error code; empty for another exception."""
    response: Any = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


@contextlib.contextmanager
def told(context: Context, doing: str) -> Iterator[None]:
    """Turn a service's error into one line that says what was being done to which resource."""
    try:
        yield
    except ProviderError:
        raise
    except Exception as error:
        code = code_of(error)
        kind = AlreadyExistsError if _EXISTS.search(code) else ProviderError
        reason = f"{code}: {error.response['Error'].get('Message', '')}" if code else f"{type(error).__name__}: {error}"  # type: ignore[attr-defined]  # code_of found it
        reason = " ".join(re.sub(r"<[^>]+>", " ", reason).split())[:LONGEST]
        raise kind(f"{doing} {context.name} ({context.token}) in {context.region}: {reason}") from error


@contextlib.contextmanager
def gone_is_fine(*codes: str) -> Iterator[None]:
    """Swallow these error codes: what is deleted is already gone."""
    try:
        yield
    except Exception as error:
        if code_of(error) not in codes:
            raise
