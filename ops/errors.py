"""What goes wrong, as a person reads it: what, where, why, and what to do next. Never a traceback."""

from __future__ import annotations

import sys
from typing import Any

from ops.exits import Exit


class OpsError(Exception):
    """A command cannot go on.

    Args:
        what: one line that names the thing and its value.
        why: the rule or the cause, where it is not obvious.
        fix: what to do next; an exact command where there is one.
        code: the exit code.
    """

    def __init__(self, what: str, *, why: str = "", fix: str = "", code: Exit = Exit.FAILED) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.fix = fix
        self.code = code

    def __str__(self) -> str:
        lines = [self.what]
        lines += [f"  {line}" for line in self.why.splitlines()]
        lines += [f"  {line}" for line in self.fix.splitlines()]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """The same for a program."""
        return {"what": self.what, "why": self.why, "fix": self.fix, "exit_code": int(self.code)}


# Errors of the other rooms that are already readable: module, class, exit code. They are looked up among the
# modules that are loaded, so that a command which never touches the engine does not import it to fail well.
_READABLE = (
    ("settings", "SettingsError", Exit.USAGE),
    ("sandbox.engine", "StateCorrupted", Exit.CORRUPT),
    ("sandbox.engine", "EngineError", Exit.FAILED),
    ("sandbox.cloud", "SandboxError", Exit.UNAVAILABLE),
    ("sandbox.cloud", "PortInUse", Exit.UNAVAILABLE),
    ("sandbox.provider.host", "HostError", Exit.UNAVAILABLE),
    ("holdfast.topology", "TopologyError", Exit.UNAVAILABLE),
)


def readable(error: BaseException) -> OpsError | None:
    """The error as a command reports it, or None where it is a fault of holdfast itself."""
    if isinstance(error, OpsError):
        return error
    for module, name, code in _READABLE:
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(error, kind):
            return OpsError(str(error), code=code)
    return _of_aws(error)


_DOCTOR = "`holdfast doctor` says what this machine and account lack; sign in with: aws sso login"
_LOOK = "`holdfast status` says which regions answer; repeat the command when this one does"
_UNSIGNED = (
    "CredentialRetrievalError", "NoCredentialsError", "NoRegionError", "PartialCredentialsError", "ProfileNotFound",
    "SSOError", "TokenRetrievalError",
)  # fmt: skip
"""What botocore raises where nobody is signed in."""
_OURS = frozenset({"ValidationException", "SerializationException", "InvalidParameterValue"})
"""What AWS answers to a request that this command should not have made."""


def _of_aws(error: BaseException) -> OpsError | None:
    """A refusal of AWS that no command expected: it is the account's, and not a fault of holdfast."""
    botocore = sys.modules.get("botocore.exceptions")
    if botocore is None:
        return None
    if isinstance(error, (botocore.ConnectionError, botocore.HTTPClientError)):
        return OpsError(f"AWS does not answer: {error}", fix=_LOOK, code=Exit.UNAVAILABLE)
    if isinstance(error, tuple(getattr(botocore, name) for name in _UNSIGNED)):
        return OpsError(f"AWS cannot be asked: {error}", fix=_DOCTOR, code=Exit.UNAVAILABLE)
    if isinstance(error, botocore.ClientError) and error.response.get("Error", {}).get("Code") not in _OURS:
        said = error.response.get("Error", {})
        return OpsError(
            f"AWS refuses {error.operation_name}: {said.get('Code', 'no reason given')}",
            why=str(said.get("Message", "")),
            fix=_DOCTOR,
            code=Exit.UNAVAILABLE,
        )
    return None
