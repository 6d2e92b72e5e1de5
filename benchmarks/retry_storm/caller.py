"""One client in a process of its own: `python caller.py KIND URL RATE SECONDS`; prints what came of its calls, as JSON.

Calls arrive at a fixed rate whatever becomes of them, each in a thread of its own. A call is good when it is answered
within `PATIENCE_SECONDS` of its arrival, while the storm lasts. KIND is `holdfast` or one of boto3's retry modes.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_SECONDS = 5.0
"""The default deadline of a call of holdfast; boto3 has none, so that of its calls a late answer is not counted."""
CONNECTIONS = 1_000
KEY = {"pk": {"S": "a"}}


def holdfast(url: str) -> Callable[[], object]:
    from holdfast import Client  # noqa: PLC0415 - a process has one client, and imports no other

    logging.getLogger("holdfast").setLevel(logging.CRITICAL)
    table = Client(endpoint_url=url, max_connections=CONNECTIONS).table("t")
    return lambda: table.get({"pk": "a"})


def boto3(url: str, mode: str) -> Callable[[], object]:
    import boto3 as sdk  # noqa: PLC0415 - the same
    from botocore.config import Config  # noqa: PLC0415

    config = Config(retries={"mode": mode}, max_pool_connections=CONNECTIONS)  # type: ignore[arg-type]
    client = sdk.client("dynamodb", endpoint_url=url, config=config)
    return lambda: client.get_item(TableName="t", Key=KEY)


def storm(call: Callable[[], object], rate: float, seconds: float) -> dict[str, int]:
    good, failed = [], []
    started = time.monotonic()
    ends = started + seconds

    def one(arrived: float) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - every failure of a call counts alike
            failed.append(type(error).__name__)
        else:
            now = time.monotonic()
            if now <= min(ends, arrived + PATIENCE_SECONDS):
                good.append(now)

    made = 0
    while (arrives := started + made / rate) < ends:
        time.sleep(max(0.0, arrives - time.monotonic()))
        if time.monotonic() >= ends:
            break
        threading.Thread(target=one, args=(arrives,), daemon=True).start()
        made += 1
    time.sleep(max(0.0, ends - time.monotonic()))
    return {"made": made, "good": len(good), "failed": len(failed)}


def main() -> None:
    kind, url, rate, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
    threading.stack_size(256 * 1024)
    call = holdfast(url) if kind == "holdfast" else boto3(url, kind)
    call()  # connections, models and credentials are no part of a storm
    sys.stdin.readline()
    print(json.dumps(storm(call, rate, seconds)), flush=True)
    os._exit(0)  # calls that are still waiting would keep the process for a minute


if __name__ == "__main__":
    main()
