"""Exemptions: a file beside the stack that says which finding is accepted, why, by whom, and until when.

    exemptions:
      - rule: iam-no-broad-arn-wildcard
        resource: "*::aws:iam/rolePolicy:RolePolicy::backup-role-dynamodb"
        reason: AWS Backup restores tables under new names
        owner: platform@example.com
        expires: 2027-06-30

`resource` is a pattern (with * and ?) of a URN, or a resource's name; `stack` stands for a finding about the whole
stack. Nothing is exempt silently: an exemption in force is reported as advice, and one that is expired, unused or
malformed is a mandatory finding of its own.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from awsfacts.iam.glob import matches
from holdfast_policies.rule import Level, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from holdfast_policies.judge import Finding

FIELDS: Final = ("rule", "resource", "reason", "owner", "expires")
LONGEST_DAYS: Final = 366
"""An exemption runs for a year at most, so that somebody looks again."""

IN_FORCE: Final = Rule(
    name="exemption-in-force",
    pack="",
    subject="exemptions",
    title="A finding that is exempt is shown all the same",
    why="What is accepted today is forgotten tomorrow unless it is seen.",
    fix="remove the cause and the exemption before it expires",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(),
    controls=(),
    settings={},
    check_stack=lambda _stack, _settings: (),
)
VALID: Final = Rule(
    name="exemption-valid",
    pack="",
    subject="exemptions",
    title="Each exemption is complete, needed and not expired",
    why="An exemption that outlives its reason hides the next finding.",
    fix="correct, renew or remove the entry",
    severity=Severity.MEDIUM,
    level=Level.MANDATORY,
    types=(),
    controls=(),
    settings={
        "file": {
            "type": "string",
            "default": "",
            "description": "Path of the exemptions file; by default exemptions.<stack>.yaml beside Pulumi.yaml.",
        }
    },
    check_stack=lambda _stack, _settings: (),
)


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """One entry of the file."""

    rule: str
    resource: str
    reason: str
    owner: str
    expires: dt.date
    where: str
    """File and line."""

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is meant, expired or not."""
        if finding.rule.name != self.rule:
            return False
        name = finding.urn.rpartition("::")[2]
        names = (finding.urn, name) if finding.urn else ("stack",)
        return any(matches(self.resource, one) for one in names)


@dataclass(kw_only=True)
class Exemptions:
    """The entries of a file, what is wrong with it, and which were used on which finding."""

    entries: tuple[Exemption, ...] = ()
    faults: tuple[str, ...] = ()
    today: dt.date = field(default_factory=lambda: dt.datetime.now(tz=dt.UTC).date())
    used: list[tuple[Exemption, Finding]] = field(default_factory=list)

    def sift(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """The findings that no exemption covers; the others are noted."""
        for finding in findings:
            entry = next((one for one in self.entries if one.covers(finding)), None)
            if entry is not None:
                self.used.append((entry, finding))
            if entry is None or entry.expires < self.today:
                yield finding

    def in_force(self) -> Iterator[tuple[Finding, str]]:
        """Each finding that was exempt, and what to say of it."""
        for entry, finding in self.used:
            if entry.expires >= self.today:
                until = f"is exempt from {entry.rule} until {entry.expires} by {entry.owner} ({entry.reason})"
                yield finding, f"{until}: it {finding.problem}"

    def problems(self, rules: Iterable[str], every_rule: Iterable[str]) -> Iterator[str]:
        """What is wrong with the file and with the entries for `rules`; `every_rule` is what an entry may name."""
        yield from self.faults
        used = {id(entry) for entry, _ in self.used}
        judged, known = set(rules), set(every_rule)
        for entry in self.entries:
            if entry.rule not in known:
                yield f"has an exemption for {entry.rule!r}, which is no rule ({entry.where})"
            elif entry.rule not in judged:
                continue
            elif entry.expires < self.today:
                yield f"has an exemption from {entry.rule} that expired on {entry.expires} ({entry.where})"
            elif id(entry) not in used:
                yield f"has an exemption from {entry.rule} for {entry.resource!r} that nothing needs ({entry.where})"


def load(path: Path | None, *, today: dt.date | None = None) -> Exemptions:
    """Read a file; None, or a path where nothing is, is a file without entries."""
    day = today or dt.datetime.now(tz=dt.UTC).date()
    if path is None or not path.exists():
        return Exemptions(today=day)
    entries, faults = _Reader(path).read()
    return Exemptions(entries=entries, faults=faults, today=day)


def find(stack: str, file: str = "") -> Path | None:
    """Where the exemptions of a stack are.

    In this order: the setting `file` of `exemption-valid`, the environment variable HOLDFAST_EXEMPTIONS, and
    `exemptions.<stack>.yaml` in the nearest folder, from the current one upwards, that holds the Pulumi.yaml of the
    project that is judged (PULUMI_PROJECT): a pack may lie in another project's checkout.
    """
    named = file or os.environ.get("HOLDFAST_EXEMPTIONS", "")
    here = Path.cwd()
    project = next((folder for folder in (here, *here.parents) if _is_judged(folder / "Pulumi.yaml")), None)
    if named:
        return (project or here) / named
    return project / f"exemptions.{stack}.yaml" if project and stack else None


def _is_judged(file: Path) -> bool:
    """Whether a project file is there, and is that of the project that is judged, where one is named."""
    if not file.exists():
        return False
    project = os.environ.get("PULUMI_PROJECT")
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return False
    return not project or (isinstance(content, dict) and content.get("name") == project)


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[str] = []

    def read(self) -> tuple[tuple[Exemption, ...], tuple[str, ...]]:
        try:
            text = self.path.read_text(encoding="utf-8")
            node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
            data = yaml.safe_load(text)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            return (), (f"has an exemptions file that cannot be read: {self.path.name}: {_one_line(error)}",)
        if data is None:
            return (), ()
        if not isinstance(data, dict) or not isinstance(data.get("exemptions"), list) or len(data) != 1:
            return (), (f"has an exemptions file without a list `exemptions` at the top ({self.path.name})",)
        lines = [item.start_mark.line + 1 for item in node.value[0][1].value]
        entries = [
            self._entry(item, f"{self.path.name}:{line}") for item, line in zip(data["exemptions"], lines, strict=True)
        ]
        return tuple(entry for entry in entries if entry), tuple(self.faults)

    def _entry(self, item: Any, where: str) -> Exemption | None:
        if not isinstance(item, dict):
            self.faults.append(f"has an exemption that is no mapping ({where})")
            return None
        wrong = [name for name in FIELDS if not item.get(name)] + [str(name) for name in item if name not in FIELDS]
        if wrong:
            self.faults.append(
                f"has an exemption with wrong or missing {', '.join(wrong)}; write {', '.join(FIELDS)} ({where})"
            )
            return None
        expires = item["expires"]
        if isinstance(expires, str):
            try:
                expires = dt.date.fromisoformat(expires)
            except ValueError:
                expires = None
        if not isinstance(expires, dt.date) or isinstance(expires, dt.datetime):
            self.faults.append(f"has an exemption whose expires is no date such as 2027-06-30 ({where})")
            return None
        texts = {name: str(item[name]) for name in FIELDS if name != "expires"}
        return Exemption(**texts, expires=expires, where=where)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
