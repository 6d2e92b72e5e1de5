"""DynamoDB Local, Amazon's own stand-in: fetched from Maven Central when a test asks for it, and kept in the cache."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

VERSION = "2.6.1"
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>test</groupId><artifactId>test</artifactId><version>1</version>
<dependencies><dependency>
<groupId>com.amazonaws</groupId><artifactId>DynamoDBLocal</artifactId><version>{VERSION}</version>
</dependency></dependencies></project>"""


def libraries() -> Path:
    """The folder of its libraries: HOLDFAST_DYNAMODB_LOCAL, or fetched once."""
    given = os.environ.get("HOLDFAST_DYNAMODB_LOCAL")
    if given:
        return Path(given)
    if not shutil.which("mvn") or not shutil.which("java"):
        pytest.skip("DynamoDB Local needs java and mvn; install them, or set HOLDFAST_DYNAMODB_LOCAL to its libraries")
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "holdfast" / f"dynamodb-local-{VERSION}"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            (home / "pom.xml").write_text(POM, encoding="utf-8")
            command = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={home / 'lib'}"]
            subprocess.run(command, cwd=home, check=True, timeout=240)
            (home / "complete").touch()
    return home / "lib"


@contextlib.contextmanager
def running():
    """The URL of a server that ends with this process: the shell that started it waits for its input to close."""
    folder = libraries()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    script = (
        f"java -Djava.library.path={folder} -cp '{folder}/*' com.amazonaws.services.dynamodbv2.local.main.ServerRunner "
        f"-inMemory -disableTelemetry -port {port} > /dev/null 2>&1 & server=$!; read _; kill $server"
    )
    shell = subprocess.Popen(["sh", "-c", script], stdin=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        assert shell.stdin is not None
        shell.stdin.close()
        shell.wait(30)
