"""Runs the nodes of a cluster: `python -m sandbox.cloud.dax OPTIONS` (JSON), and says on which ports.

OPTIONS: `gateway` (port), `region`, `access_key`, `announced` (a port for each node), `record_ttl`, `query_ttl`
(seconds). Reads `remove N` from stdin; ends when stdin closes: that is its parent's death.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading

from sandbox.cloud.dax.cluster import Cluster
from sandbox.cloud.dax.session import Session
from sandbox.cloud.dax.tables import Tables


def _accept(server: socket.socket, cluster: Cluster, number: int) -> None:
    while True:
        connection, _ = server.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=Session(connection, cluster, number).run, daemon=True).start()


def main() -> None:
    """Serve until the parent is gone."""
    options = json.loads(sys.argv[1])
    tables = Tables(options["gateway"], options["region"], options["access_key"])
    cluster = Cluster(tables, options["announced"], record_ttl=options["record_ttl"], query_ttl=options["query_ttl"])
    ports = []
    for number in range(len(options["announced"])):
        server = socket.create_server(("127.0.0.1", 0))
        ports.append(server.getsockname()[1])
        threading.Thread(target=_accept, args=(server, cluster, number), daemon=True).start()
    print(f"READY {json.dumps({'ports': ports})}", flush=True)
    for line in sys.stdin:
        words = line.split()
        if words[:1] == ["remove"]:
            cluster.remove(int(words[1]))
    os._exit(0)


if __name__ == "__main__":
    main()
