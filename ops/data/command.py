"""`holdfast data compare`, `copy` and `repair`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ops.data.access import Pair, open_pair
from ops.data.compare import EXTRA, Comparer, Comparison
from ops.data.copy import Bookmarks, Copier, put
from ops.data.progress import Meter
from ops.data.scan import Rate

if TYPE_CHECKING:
    from ops.console import Output

SHOWN = 20
"""Differences that are shown to a person; --json has them all."""


def compare(pair: Pair, output: Output, *, rate: float | None) -> Comparison:
    """Compare, and show what differs."""
    started = time.monotonic()
    found = _compare(pair, output, rate)
    _tell(found, output, time.monotonic() - started)
    return found


def _compare(pair: Pair, output: Output, rate: float | None) -> Comparison:
    meter = Meter(output, what="compared", expected=2 * _count(pair))
    comparer = Comparer(pair.clients, table=pair.table, key_names=pair.key_names, rate=Rate(rate), progress=meter)
    return comparer.run(pair.source, pair.target)


def copy(
    pair: Pair, output: Output, *, rate: float | None, version: str | None, overwrite: bool, yes: bool
) -> dict[str, Any]:
    """Copy the items of a table from the source to the target."""
    path = pair.workspace.root / "operations" / f"copy-{pair.table}-{pair.source}-{pair.target}.json"
    bookmarks = Bookmarks(path, {"table": pair.table, "source": pair.source, "target": pair.target})
    if bookmarks.resumed:
        output.say("going on where an earlier copy stopped")
    meaning = "overwriting what is there" if overwrite else "keeping what is there"
    output.confirm(f"Copy table {pair.table} from {pair.source} to {pair.target}, {meaning}?", yes=yes)
    meter = Meter(output, what="copied", expected=_count(pair))
    copier = Copier(
        pair.clients, table=pair.table, key_names=pair.key_names, bookmarks=bookmarks,
        version=version, overwrite=overwrite, rate=Rate(rate), progress=meter,
    )  # fmt: skip
    copied = copier.run()
    output.say(f"ok: {copied.read} items read, {copied.written} written, {copied.kept} kept as they were")
    return vars(copied)


def repair(pair: Pair, output: Output, *, rate: float | None, delete: bool, yes: bool) -> dict[str, Any]:
    """Make the target's items equal to the source's where they differ."""
    found = _compare(pair, output, rate)
    _tell(found, output, 0.0)
    extra = [one for one in found.differences if one.kind == EXTRA]
    wrong = [one for one in found.differences if one.kind != EXTRA]
    if not found.differences:
        return {"written": 0, "deleted": 0, "left": 0}
    doing = f"write {len(wrong)} items of {pair.source} over those of {pair.target}"
    if extra:
        doing += (
            f", and delete {len(extra)} that only {pair.target} has" if delete else f"; {len(extra)} extra ones stay"
        )
    output.confirm(f"Repair table {pair.table}: {doing}?", yes=yes)
    source, target = pair.clients
    for one in wrong:
        item = source.get_item(TableName=pair.table, Key=one.key, ConsistentRead=True).get("Item")
        if item is not None:
            put(target, pair.table, item, key=pair.key_names[0], version=None, overwrite=True)
    deleted = extra if delete else []
    for one in deleted:
        target.delete_item(TableName=pair.table, Key=one.key)
    left = len(extra) - len(deleted)
    output.say(f"ok: {len(wrong)} items written, {len(deleted)} deleted, {left} extra ones left")
    return {"written": len(wrong), "deleted": len(deleted), "left": left}


def _count(pair: Pair) -> int:
    table = pair.clients[0].describe_table(TableName=pair.table)["Table"]
    return int(table.get("ItemCount", 0))


def _tell(found: Comparison, output: Output, seconds: float) -> None:
    counts = ", ".join(f"{region} {count:,}" for region, count in found.items.items())
    output.say(f"table {found.table}: {counts} items; {len(found.differences)} differ; {seconds:.1f} s")
    for one in found.differences[:SHOWN]:
        output.say(f"  {one.kind}: {one.key}")
    if len(found.differences) > SHOWN:
        output.say(f"  and {len(found.differences) - SHOWN} more (--json lists them all)")


__all__ = ["compare", "copy", "open_pair", "repair"]
