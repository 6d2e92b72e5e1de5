"""A stack file from a few answers: the settings that a stack cannot have a default for, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ops.errors import OpsError
from ops.exits import Exit
from settings import parse

MAX_REGIONS = 12
"""10.0.0.0/8 has room for more; a table has not (quotas of global tables)."""
_TABLE = re.compile(
    r"(?P<name>[a-z][a-z0-9_-]*):(?P<hash>[A-Za-z_][A-Za-z0-9_.-]*)(?::(?P<range>[A-Za-z_][A-Za-z0-9_.-]*))?"
)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What only the user knows."""

    stack: str
    account: str
    prefix: str
    regions: tuple[str, ...]
    """The first is home."""
    tables: tuple[str, ...]
    """`name:partition_key` or `name:partition_key:sort_key`."""
    domain: str = ""
    """The zone that applications are called by; with it the stack runs the service, without it the tables alone."""
    owner: str = "platform-team"


def write(answers: Answers, project: Path) -> Path:
    """Write `Pulumi.<stack>.yaml`.

    Raises:
        OpsError: it exists, or an answer has no sense.
        SettingsError: what it would hold is not valid; nothing is written.
    """
    path = project / f"Pulumi.{answers.stack}.yaml"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", answers.stack):
        raise OpsError(
            f"{answers.stack!r} cannot name a stack", fix="write letters, digits and hyphens", code=Exit.USAGE
        )
    if path.exists():
        raise OpsError(f"{path.name} exists already", fix="choose another name, or change that file", code=Exit.USAGE)
    document = {"config": {"pulumi:disable-default-providers": ["*"], **settings_of(answers)}}
    parse(document["config"], path.name)
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    with path.open("w") as file:
        file.write("# yaml-language-server: $schema=./docs/settings.schema.json\n")
        yaml.dump(document, file)
    return path


def settings_of(answers: Answers) -> dict[str, Any]:
    """The configuration, keyed by full key.

    Raises:
        OpsError: no region, no table, or a table that is not spelled so.
    """
    if not 1 <= len(answers.regions) <= MAX_REGIONS:
        raise OpsError(
            f"{len(answers.regions)} regions",
            fix=f"name between 1 and {MAX_REGIONS}, the home region first: --region us-east-1 --region us-west-2",
            code=Exit.USAGE,
        )
    several = len(answers.regions) > 1
    data: dict[str, Any] = {"tables": dict(_table(one, answers.stack) for one in answers.tables)}
    if not data["tables"]:
        raise OpsError("no table", fix="name one: --table orders:customer_id:order_id", code=Exit.USAGE)
    data["backup"] = {"copy_region": answers.regions[1] if several else copy_region(answers.regions[0])}
    found: dict[str, Any] = {
        "holdfast:stack": {
            "account_id": answers.account,
            "name_prefix": answers.prefix,
            "tags": {
                "Service": answers.stack,
                "Owner": answers.owner,
                "CostCenter": answers.stack,
                "DataClassification": "confidential",
            },
        },
        "holdfast:regions": [
            {"name": name, **({"home": True} if index == 0 else {}), "cidr": f"10.{10 * (index + 1)}.0.0/16"}
            for index, name in enumerate(answers.regions)
        ],
        "holdfast:network": {},
        "holdfast:security": {},
        "holdfast:data": data,
        "holdfast:monitoring": {},
        "holdfast:runtime": {"failover": several},
    }
    if answers.domain:
        found["holdfast:compute"] = {}
        found["holdfast:recovery"] = {"dns": {"zone": answers.domain, "routing": ["failover", "latency"]}}
    return found


def copy_region(region: str) -> str:
    """Where one region's backups are copied: another one of its continent, so that residency is kept."""
    near = {"us": ("us-west-2", "us-east-1"), "eu": ("eu-west-1", "eu-central-1"), "ca": ("ca-central-1", "ca-west-1")}
    pair = near.get(region.partition("-")[0], ("ap-southeast-1", "ap-northeast-1"))
    return next(one for one in pair if one != region)


def _table(word: str, stack: str) -> tuple[str, dict[str, Any]]:
    found = _TABLE.fullmatch(word)
    if found is None:
        raise OpsError(
            f"--table {word!r}",
            why="it must be NAME:PARTITION_KEY or NAME:PARTITION_KEY:SORT_KEY",
            fix="write for example orders:customer_id:order_id",
            code=Exit.USAGE,
        )
    table: dict[str, Any] = {"name": f"{found['name']}-{stack}", "partition_key": {"name": found["hash"]}}
    if found["range"]:
        table["sort_key"] = {"name": found["range"]}
    return found["name"], table


def ask(question: str, given: str | None, default: str, *, asking: bool) -> str:
    """An answer: what was given, else what is typed, else the default."""
    if given or not asking:
        return given or default
    shown = f" [{default}]" if default else ""
    return input(f"{question}{shown}: ").strip() or default


def split(given: Sequence[str] | None, question: str, default: str, *, asking: bool) -> tuple[str, ...]:
    """Several answers, with spaces between where they are typed."""
    return tuple(given) if given else tuple(ask(question, None, default, asking=asking).split())
