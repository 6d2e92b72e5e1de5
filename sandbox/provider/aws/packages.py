"""Deployment packages of Lambda: code from files, folders and texts as one archive."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from sandbox.codec import Archive, Asset
from sandbox.provider.context import Context
from sandbox.provider.faults import ProviderError
from sandbox.provider.resource import Properties


def zipped(context: Context, code: object) -> bytes:
    """The deployment package of a code archive, with fixed times so that equal code has equal bytes."""
    if isinstance(code, Asset | Archive) and code.path is not None and Path(code.path).is_file():
        return Path(code.path).read_bytes()
    files: dict[str, bytes] = {}
    _collect(context, "", code, files)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), files[name])
    return buffer.getvalue()


def _collect(context: Context, prefix: str, code: object, files: dict[str, bytes]) -> None:
    if isinstance(code, Asset) and code.text is not None:
        files[prefix] = code.text.encode()
    elif isinstance(code, Asset | Archive) and code.path is not None:
        root = Path(code.path)
        if root.is_file():
            files[prefix] = root.read_bytes()
        for file in sorted(root.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                files[str(Path(prefix) / file.relative_to(root))] = file.read_bytes()
    elif isinstance(code, Archive) and code.assets is not None:
        for name, item in code.assets.items():
            _collect(context, str(Path(prefix) / name), item, files)
    else:
        raise ProviderError(f"{context.name}: the sandbox takes function code from texts, files and folders only")


def code(context: Context, inputs: Properties) -> dict[str, Any]:
    """Where the code of a function or layer comes from, as Lambda's API takes it."""
    if inputs.get("code") is not None:
        return {"ZipFile": zipped(context, inputs["code"])}
    if inputs.get("imageUri"):
        return {"ImageUri": inputs["imageUri"]}
    return {"S3Bucket": inputs.get("s3Bucket"), "S3Key": inputs.get("s3Key")}
