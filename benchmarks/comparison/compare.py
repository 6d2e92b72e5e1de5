"""The packs, cdk-nag and checkov on the same planted faults.

    python benchmarks/comparison/compare.py --cdk FOLDER --checkov FILE [--json FILE]

FOLDER holds node_modules with aws-cdk-lib, cdk-nag and constructs; FILE is the checkov command. Neither is installed by
this project. Each case is written as a CloudFormation template, which cdk-nag (all its packs, through
cloudformation-include) and checkov read, and as a Pulumi deployment, which the packs read. A tool notices a fault when
it says something about the faulty program that it does not say about the sound one. What it says about the sound ones
is listed by rule. Times are over one program of all the sound resources, several times over: milliseconds for a
resource without what a run over nothing takes. Prints a table; --json has which rules spoke.
"""

from __future__ import annotations

import argparse
import collections
import json
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.comparison.cases import CASES, Part  # noqa: E402 - the checkout is no installed package
from benchmarks.comparison.cases.model import deployment, template  # noqa: E402
from holdfast_policies.deployment import judge_deployment  # noqa: E402

Rules = collections.Counter[str]
Large = tuple[dict[str, Any], dict[str, Any]]
Sources = dict[str, Large]
"""A template and a deployment, by program."""

COPIES = 4


@dataclass
class Answers:
    """What one tool says about each program, and how long it takes."""

    name: str
    told: dict[str, Rules] = field(default_factory=lambda: collections.defaultdict(collections.Counter))
    milliseconds: float = 0
    """For a resource, without starting."""
    starting: float = 0
    """Seconds that a run over nothing takes."""

    def noticed(self, case: str) -> list[str]:
        """The rules that speak about the faulty program only, or more often."""
        new = self.told[f"{case}.faulty"] - self.told[f"{case}.sound"]
        return sorted(new)

    def of_sound(self) -> Rules:
        """What it says about the sound programs: in how many of them each rule speaks."""
        spoken = (set(self.told[f"{case.name}.sound"]) for case in CASES)
        return collections.Counter(rule for rules in spoken for rule in rules)


def by_packs(sources: Sources, large: Large) -> Answers:
    """All four packs with their defaults."""
    answers = Answers("holdfast")
    for name, (_, document) in sources.items():
        answers.told[name].update(finding.rule.name for finding in judge_deployment(document).findings)
    start = time.perf_counter()
    resources = judge_deployment(large[1]).resources
    answers.milliseconds = (time.perf_counter() - start) * 1000 / resources
    code = "from holdfast_policies.packs import all_rules; all_rules()"
    answers.starting = _seconds([sys.executable, "-c", code])
    return answers


def by_cdk_nag(folder: Path, large: Path, cdk: Path) -> Answers:
    """Every pack that cdk-nag ships."""
    answers = Answers("cdk-nag")
    told = _nag(folder, cdk)
    wrong = [f"{name}: {one['error']}" for name, one in told.items() if "error" in one]
    if wrong:
        raise SystemExit("cdk-nag could not read " + "; ".join(wrong))
    for name, one in told.items():
        answers.told[name.removesuffix(".json")].update(_bare(rule) for rule, _ in one["findings"])
    (one,) = _nag(large, cdk).values()
    answers.milliseconds = one["milliseconds"] / one["resources"]
    with tempfile.TemporaryDirectory() as empty:
        answers.starting = _seconds(["node", str(_SCRIPT), empty], cwd=cdk)
    return answers


_SCRIPT = Path(__file__).with_name("nag.js")


def _nag(folder: Path, cdk: Path) -> dict[str, Any]:
    done = subprocess.run(["node", str(_SCRIPT), str(folder)], cwd=cdk, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def by_checkov(folder: Path, large: Path, command: str) -> Answers:
    """All checks on CloudFormation."""
    answers = Answers("checkov")
    words = [command, "--framework", "cloudformation", "--output", "json", "--compact", "--quiet", "--directory"]
    for check in _checkov(words, folder)["results"]["failed_checks"]:
        answers.told[Path(check["file_path"]).name.removesuffix(".json")][check["check_id"]] += 1
    start = time.perf_counter()
    resources = _checkov(words, large)["summary"]["resource_count"]
    whole = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as empty:
        answers.starting = _seconds([*words, empty])
    answers.milliseconds = max(whole - answers.starting, 0) * 1000 / resources
    return answers


def _checkov(words: list[str], folder: Path) -> dict[str, Any]:
    done = subprocess.run([*words, str(folder)], capture_output=True, text=True, check=False)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _bare(rule: str) -> str:
    return rule.split("[", maxsplit=1)[0]


def _seconds(words: list[str], cwd: Path | None = None) -> float:
    start = time.perf_counter()
    subprocess.run(words, cwd=cwd, capture_output=True, check=False)
    return time.perf_counter() - start


def show(tools: list[Answers]) -> str:
    """The table by fault, then the sums."""
    lines = ["| Fault | " + " | ".join(tool.name for tool in tools) + " |", "|---|" + "---|" * len(tools)]
    for case in CASES:
        marks = [", ".join(tool.noticed(case.name)) or "no" for tool in tools]
        lines.append(f"| {case.fault} | " + " | ".join(marks) + " |")
    lines += ["", "| | " + " | ".join(tool.name for tool in tools) + " |", "|---|" + "---|" * len(tools)]
    rows = {
        "faults noticed": [str(sum(bool(tool.noticed(case.name)) for case in CASES)) for tool in tools],
        "rules that speak about sound programs": [str(len(tool.of_sound())) for tool in tools],
        "milliseconds a resource": [f"{tool.milliseconds:.2f}" for tool in tools],
        "seconds to start": [f"{tool.starting:.1f}" for tool in tools],
    }
    lines += [f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows.items()]
    for tool in tools:
        sound = ", ".join(f"{rule} ({count})" for rule, count in tool.of_sound().most_common())
        lines += ["", f"{tool.name} on sound programs: {sound}"]
    lines += ["", f"{len(CASES)} faults; Python {platform.python_version()}, {platform.machine()}"]
    return "\n".join(lines)


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cdk", type=Path, required=True)
    parser.add_argument("--checkov", required=True)
    parser.add_argument("--json", type=Path)
    words = parser.parse_args()
    programs = {f"{case.name}.{kind}": parts for case in CASES for kind, parts in _both(case)}
    sources = {name: (template(parts), deployment(parts)) for name, parts in programs.items()}
    with tempfile.TemporaryDirectory() as scratch:
        folder, bulk = Path(scratch) / "cases", Path(scratch) / "large"
        folder.mkdir()
        bulk.mkdir()
        for name, (written, _) in sources.items():
            (folder / f"{name}.json").write_text(json.dumps(written))
        large = _large()
        (bulk / "large.json").write_text(json.dumps(large[0]))
        tools = [
            by_packs(sources, large),
            by_cdk_nag(folder, bulk, words.cdk),
            by_checkov(folder, bulk, words.checkov),
        ]
    print(show(tools))
    if words.json:
        words.json.write_text(json.dumps({tool.name: tool.told for tool in tools}, indent=1))


def _large() -> Large:
    """All parts of the sound programs that stand alone, several times under names of their own."""
    alone = {part.name: part for case in CASES for part in case.sound if part.cloudformation and not _refers(part)}
    parts = tuple(
        replace(part, name=f"{part.name}{number}", id=f"{part.id}{number}")
        for number in range(COPIES)
        for part in alone.values()
    )
    return template(parts), deployment(parts)


def _refers(part: Part) -> bool:
    text = json.dumps(part.properties)
    return '"Ref"' in text or "Fn::GetAtt" in text


def _both(case: Any) -> list[tuple[str, Any]]:
    return [("sound", case.sound), ("faulty", case.faulty)]


if __name__ == "__main__":
    main()
