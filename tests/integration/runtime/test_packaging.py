"""The wheel: small, typed, with few dependencies; and the API under mypy strict, as a user sees it."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
RUNTIME = ROOT / "runtime"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=RUNTIME,
        check=True,
        capture_output=True,
        timeout=280,
    )
    (built,) = folder.glob("holdfast-*.whl")
    return built


def test_the_wheel_is_small_and_typed(wheel):
    assert wheel.stat().st_size < 200_000
    names = zipfile.ZipFile(wheel).namelist()
    assert "holdfast/py.typed" in names
    assert all(name.startswith(("holdfast/", "holdfast-")) for name in names)


def test_the_wheel_needs_botocore_and_at_most_four_small_packages(wheel):
    archive = zipfile.ZipFile(wheel)
    (metadata,) = (name for name in archive.namelist() if name.endswith("METADATA"))
    needs = email.message_from_bytes(archive.read(metadata)).get_all("Requires-Dist")
    required = {re.split(r"[<>=!~ ;\[]", need)[0] for need in needs if "extra ==" not in need}
    assert "botocore" in required
    assert len(required - {"botocore"}) <= 4
    extras = set(re.findall(r"extra == ['\"](\w+)", " ".join(needs)))
    assert {"redis", "dax", "otel", "encryption", "models"} <= extras


PROGRAM = """
from dataclasses import dataclass
from decimal import Decimal
from typing import assert_type, Any

from holdfast import AsyncClient, Attr, CallInfo, Client, Key, Page, Table, Update, WriteResult

@dataclass
class Order:
    customer_id: str
    total: Decimal

def use(client: Client) -> None:
    plain = client.table("orders")
    assert_type(plain, Table[dict[str, Any]])
    typed = client.table("orders", Order)
    assert_type(typed.get({"customer_id": "C"}, consistent=True), Order | None)
    assert_type(typed.put(Order("C", Decimal(1)), condition=Attr("customer_id").not_exists()), WriteResult)
    found = typed.query((Key("customer_id") == "C") & Key("order_id").begins_with("O"), limit=3, info=CallInfo())
    assert_type(found.all(), list[Order])
    assert_type(found.page(), Page[Order])
    for order in found:
        assert_type(order, Order)
    plain.update({"customer_id": "C"}, Update().set("a", 1), return_values="ALL_NEW")
    assert_type(client.batch_get({typed: [{"customer_id": "C"}], plain: []}), dict[Table[Any], list[Any]])
    with client.batch_writer() as batch:
        batch.put(typed, Order("C", Decimal(1)))
        batch.delete(plain, {"a": 1})
    client.transact_write([typed.put_action(Order("C", Decimal(1))), plain.delete_action({"a": 1})])

async def use_async() -> None:
    async with AsyncClient(region="us-east-1", failover=False) as client:
        assert_type(await client.table("orders", Order).get({"customer_id": "C"}), Order | None)
        imported = await client.table("orders").import_items("orders.csv", types={"total": "N"})
        assert_type(imported.written, int)
        async for order in client.table("orders", Order).scan():
            assert_type(order, Order)
"""

MISTAKES = """
from holdfast import Client

def use(client: Client) -> None:
    client.table("t").put({"a": 1}, conditon="x")
    client.table("t").get({"a": 1}, consistent="yes")
    client.table("t").put({"a": 1}, return_values="SOME")
    Client(regoin="us-east-1")
"""


@pytest.mark.slow
def test_the_api_under_mypy_strict(tmp_path):
    (tmp_path / "program.py").write_text(textwrap.dedent(PROGRAM))
    (tmp_path / "mistakes.py").write_text(textwrap.dedent(MISTAKES))
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "program.py", "mistakes.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "MYPYPATH": str(RUNTIME), "MYPY_CACHE_DIR": str(tmp_path / "cache")},
        check=False,
        timeout=280,
    )
    lines = [line for line in run.stdout.splitlines() if ": error:" in line]
    assert [line.split(":")[0] for line in lines] == ["mistakes.py"] * 4, run.stdout + run.stderr
