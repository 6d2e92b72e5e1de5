"""Serving a pack: bind to loopback, print the port, stop when the engine that started us is gone."""

from __future__ import annotations

import os
import sys
import time
from concurrent import futures

import grpc
from pulumi.runtime.proto import analyzer_pb2_grpc

from holdfast_policies.server import Analyzer

_MESSAGE_BYTES = 400 * 1024 * 1024  # as Pulumi's own packs: a stack's resources come in one message
_PARENT_CHECK_SECONDS = 1.0


def serve(pack: str) -> None:
    """Serve a pack's rules until the parent process ends. The port is the first line of standard output."""
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=4),
        options=[("grpc.max_receive_message_length", _MESSAGE_BYTES), ("grpc.max_send_message_length", _MESSAGE_BYTES)],
    )
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Analyzer(pack), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    parent = os.getppid()
    try:
        while os.getppid() == parent:
            time.sleep(_PARENT_CHECK_SECONDS)
    except KeyboardInterrupt:
        pass
    server.stop(0)
