"""What compiling the pure cores with mypyc would bring: `compiled.py PURE COMPILED`, two folders that hold `holdfast`.

Each round measures both in processes of their own, one after the other; the least of the rounds is shown. How the
second folder is made is in docs/runtime/performance.md.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROUNDS = 6
PROGRAM = """
import json, sys, time
sys.path[:0] = [sys.argv[1], sys.argv[2]]
import orjson
import adapters, stub
from holdfast import values
from holdfast._core.sigv4 import Credentials, RequestSigner
from holdfast.expressions import Attr, Key, Placeholders

def least(function, calls=200, repeats=25):
    best = 1e9
    for _ in range(repeats):
        started = time.process_time()
        for _ in range(calls):
            function()
        best = min(best, (time.process_time() - started) / calls)
    return best * 1e6

item = orjson.loads(stub.ANSWERS[b"GetItem"].partition(b"\\r\\n\\r\\n")[2])["Item"]
page = orjson.loads(stub.ANSWERS[b"Query"].partition(b"\\r\\n\\r\\n")[2])["Items"]
signer = RequestSigner(host="dynamodb.us-east-1.amazonaws.com", path="/", region="us-east-1", user_agent="u")
credentials = Credentials("AKIDEXAMPLE", "secret")
now = time.time()
condition = (Attr("status") == "pending") & (Attr("total") > 5) & Attr("gone").not_exists()
print(json.dumps({
    "encode an item of 14 attributes": least(lambda: values.encode_item(adapters.ITEM)),
    "decode it": least(lambda: values.decode_item(item)),
    "decode 100 of them": least(lambda: [values.decode_item(one) for one in page], 4, 15),
    "sign a request": least(lambda: signer.request("GetItem", b"{}", now, lambda: credentials)),
    "a condition of three parts": least(lambda: condition.render(Placeholders())),
}))
"""


def main() -> None:
    folders = sys.argv[1:3]
    best: list[dict[str, float]] = [{}, {}]
    for _ in range(ROUNDS):
        for found, folder in zip(best, folders, strict=True):
            run = subprocess.run(
                [sys.executable, "-c", PROGRAM, folder, str(Path(__file__).parent)],
                capture_output=True,
                text=True,
                check=True,
                timeout=120,
            )
            for stage, taken in json.loads(run.stdout).items():
                found[stage] = min(taken, found.get(stage, taken))
    print("| Stage | pure, µs | compiled, µs | less by |\n|---|---|---|---|")
    for stage, pure in best[0].items():
        compiled = best[1][stage]
        print(f"| {stage} | {pure:.1f} | {compiled:.1f} | {(1 - compiled / pure) * 100:.0f} % |")


if __name__ == "__main__":
    main()
