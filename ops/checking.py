"""`holdfast check`: the policy packs over what is deployed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from holdfast_policies import exemptions, reports
from holdfast_policies.config import ConfigError, checked
from holdfast_policies.deployment import DeploymentError, judge_file
from holdfast_policies.packs import PACKS, all_rules
from ops.errors import OpsError
from ops.exits import Exit
from ops.files import read_json, write_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from holdfast_policies.deployment import Report
    from ops.console import Output
    from ops.workspace import Workspace

REPORTS: Final = ("table", "sarif", "junit", "json")


@dataclass(frozen=True)
class Wanted:
    """One report: its form, and the file it goes to (None: stdout)."""

    form: str
    file: Path | None


def wanted_reports(words: Sequence[str]) -> list[Wanted]:
    """Read `FORM` or `FORM=FILE`, once or several times.

    Raises:
        OpsError: an unknown form, a form without a file name after `=`, or two reports for stdout.
    """
    found = []
    for word in words:
        form, named, file = word.partition("=")
        if form not in REPORTS:
            raise OpsError(f"report {form!r} does not exist", fix=f"write one of {', '.join(REPORTS)}", code=Exit.USAGE)
        if named and not file:
            raise OpsError(f"report {word!r} names no file", fix=f"write {form} or {form}=FILE", code=Exit.USAGE)
        found.append(Wanted(form, Path(file) if named else None))
    if sum(one.file is None for one in found) > 1:
        raise OpsError(
            "two reports cannot both go to stdout",
            fix="give all but one a file, e.g. --report table --report sarif=findings.sarif",
            code=Exit.USAGE,
        )
    return found


def judge(
    workspace: Workspace,
    file: Path | None,
    *,
    packs: Sequence[str],
    wanted: Sequence[Wanted],
    config: Path | None,
    output: Output,
) -> bool:
    """Judge a deployment once and write every report; says whether no mandatory rule is broken.

    Raises:
        OpsError: an unknown pack, a configuration that is wrong, a file that is no deployment or cannot be written.
    """
    for name, known in ((one, tuple(PACKS)) for one in packs):
        if name not in known:
            raise OpsError(
                f"policy pack {name!r} does not exist", fix=f"write one of {', '.join(known)}", code=Exit.USAGE
            )
    path = file or workspace.state
    if file is None:
        if not path.exists():
            up = f"bring the stack up (holdfast up --stack {workspace.stack})"
            raise OpsError(
                f"{path}: not there", fix=f"{up}, or name an export of the pulumi command", code=Exit.UNAVAILABLE
            )
        from ops.trust import refuse_damaged  # noqa: PLC0415 (an export needs no engine)

        refuse_damaged(path)
    settings = _config(config)
    named = str(settings.get("exemption-valid", {}).get("file", "")) if isinstance(settings, dict) else ""
    accepted = exemptions.load(exemptions.find(workspace.stack, named))
    try:
        found = judge_file(path, packs=tuple(packs) or tuple(PACKS), config=settings, exemptions=accepted)
    except DeploymentError as error:
        fix = "name a state.json, or make an export: pulumi stack export > state.json"
        raise OpsError(str(error), fix=fix, code=Exit.USAGE) from None
    for one in wanted:
        _write(one, found, workspace, output)
    if output.as_json:
        output.result(reports.document(found))
    return found.ok


def _config(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    fix = "docs/policy-packs.md shows the form"
    try:
        return checked(all_rules(), read_json(path, fix=fix))
    except ConfigError as error:
        raise OpsError(f"{path}: {error}", fix=fix, code=Exit.USAGE) from None


def _write(one: Wanted, found: Report, workspace: Workspace, output: Output) -> None:
    forms: dict[str, Callable[[], str]] = {
        "table": lambda: reports.table(found, width=output.width),
        "sarif": lambda: reports.sarif(found, fallback=workspace.stack_file.name),
        "junit": lambda: reports.junit(found),
        "json": lambda: reports.as_json(found),
    }
    text = forms[one.form]()
    if one.file is None:
        output.say(text)
        return
    write_text(one.file, f"{text}\n")
