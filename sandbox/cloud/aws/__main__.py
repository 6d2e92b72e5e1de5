"""Runs moto on a free port of loopback and says so: `python -m sandbox.cloud.aws`.

Ends when its stdin closes: that is its parent's death.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading

from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from sandbox.cloud.aws import patches
from sandbox.cloud.aws.inside import Inside


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    """Serve until the parent is gone."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    # Neither Lambda nor Batch runs code here: that takes Docker.
    default_user_config["lambda"]["use_docker"] = False
    default_user_config["batch"]["use_docker"] = False
    patches.apply()
    secret = os.environ.get("HOLDFAST_INCARNATION", "")
    application = Inside(DomainDispatcherApplication(create_backend_app), os.environ["MOTO_ACCOUNT_ID"], secret)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    print(f"READY {json.dumps({'port': server.server_port})}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
