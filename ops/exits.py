"""What the exit code of a holdfast command means; the table in docs/ops/commands.md says the same."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes. Scripts may rely on them."""

    OK = 0
    """Done, or as it should be."""
    FAILED = 1
    """The answer is no: a mandatory finding, a failed deployment, a proof that did not hold, an unhealthy region."""
    USAGE = 2
    """Wrong arguments, a named file that is not right, an unknown stack, or a bad stack file. Nothing was touched."""
    BUSY = 3
    """Another command holds the stack."""
    UNAVAILABLE = 4
    """Something needed is not there: a port, the sandbox, the pulumi command, a credential, a permission."""
    CORRUPT = 5
    """The recorded state cannot be trusted. Nothing was overwritten."""
    DECLINED = 6
    """The plan was shown and the answer was no."""
    INTERNAL = 70
    """A fault of holdfast itself."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C."""
