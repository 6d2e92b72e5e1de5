"""Restoring: to a moment, from a backup, single items out of a restored table; and verifying a restore."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ops.data.access import find_table, key_names
from ops.data.compare import Comparison
from ops.data.copy import put
from ops.data.verify import compare_tables
from ops.errors import OpsError
from ops.estate.control import require_known
from ops.exits import Exit
from ops.recovery.sources import begin, require_name

if TYPE_CHECKING:
    from holdfast.topology import Table
    from ops.console import Output
    from ops.data.digest import Item
    from ops.estate.access import Estate
    from ops.recovery.sources import Source


def restore(estate: Estate, source: Source, target: str, output: Output) -> dict[str, Any]:
    """Restore into a new table and wait until it serves. The table that is in use is never touched.

    Raises:
        OpsError: an unknown table, region or source; the name is taken; or it does not become active.
    """
    require_known(estate, [source.region])
    region = source.region or estate.topology.home_region
    table = find_table(estate, source.table)
    source.require_sound()
    require_name(target)
    started = time.monotonic()
    output.say(f"restoring {table.name} into {target} in {region}")
    begin(estate, source, region=region, table=table.name, target=target, say=output.say)
    seconds = round(time.monotonic() - started, 2)
    output.say(f"ok: {target} serves after {seconds:.1f} s; replicas, alarms, TTL and recovery of its own it has none")
    return {"region": region, "table": table.name, "target": target, "seconds": seconds}


def verify(estate: Estate, source: Source, output: Output) -> tuple[Comparison, dict[str, Any]]:
    """Restore into a table of its own, compare every item with the source, and clean up.

    Items that were written after the moment differ by nature: verify a quiet table, or judge what is listed.

    Raises:
        OpsError: as `restore`.
    """
    table = find_table(estate, source.table)
    target = f"{table.name}-verify-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    region = source.region or estate.topology.home_region
    client = estate.client("dynamodb", region)
    done = restore(estate, source, target, output)
    try:
        found = compare_tables(client, table.name, target, key_names=key_names(table))
    finally:
        client.delete_table(TableName=target)
        output.say(f"table {target} is deleted again")
    counts = ", ".join(f"{name} {count:,}" for name, count in found.items.items())
    output.say(f"{counts} items; {len(found.differences)} differ")
    for one in found.differences[:20]:
        output.say(f"  {one.kind}: {one.key}")
    return found, done


def items(estate: Estate, source: Source, restored: str, keys: list[Item], *, overwrite: bool) -> dict[str, Any]:
    """Bring single items back from a restored table.

    Raises:
        OpsError: a key is none of the table's, there is no such restored table, or it lacks one of them.
    """
    require_known(estate, [source.region])
    require_name(restored)
    region = source.region or estate.topology.home_region
    table, client = find_table(estate, source.table), estate.client("dynamodb", region)
    _require_keys(table, keys)
    written, kept = 0, 0
    for key in keys:
        try:
            item = client.get_item(TableName=restored, Key=key, ConsistentRead=True).get("Item")
        except client.exceptions.ResourceNotFoundException:
            raise OpsError(
                f"{region} has no table {restored!r} to bring items back from",
                fix=f"restore it first: holdfast restore {source.table} --as {restored}",
                code=Exit.USAGE,
            ) from None
        if item is None:
            raise OpsError(
                f"{restored} has no item {key}",
                why=f"{written} items were brought back before it",
                fix="restore an earlier moment that has it, with --at",
            )
        stored = put(client, table.name, item, key=key_names(table)[0], version=None, overwrite=overwrite)
        written, kept = written + stored, kept + (not stored)
    return {"written": written, "kept": kept}


def _require_keys(table: Table, keys: list[Item]) -> None:
    """Stop before the first item where a key does not have the attributes of the table's, of their types."""
    attributes = (table.partition_key, *((table.sort_key,) if table.sort_key else ()))
    wanted = {one.name: one.type for one in attributes}
    example = json.dumps({name: {kind: "…"} for name, kind in wanted.items()}, ensure_ascii=False)
    for key in keys:
        if {name: next(iter(value)) for name, value in key.items()} != wanted:
            raise OpsError(
                f"--item {json.dumps(key)} is no key of {table.name}",
                why=f"its key is {' and '.join(f'{name} ({kind})' for name, kind in wanted.items())}",
                fix=f"write for example '{example}'",
                code=Exit.USAGE,
            )
