"""Builds both distributions from what is committed, and tests what was built: `release/build.py dist [--tag v1.2.3]`.

Each wheel is installed alone into an environment of its own and imported there; a file that is missing from a wheel,
or a dependency that it does not name, is found here and not by a user.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = {"runtime": "holdfast", "policies": "holdfast_policies"}
"""Folder → the module that its wheel must give."""
MADE = ("*.whl", "*.tar.gz", "*.cdx.json", "SHA256SUMS")
"""What a release is."""
SMOKE = {
    "holdfast": (
        "from holdfast.testing import MemoryRegions; import holdfast, holdfast.errors, holdfast.resilience;"
        "print('holdfast', holdfast.__version__)"
    ),
    "holdfast_policies": (
        "from holdfast_policies.packs import all_rules; assert len(all_rules()) > 100;"
        "print('holdfast_policies', len(all_rules()), 'rules')"
    ),
}


def main() -> int:
    """Build, test, and write what is needed beside the distributions."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--tag", help="the version tag that is released; it must be the packages' version")
    options = parser.parse_args()
    output: Path = options.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    # The packages of functions are made in the same folder, and stay.
    for pattern in MADE:
        for stale in output.glob(pattern):
            stale.unlink()
    with tempfile.TemporaryDirectory(prefix="holdfast-release-") as folder:
        tree = Path(folder, "tree")
        archive = Path(folder, "tree.tar")
        _run(["git", "archive", "--output", str(archive), "HEAD"], cwd=ROOT)
        with tarfile.open(archive) as tar:
            tar.extractall(tree, filter="data")
        for package, module in PACKAGES.items():
            version = tomllib.loads((tree / package / "pyproject.toml").read_text())["project"]["version"]
            if options.tag and options.tag != f"v{version}":
                print(
                    f"{package}/pyproject.toml: version {version} is not that of the tag {options.tag}", file=sys.stderr
                )
                return 1
            _run([sys.executable, "-m", "build", "--outdir", str(output), str(tree / package)])
            (wheel,) = output.glob(f"{module}-{version}-*.whl")
            _try(wheel, module, Path(folder, f"try-{module}"))
        _run([sys.executable, "-m", "cyclonedx_py", "requirements", str(tree / "requirements" / "service.txt"),
              "--output-reproducible", "--of", "JSON", "-o", str(output / "service.cdx.json")])  # fmt: skip
    made = sorted(file for pattern in MADE[:3] for file in output.glob(pattern))
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}" for file in made]
    (output / "SHA256SUMS").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    return 0


def _try(wheel: Path, module: str, folder: Path) -> None:
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)])
    _run([str(python), "-I", "-c", SMOKE[module]], cwd=folder)


def _run(words: list[str], cwd: Path | None = None) -> None:
    subprocess.run(words, cwd=cwd, check=True)


if __name__ == "__main__":
    raise SystemExit(main())
