"""Measures the runtime's client beside its peers, in one run: `make bench`.

Every client runs in a process of its own against one stub on loopback (`stub.py`). Rounds are interleaved: in each,
every client makes some calls of every operation, so that a busy machine slows all alike; a ratio is taken within a
round, and the table shows the median over the rounds with the quartiles.
"""

# ruff: noqa: RUF001 - the signs for times and ranges are what the tables say

from __future__ import annotations

import argparse
import datetime as dt
import ipaddress
import json
import math
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HERE = Path(__file__).parent
RUNTIME = HERE.parent.parent / "runtime"
BASE = "boto3 client"
CLIENTS = [
    "boto3 client",
    "boto3 resource",
    "PynamoDB",
    "pydynox",
    "holdfast",
    "holdfast, typed",
    "aioboto3",
    "aiodynamo",
    "pydynox, async",
    "holdfast, async",
    "holdfast, async, typed",
]
CASES = [("get", 1), ("put", 1), ("query", 1), ("get", 50)]
CALLS = {"get": 60, "put": 60, "query": 10}
"""Calls of a warm-up round, and the least of any other."""
SAMPLE_MICROSECONDS = 60_000
"""CPU of a client's calls in a round: as long for a fast client as for a slow one, by what its warm-up took."""
MOST_CALLS = 1_000
GENERATION = 7
"""Rounds of a process, the first one to warm up. Where a process happens to lie in memory makes it faster or slower by
up to a fifth for as long as it lives; the median is over several."""
PLAIN_PART = 0.7
"""Of the time that a run may take; the rest is for the same over TLS."""
MOST_ROUNDS = 25
PAGE = HERE.parent.parent / "docs" / "runtime" / "performance.md"
BEGIN, END = "<!-- make bench: begin -->", "<!-- make bench: end -->"
OWN_TRUST = {"pydynox", "pydynox, async"}
PACKAGES = ["boto3", "botocore", "aioboto3", "aiodynamo", "aiohttp", "pydynox", "pynamodb", "orjson", "httptools"]


class Process:
    """The worker of one client."""

    def __init__(self, name: str, url: str, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), name, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def do(self, order: str, **arguments: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": order, **arguments}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a worker ended; its error is above")
        return json.loads(line)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stub")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    return folder / "cert.pem", folder / "key.pem"


def measure(clients: list[str], seconds: float, *, tls: bool) -> dict[str, Any]:
    """One figure per client, case and round; as many rounds as the time allows, and at least two."""
    until = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as temporary:
        environment = {
            **os.environ,
            "PYTHONPATH": str(RUNTIME),
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        command = [sys.executable, str(HERE / "stub.py")]
        if tls:
            cert, key = certificate(Path(temporary))
            command += ["--tls", str(cert), str(key)]
            environment |= {"AWS_CA_BUNDLE": str(cert), "SSL_CERT_FILE": str(cert)}
        stub = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert stub.stdin is not None
        assert stub.stdout is not None
        processes: dict[str, Process] = {}
        try:
            url = f"{'https' if tls else 'http'}://127.0.0.1:{stub.stdout.readline().strip()}"
            figures: dict[str, Any] = {name: {f"{case}/{many}": [] for case, many in CASES} for name in clients}
            number, rounds, longest = 0, 0, 0.0
            while rounds < MOST_ROUNDS and (rounds < 2 or time.monotonic() + longest < until):
                began = time.monotonic()
                warming = number % GENERATION == 0
                if warming:
                    for process in processes.values():
                        process.close()
                    processes = {name: Process(name, url, environment) for name in clients}
                    checks = {name: process.do("check") for name, process in processes.items()}
                    assert all(check["items"] == 100 for check in checks.values()), checks
                    calls = {
                        name: {f"{case}/{many}": warm_calls(case, many) for case, many in CASES} for name in clients
                    }
                # Another order each round: what a neighbour leaves of caches and clocks falls on everyone alike.
                order = random.Random(number).sample(clients, len(clients))  # noqa: S311 - an order, no secret
                for case, many in CASES:
                    at = f"{case}/{many}"
                    for name in order:
                        order_of = {"operation": case, "calls": calls[name][at], "concurrency": many}
                        figure = processes[name].do("measure", **order_of)
                        if warming:
                            figure = processes[name].do("measure", **order_of)  # the first has loaded things
                            wanted = min(max(SAMPLE_MICROSECONDS / figure["cpu"], CALLS[case]), MOST_CALLS)
                            calls[name][at] = math.ceil(wanted / many) * many
                        else:
                            figures[name][at].append(figure)
                longest = max(longest, time.monotonic() - began)
                print(f"round {number}{' over TLS' if tls else ''}: {longest:.0f} s at most", file=sys.stderr)
                number += 1
                rounds += not warming
            memory = {} if tls else {name: process.do("memory", clients=10) for name, process in processes.items()}
        finally:
            for process in processes.values():
                process.close()
            stub.stdin.close()
            stub.wait(30)
    return {"figures": figures, "checks": checks, "memory": memory}


def warm_calls(case: str, many: int) -> int:
    """Calls of the round that warms up: for each of those in flight three, or those of `CALLS`."""
    return CALLS[case] if many == 1 else 3 * many


def versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def ratios(result: dict[str, Any], case: str, over: str, under: str, what: str = "cpu") -> list[float]:
    """How many times `over` costs what `under` costs, round by round."""
    above, below = result["figures"][over][case], result["figures"][under][case]
    return [one[what] / other[what] for one, other in zip(above, below, strict=True)]


def spread(values: list[float], digits: int = 1) -> str:
    """The median with the quartiles."""
    low, _, high = statistics.quantiles(values, n=4)
    return f"{statistics.median(values):.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"


def table(result: dict[str, Any]) -> list[str]:
    """Markdown: CPU per call, and how many times less than boto3's client."""
    lines = [
        (
            "| Client | GetItem µs | × | PutItem µs | × | Query 100 µs | × "
            "| GetItem, 50 in flight, µs | calls/s | failed | memory, kB |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name in result["figures"]:
        cells = [name]
        for case in ("get/1", "put/1", "query/1"):
            cpu = [figure["cpu"] for figure in result["figures"][name][case]]
            cells += [f"{statistics.median(cpu):.0f}", spread(ratios(result, case, BASE, name))]
        many = result["figures"][name]["get/50"]
        cells.append(f"{statistics.median(figure['cpu'] for figure in many):.0f}")
        cells.append(f"{1e6 / statistics.median(figure['wall'] for figure in many):,.0f}")
        cells.append(str(sum(figure["failed"] for figure in many)))
        memory = result["memory"].get(name)
        cells.append(f"{memory['bytes'] / 1000:,.0f}" if memory else "–")
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def aims(result: dict[str, Any]) -> list[tuple[str, float, float]]:
    """What was set out to be reached: name, measured median, wanted."""
    sync_peers = ["boto3 resource", "PynamoDB", "pydynox"]
    async_peers = ["aioboto3", "aiodynamo", "pydynox, async"]

    def middle(case: str, over: str, under: str) -> float:
        return statistics.median(ratios(result, case, over, under))

    found = []
    for case, title in (("get/1", "GetItem"), ("put/1", "PutItem")):
        found += [
            (f"{title}: {kind} over boto3 client", middle(case, BASE, kind), 10.0)
            for kind in ("holdfast", "holdfast, async")
        ]
        best = min(sync_peers, key=lambda peer: middle(case, peer, "holdfast"))
        found.append((f"{title}: over the best sync peer ({best})", middle(case, best, "holdfast"), 2.0))
        best = min(async_peers, key=lambda peer: middle(case, peer, "holdfast, async"))
        found.append((f"{title}: over the best async peer ({best})", middle(case, best, "holdfast, async"), 2.5))
    for suffix in ("", ", async"):
        found.append(
            (f"Query 100: holdfast{suffix} over boto3 client", middle("query/1", BASE, f"holdfast{suffix}"), 5.0)
        )
        typed = f"holdfast{suffix}, typed"
        found.append((f"Query 100: {typed} over boto3 client", middle("query/1", BASE, typed), 15.0))
    return found


def write_page(lines: list[str]) -> None:
    """Put the tables in their place in the document."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + "\n".join([BEGIN, "", *lines, "", END]) + after, encoding="utf-8")


def heading(plain: dict[str, Any], loads: tuple[float, float], arguments: list[str]) -> list[str]:
    """How the tables came about."""
    given = f' ARGS="{" ".join(arguments)}"' if arguments else ""
    rounds = len(next(iter(plain["figures"].values()))["get/1"])
    return [
        (
            f"`make bench{given}` on {dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC: {rounds} interleaved rounds, "
            f"{platform.machine()}, {os.cpu_count()} cores, load {loads[0]:.1f} before and {loads[1]:.1f} after; "
            + ", ".join(f"{name} {number}" for name, number in versions().items())
            + "."
        ),
        "",
        (
            "CPU time of the client's process per call; × is how many times less than boto3's client, round by round: "
            "median (lower–upper quartile)."
        ),
        "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300, help="how long it may take")
    parser.add_argument("--clients", nargs="*", default=CLIENTS)
    parser.add_argument("--json", type=Path, default=HERE / "results.json", help="where every figure goes")
    parser.add_argument("--no-tls", action="store_true", help="leave out the run over TLS")
    parser.add_argument("--print", action="store_true", help="leave the document and the figures on disk alone")
    options = parser.parse_args()
    before = os.getloadavg()[0]
    plain = measure(options.clients, options.seconds * (1 if options.no_tls else PLAIN_PART), tls=False)
    results = {"plain": plain, "versions": versions()}
    lines = table(plain)
    if set(CLIENTS) <= set(options.clients):
        lines += ["", "| Aim | Measured | Wanted |", "|---|---|---|"]
        lines += [f"| {name} | {value:.1f} × | {wanted:g} × |" for name, value, wanted in aims(plain)]
    if not options.print:
        write_page([*heading(plain, (before, os.getloadavg()[0]), sys.argv[1:]), *lines])
    if not options.no_tls:
        trusting = [name for name in options.clients if name not in OWN_TRUST]
        results["tls"] = measure(trusting, options.seconds * (1 - PLAIN_PART), tls=True)
        lines += ["", "Over TLS (without pydynox, which accepts no certificate of a test):", "", *table(results["tls"])]
    lines = heading(plain, (before, os.getloadavg()[0]), sys.argv[1:]) + lines
    print("\n".join(lines))
    if not options.print:
        write_page(lines)
        options.json.write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    main()
