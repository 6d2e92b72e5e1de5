"""Mutation testing of the pure cores: does a test notice when one operator, constant or decorator is another?

cosmic-ray makes the mutations. Here each is loaded in place of its module in a fork of a warm process, where the core's
own unit tests run until the first fails; the tree is never written to. What was judged is kept in `build/mutants/`, so
that an interrupted run goes on, and judged anew when the core or its tests change.

    python release/mutants.py [CORE ...] [--minutes M] [--page]

Exits with 1 when a mutant survived for which `release/mutants.toml` has no reason.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import hashlib
import importlib.abc
import importlib.util
import json
import os
import random
import re
import resource
import signal
import sys
import time
import tomllib
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

ROOT = Path(__file__).parents[1]
STATE = ROOT / "build" / "mutants"
REASONS = ROOT / "release" / "mutants.toml"
PAGE = ROOT / "docs" / "mutants.md"
CPU_SECONDS = 30
"""A mutant that runs longer never ends: it counts as found."""
OPERATORS = re.compile(
    r"core/(ReplaceComparisonOperator_(Eq_NotEq|NotEq_Eq|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Is_IsNot|IsNot_Is|In_NotIn|NotIn_In)"
    r"|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Div|Div_Mul|FloorDiv_Mul|Mod_Mul|Pow_Mul|BitAnd_BitOr|LShift_RShift|RShift_LShift)"
    r"|ReplaceUnaryOperator_(USub_UAdd|Delete_Not)|Replace(TrueWithFalse|FalseWithTrue|AndWithOr|OrWithAnd)"
    r"|Replace(BreakWithContinue|ContinueWithBreak)|AddNot|NumberReplacer|ZeroIterationForLoop|RemoveDecorator|ExceptionReplacer)"
)
"""One other for each operator. `|` is left out: here it stands in annotations."""


@dataclass(frozen=True)
class Core:
    """A pure module, and the unit tests that are to notice any change of it."""

    file: str
    module: str
    tests: tuple[str, ...]


PLUGINS = ("pytest_asyncio.plugin", "pytest_timeout", "_hypothesis_pytestplugin")
"""Those that the tests of a core need; looking for all that are installed takes longer than the tests."""
CORES = {
    "codec": Core("sandbox/codec.py", "sandbox.codec", ("tests/unit/sandbox/test_codec.py",)),
    "values": Core("runtime/holdfast/values.py", "holdfast.values", ("tests/unit/runtime/test_values.py",)),
    "breaker": Core(
        "runtime/holdfast/resilience/breaker.py",
        "holdfast.resilience.breaker",
        ("tests/unit/runtime/resilience/test_breaker.py",),
    ),
    "iam": Core(
        "awsfacts/iam/evaluate.py",
        "awsfacts.iam.evaluate",
        ("tests/unit/awsfacts/iam/test_evaluate.py", "tests/unit/awsfacts/iam/test_evaluate_principals.py"),
    ),
    "conditions": Core(
        "awsfacts/iam/conditions.py",
        "awsfacts.iam.conditions",
        (
            "tests/unit/awsfacts/iam/test_conditions.py",
            "tests/unit/awsfacts/iam/test_condition_operators.py",
            "tests/unit/awsfacts/iam/test_evaluate.py",
        ),
    ),
    "planner": Core(
        "ops/failover/plan.py",
        "ops.failover.plan",
        ("tests/unit/ops/failover/test_plan.py", "tests/unit/ops/failover/test_plan_words.py"),
    ),
}


@dataclass(frozen=True)
class Mutant:
    """One changed line."""

    operator: str
    occurrence: int
    line: int
    before: str
    after: str


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from a text instead of its file."""

    def __init__(self, core: Core, text: str) -> None:
        self._core, self._text = core, text

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Only that module."""
        if fullname != self._core.module:
            return None
        return importlib.util.spec_from_file_location(fullname, ROOT / self._core.file, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed text."""
        exec(compile(self._text, self._core.file, "exec"), module.__dict__)  # noqa: S102 (that is what a mutation is)


def mutants(core: Core) -> Iterator[tuple[Mutant, str]]:
    """Every mutant of the core and its text, without those that mypy finds.

    It finds an assignment to what is frozen and an argument given by position; and an annotation is no code.
    """
    import cosmic_ray.plugins  # noqa: PLC0415 (from the tools' environment, see main)
    from cosmic_ray.ast import Visitor, get_ast  # noqa: PLC0415
    from cosmic_ray.mutating import mutate_code  # noqa: PLC0415

    source = (ROOT / core.file).read_text()
    tree = get_ast(source)
    seen = {_code(source, core)}
    for name in sorted(filter(OPERATORS.fullmatch, cosmic_ray.plugins.operator_names())):
        operator_class = cosmic_ray.plugins.get_operator(name)
        variants = list(operator_class.arguments()) if hasattr(operator_class, "arguments") else []
        for arguments in variants or [{}]:
            operator = operator_class(**arguments)
            positions: list[int] = []

            class Places(Visitor):
                def visit(self, node: object, operator=operator, positions=positions) -> object:  # noqa: ANN001
                    positions.extend(start[0] for start, _ in operator.mutation_positions(node))
                    return node

            Places().walk(tree)
            for occurrence, line in enumerate(positions):
                text = mutate_code(source, operator, occurrence)
                code = _code(text, core) if text else None
                if text is None or code in seen:
                    continue
                seen.add(code)
                before, after = _change(source, text)
                if before.startswith("@dataclass(") or re.search(r"\(.*/, .*\)|^/,$", after):
                    continue
                yield Mutant(name.removeprefix("core/"), occurrence, line, before, after), text


def _code(text: str, core: Core) -> bytes | None:
    import ast  # noqa: PLC0415
    import marshal  # noqa: PLC0415

    try:
        return marshal.dumps(compile(ast.parse(text), core.file, "exec", optimize=2))
    except SyntaxError:
        return None


def _change(source: str, text: str) -> tuple[str, str]:
    lines = list(difflib.ndiff(source.splitlines(), text.splitlines()))
    gone = " ".join(line[2:].strip() for line in lines if line.startswith("- "))
    come = " ".join(line[2:].strip() for line in lines if line.startswith("+ "))
    return gone, come


def judge(core: Core, text: str) -> str:
    """`killed`, `timeout` or `survived`: what the core's tests make of the text."""
    child = os.fork()
    if child == 0:
        _run(core, text)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "timeout" if os.WTERMSIG(status) in (signal.SIGALRM, signal.SIGXCPU, signal.SIGKILL) else "killed"
    return "survived" if os.WEXITSTATUS(status) == 0 else "killed"


def _run(core: Core, text: str) -> None:
    code = 1
    try:
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
        signal.alarm(CPU_SECONDS * 6)  # a lock that is never given back uses no CPU
        sys.meta_path.insert(0, Mutated(core, text))
        code = _pytest(core)
    finally:
        os._exit(code)


def _pytest(core: Core) -> int:
    import pytest  # noqa: PLC0415 (loaded before the fork)
    from hypothesis.configuration import set_hypothesis_home_dir  # noqa: PLC0415

    set_hypothesis_home_dir(STATE / "hypothesis")
    plugins = [word for name in PLUGINS for word in ("-p", name)]
    options = ["-x", "-q", "-p", "no:cacheprovider", *plugins, "-m", "not sandbox and not slow"]
    return int(pytest.main([*options, *core.tests]))


def _fingerprint(core: Core) -> str:
    digest = hashlib.sha256(OPERATORS.pattern.encode())
    for name in (core.file, *core.tests):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def examine(name: str, *, until: float, sample: int | None) -> tuple[list[dict], int]:
    """The verdicts of a core as far as time allows, and how many mutants there are in all."""
    core = CORES[name]
    path = STATE / f"{name}.jsonl"
    fingerprint = _fingerprint(core)
    known = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    known = [row for row in known if row["of"] == fingerprint]
    done = {(row["operator"], row["occurrence"], row["after"]) for row in known}
    _warm(core)
    if judge(core, (ROOT / core.file).read_text()) != "survived":
        raise SystemExit(f"{name}: its tests fail without any mutation: {' '.join(core.tests)}")
    every = list(mutants(core))
    random.Random(1).shuffle(every)  # noqa: S311 (the same sample each time)
    with path.open("w") as state:
        state.writelines(json.dumps(row) + "\n" for row in known)
        for mutant, text in every[:sample]:
            if (mutant.operator, mutant.occurrence, mutant.after) in done:
                continue
            if time.monotonic() > until:
                break
            row = {"of": fingerprint, **asdict(mutant), "verdict": judge(core, text)}
            known.append(row)
            state.write(json.dumps(row) + "\n")
            state.flush()
    return known, len(every)


def reasons() -> dict[tuple[str, str, str], str]:
    """(core, before, after) → why no test can or need notice."""
    rows = tomllib.loads(REASONS.read_text()).get("survivor", []) if REASONS.exists() else []
    return {(row["core"], row["before"], row["after"]): row["why"] for row in rows}


def _warm(core: Core) -> None:
    """Load what the core's tests load, before the first fork, and nothing of the project: a fork tells its names."""
    out, into = os.pipe()
    if os.fork() == 0:
        os.close(out)
        _pytest(core)
        ours = tuple(
            f"{path.name}" for path in (*ROOT.iterdir(), *(ROOT / "runtime").iterdir(), *(ROOT / "policies").iterdir())
        )
        names = [name for name in sys.modules if name.partition(".")[0] not in ours and "conftest" not in name]
        os.write(into, json.dumps(names).encode())
        os._exit(0)
    os.close(into)
    with os.fdopen(out) as told:
        names = json.loads(told.read() or "[]")
    os.wait()
    for name in names:
        with contextlib.suppress(Exception):  # some are made by others while these load
            importlib.import_module(name)


def main(words: list[str] | None = None) -> int:
    """Judge the mutants of each core in turn, and say what survived."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cores", nargs="*", choices=[*CORES, []], default=list(CORES))
    parser.add_argument(
        "--minutes", type=float, default=10.0, help="for each core; what is left is judged by the next run"
    )
    parser.add_argument("--sample", type=int, help="judge this many mutants of each core (always the same ones)")
    parser.add_argument("--page", action="store_true", help="write docs/mutants.md")
    options = parser.parse_args(words)
    STATE.mkdir(parents=True, exist_ok=True)
    sys.path.extend(str(path) for path in (STATE / "venv").glob("lib/python*/site-packages"))
    os.chdir(ROOT)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    why, tables, unexplained = reasons(), {}, 0
    for name in options.cores:
        rows, total = examine(name, until=time.monotonic() + options.minutes * 60, sample=options.sample)
        tables[name] = (rows, total)
        tally = Counter(row["verdict"] for row in rows)
        found = tally["killed"] + tally["timeout"]
        print(f"{name}: {len(rows)} of {total} mutants judged, {found} found, {tally['survived']} survived")
        for row in sorted(rows, key=lambda row: row["line"]):
            if row["verdict"] == "survived":
                reason = why.get((name, row["before"], row["after"]))
                unexplained += reason is None
                print(f"  {CORES[name].file}:{row['line']}  {row['operator']}  {reason or 'NO REASON GIVEN'}")
                print(f"    - {row['before']}\n    + {row['after']}")
    if options.page:
        write_page(tables, why)
    return 1 if unexplained else 0


def write_page(tables: dict[str, tuple[list[dict], int]], why: dict[tuple[str, str, str], str]) -> None:
    """The figures and the survivors, as a page."""
    today = datetime.now(UTC).date()
    lines = [PAGE_HEAD.format(today=today, cores=" ".join(tables))]
    for name, (rows, total) in tables.items():
        survived = sum(row["verdict"] == "survived" for row in rows)
        lines.append(f"| {name} | `{CORES[name].file}` | {total} | {len(rows)} | {len(rows) - survived} | {survived} |")
    lines += ["", "## Survivors", "", "| Core | Line | Mutation | Why it survives |", "|---|---|---|---|"]
    for name, (rows, _) in tables.items():
        lines += [
            f"| {name} | {row['line']} | {_cell(row['before'])} → {_cell(row['after'])} | "
            f"{why.get((name, row['before'], row['after']), 'no test yet')} |"
            for row in sorted(rows, key=lambda row: row["line"])
            if row["verdict"] == "survived"
        ]
    PAGE.write_text("\n".join(lines) + "\n")


def _cell(code: str) -> str:
    return "`" + code.replace("|", "\\|") + "`"


PAGE_HEAD = """# Mutants

A mutant is a core with one operator, constant or decorator changed. `make mutants` runs the core's own unit tests on \
each, and fails when one survives for which `release/mutants.toml` has no reason. cosmic-ray makes the mutations; one \
other is tried for each operator. Left out is what mypy finds (frozen data, arguments by position) and what compiles \
to the same code. `make mutants CORES="codec breaker" MINUTES=5` bounds a run, in minutes for each core; the next one \
goes on where it stopped. `PAGE=1` writes this page.

Last run: `make mutants PAGE=1 CORES="{cores}"`, {today}, on a loaded machine. Where fewer \
are judged than there are, they were drawn at random: the rest is not measured. Only the core's own tests run: the \
breaker is also run by those of the router, the calls and the simulation.

| Core | File | Mutants | Judged | Found by a test | Survived |
|---|---|---|---|---|---|"""


if __name__ == "__main__":
    sys.exit(main())
