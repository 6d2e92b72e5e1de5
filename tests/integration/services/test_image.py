"""The orders service's image: built by `make image`, and its process asked for its health from inside its own files.

The base comes from a public registry of images; where none is reached, HOLDFAST_BASE_IMAGE names one that is here (any
image with Python 3.11 or newer as `python`). HOLDFAST_IMAGE_FLAGS is given to the build, as IMAGE_FLAGS of `make image`;
HOLDFAST_BUILDAH is the builder with its flags.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from holdfast.topology import Key, Region, Table, Topology

ROOT = Path(__file__).parents[3]
BUILDAH = shlex.split(os.environ.get("HOLDFAST_BUILDAH", "buildah"))
NAME = "localhost/orders-under-test"
ORDERS = Table(
    name="orders-production",
    arn="arn:aws:dynamodb:us-east-1:111122223333:table/orders-production",
    partition_key=Key(name="customer_id"),
    sort_key=Key(name="order_id"),
)
pytestmark = [pytest.mark.slow, pytest.mark.sandbox, pytest.mark.timeout(900)]


def buildah(*words: str) -> str:
    return subprocess.run([*BUILDAH, *words], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def image() -> Iterator[Path]:
    """The root folder of the built image."""
    if shutil.which("buildah") is None:
        pytest.skip("buildah is missing: apt-get install buildah")
    base = os.environ.get("HOLDFAST_BASE_IMAGE")
    if base is None:
        pytest.skip("no base image: HOLDFAST_BASE_IMAGE names none, and a test pulls nothing")
    flags = f"{os.environ.get('HOLDFAST_IMAGE_FLAGS', '')} --isolation chroot --pull-never"
    words = [f"IMAGE={NAME}", f"BUILDER={shlex.join(BUILDAH)}", f"BASE_IMAGE={base}", f"IMAGE_FLAGS={flags}"]
    built = subprocess.run(["make", "image", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr[-4000:]
    container = buildah("from", "--pull-never", NAME)
    try:
        yield Path(buildah("mount", container))
    finally:
        buildah("rm", container)
        buildah("rmi", NAME)


def test_the_image_serves_orders_as_a_user_without_rights(image: Path, tmp_path: Path) -> None:
    configuration = json.loads(buildah("inspect", "--type", "image", NAME))["OCIv1"]["config"]
    assert configuration["User"] == "10001"
    assert not (image / "app/holdfast/testing/simulation").exists()
    assert not list((image / "app").rglob("__pycache__"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home = Region(name="us-east-1", tables={"orders": ORDERS})
    topology = Topology(stack="image", home_region=home.name, regions={home.name: home})
    (image / "app/topology.json").write_text(json.dumps(topology.to_dict()))
    _, *command = configuration["Entrypoint"]
    assert command[-4:] == ["--host", "0.0.0.0", "--port", "8080"]
    command[-4:] = ["--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        ["chroot", "--userspec=10001", image, "/usr/bin/env", "--chdir=/app", "/venv/bin/python", *command],
        env={"HOLDFAST_TOPOLOGY": "/app/topology.json", "AWS_REGION": "us-east-1", "PYTHONDONTWRITEBYTECODE": "1"},
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while True:
            assert process.poll() is None, process.stderr.read()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                    assert answer.status == 200
                    assert json.load(answer)["region"] == "us-east-1"
                break
            except OSError:
                assert time.monotonic() < until
                time.sleep(0.2)
    finally:
        process.terminate()
        assert process.wait(20) in (0, -15)
