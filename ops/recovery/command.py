"""`holdfast restore`: which of its three things was asked for."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ops.errors import OpsError
from ops.exits import Exit
from ops.recovery.backups import open_stack
from ops.recovery.restore import items, restore, verify
from ops.recovery.sources import Source

if TYPE_CHECKING:
    from ops.console import Output
    from ops.data.digest import Item
    from ops.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the command line says."""

    table: str
    target: str | None
    at: str | None
    backup: str | None
    export: str | None
    role: str | None
    verify: bool
    keys: tuple[str, ...]
    overwrite: bool
    region: str | None
    yes: bool


def carry_out(wish: Wish, *, stack: str | None, topology: str | None, output: Output) -> bool:
    """Restore, verify or bring items back; False where a verified copy differs.

    Raises:
        OpsError: options that do not go together, or what DynamoDB refuses.
    """
    estate = open_stack(stack, topology)
    source = Source(
        table=wish.table, region=wish.region, at=wish.at, backup=wish.backup, export=wish.export, role=wish.role
    )
    if wish.verify:
        started = datetime.now(UTC)
        found, done = verify(estate, source, output)
        if estate.workspace is not None:
            _keep(estate.workspace, {"ok": found.equal, "table": wish.table, "started": started.isoformat()})
        output.result({"ok": found.equal, **done, **asdict(found)})
        return found.equal
    if wish.target is None:
        raise OpsError(
            "restore what into which table?",
            fix="name the new table with --as, or verify with --verify",
            code=Exit.USAGE,
        )
    if wish.keys:
        keys = [_key(text) for text in wish.keys]
        output.confirm(f"Bring {len(keys)} items of {wish.target} back into {wish.table}?", yes=wish.yes)
        counts = items(estate, source, wish.target, keys, overwrite=wish.overwrite)
        output.say(f"ok: {counts['written']} items written, {counts['kept']} kept as they were")
        output.result({"ok": True, **counts})
        return True
    output.result({"ok": True, **restore(estate, source, wish.target, output)})
    return True


def _keep(workspace: Workspace, shown: dict[str, Any]) -> None:
    """The evidence of a restore that was practised; no item is in it."""
    folder = workspace.evidence / "restores"
    folder.mkdir(parents=True, exist_ok=True)
    name = shown["started"].translate({ord(one): None for one in ":-+."})
    (folder / f"{name}.json").write_text(json.dumps(shown, indent=2))


def _key(text: str) -> Item:
    try:
        key: Item = json.loads(text)
        if all(isinstance(value, dict) and len(value) == 1 for value in key.values()):
            return key
    except (ValueError, AttributeError):
        pass
    raise OpsError(
        f"--item {text!r} is no key",
        fix="""write it in DynamoDB's form, such as '{"customer_id": {"S": "c-1"}, "order_id": {"S": "ORD_1"}}'""",
        code=Exit.USAGE,
    )
