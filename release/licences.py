"""Says which installed package has a licence that `licences.toml` does not allow: `python release/licences.py`."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import Distribution, distributions
from pathlib import Path


def licence(package: Distribution) -> str:
    """What the package states: the expression, else its classifiers, else the old field."""
    meta = package.metadata
    expression = meta.get("License-Expression")
    if expression:
        return str(expression)
    classifiers = [
        line.rpartition(" :: ")[2] for line in meta.get_all("Classifier") or () if line.startswith("License :: ")
    ]
    named = [one for one in classifiers if one != "OSI Approved"]
    return " AND ".join(named) or str(meta.get("License") or "").partition("\n")[0] or "none stated"


def refused(expression: str, allowed: set[str]) -> bool:
    """Whether an expression needs a licence that is not allowed; of `OR` one suffices, of `AND` all are needed."""
    choices = re.split(r"\s+OR\s+", expression)
    return not any(
        all(part.strip(" ()") in allowed or part.strip() in allowed for part in re.split(r"\s+AND\s+|;\s*", choice))
        for choice in choices
    )


def main() -> int:
    """Look at everything that is installed beside this interpreter."""
    rules = tomllib.loads((Path(__file__).parent / "licences.toml").read_text())
    allowed, ignored = set(rules["allowed"]), set(rules["ignored"])
    found = {str(package.metadata["Name"]): licence(package) for package in distributions()}
    wrong = {name: said for name, said in found.items() if name not in ignored and refused(said, allowed)}
    for name, said in sorted(wrong.items()):
        print(
            f"{name}: {said!r} is not allowed: take another package, or allow it in release/licences.toml",
            file=sys.stderr,
        )
    print(f"{len(found)} packages, {len(wrong)} with a licence that is not allowed")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
