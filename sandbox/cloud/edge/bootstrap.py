"""One execution environment: runs a handler, one event at a time, as lines of JSON on its standard streams.

It is started by its path with the package's own path as the first argument and `module.function` as the second. What
the handler prints goes to standard error. The end of standard input is the end.
"""

import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path


class Context:
    """What Lambda tells a handler beside the event."""

    def __init__(self, request_id: str, deadline: float) -> None:
        self.aws_request_id = request_id
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
        self.function_version = "1"
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
        self.invoked_function_arn = os.environ.get("HOLDFAST_FUNCTION_ARN", "")
        self.log_group_name = f"/aws/lambda/{self.function_name}"
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the environment is ended."""
        return max(0, int((self._deadline - time.time()) * 1000))


def main() -> None:
    """Serve until the end of input."""
    package, handler = sys.argv[1:3]
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    # Its own folder and the place of the project must not be found before the package.
    sys.path[:] = [package, *(path for path in sys.path[1:] if path not in ("", str(Path.cwd())))]
    started = time.perf_counter()
    module, _, name = handler.rpartition(".")
    try:
        function = getattr(importlib.import_module(module), name)
    except Exception as error:
        answers.write(json.dumps({"init_error": f"{type(error).__name__}: {error}"}) + "\n")
        raise
    answers.write(json.dumps({"ready": round(time.perf_counter() - started, 4)}) + "\n")
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"answer": function(request["event"], Context(request["id"], request["deadline"]))}
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is its answer
            traceback.print_exc()
            answer = {"error": {"errorType": type(error).__name__, "errorMessage": str(error)}}
        answers.write(json.dumps({"id": request["id"], **answer}, default=str) + "\n")


if __name__ == "__main__":
    main()
