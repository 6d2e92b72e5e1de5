"""Hashes of assets and archives, by which changes are seen (as the Pulumi engine computes them).

An asset's hash is the SHA-256 of its bytes, that of a file that is an archive too; any other archive's is that of a
bare USTAR stream of its members in name order.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox.codec import Archive, Asset, Output, Secret
from sandbox.engine.errors import EngineError, Unsupported

_BLOCK = 512
_CHECKSUM = slice(148, 156)
_DEVICES = slice(329, 345)
_ARCHIVES = (".tar", ".tgz", ".tar.gz", ".zip", ".jar")


def with_hashes(value: Any, directory: Path) -> Any:
    """The value with every asset and archive hashed; relative paths are the program's. Same object if it has none.

    Raises `EngineError` if a file is not there, `Unsupported` for one that lies behind a URL.
    """
    if isinstance(value, dict):
        new = {key: with_hashes(item, directory) for key, item in value.items()}
        return new if any(new[key] is not item for key, item in value.items()) else value
    if isinstance(value, list):
        items = [with_hashes(item, directory) for item in value]
        return items if any(one is not other for one, other in zip(items, value, strict=True)) else value
    if isinstance(value, (Secret, Output)):
        inner = with_hashes(value.value, directory)
        return value if inner is value.value else replace(value, value=inner)
    if isinstance(value, Asset) and not value.hash:
        return replace(value, hash=hashlib.sha256(_content(value, directory)).hexdigest())
    if isinstance(value, Archive) and not value.hash:
        members = None if value.assets is None else with_hashes(dict(value.assets), directory)
        return replace(value, hash=_archive_hash(value, directory), assets=members)
    return value


def elided(value: Any) -> Any:
    """The value with assets and archives as their hashes alone: how Diff, Update, Delete and Read get them."""
    if isinstance(value, dict):
        return {key: elided(item) for key, item in value.items()}
    if isinstance(value, list):
        return [elided(item) for item in value]
    if isinstance(value, (Secret, Output)):
        return replace(value, value=elided(value.value))
    if isinstance(value, Asset):
        return Asset(hash=value.hash)
    if isinstance(value, Archive):
        return Archive(hash=value.hash)
    return value


def _content(asset: Asset, directory: Path) -> bytes:
    if asset.path is not None:
        path = directory / asset.path
        if path.is_dir():
            raise EngineError(f"{asset.path} is a directory: use a FileArchive, or name a file")
        try:
            return path.read_bytes()
        except OSError as error:
            raise EngineError(f"the asset {asset.path} cannot be read: {error.strerror}") from error
    if asset.uri is not None:
        raise Unsupported(f"the remote asset {asset.uri}", "download it and use a FileAsset")
    return (asset.text or "").encode()


def _archive_hash(archive: Archive, directory: Path) -> str:
    digest = hashlib.sha256()
    if archive.path is not None and (directory / archive.path).is_file() and archive.path.endswith(_ARCHIVES):
        # A file that is an archive counts as it is, whatever is in it.
        digest.update((directory / archive.path).read_bytes())
        return digest.hexdigest()
    for name, content in sorted(_members(archive, directory)):
        digest.update(_header(name, len(content)))
        digest.update(content)
        digest.update(b"\0" * (-len(content) % _BLOCK))
    digest.update(b"\0" * (2 * _BLOCK))
    return digest.hexdigest()


def _header(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size = size
    entry.mode = 0o600
    entry.mtime = 0
    header = bytearray(entry.tobuf(format=tarfile.USTAR_FORMAT))
    # Go's writer fills the device fields of every entry, Python's leaves them empty.
    header[_DEVICES] = b"0000000\0" * 2
    header[_CHECKSUM] = b" " * 8
    header[_CHECKSUM] = b"%06o\0 " % sum(header)
    return bytes(header)


def _members(archive: Archive, directory: Path) -> Iterator[tuple[str, bytes]]:
    if archive.uri is not None:
        raise Unsupported(f"the remote archive {archive.uri}", "download it and use a FileArchive")
    if archive.path is not None:
        yield from _files(directory / archive.path, archive.path)
    for name, member in (archive.assets or {}).items():
        if isinstance(member, Archive):
            for inner, content in _members(member, directory):
                yield f"{name}/{inner}", content
        else:
            yield name, _content(member, directory)


def _files(path: Path, shown: str) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in path.rglob("*"):
            if file.is_file():
                yield file.relative_to(path).as_posix(), file.read_bytes()
        return
    if not path.is_file():
        raise EngineError(f"the archive {shown} is not there")
    if not path.name.endswith(_ARCHIVES):
        raise EngineError(f"{shown} is no archive: name a directory or a file ending in {', '.join(_ARCHIVES)}")
    content = path.read_bytes()
    if path.suffix in (".zip", ".jar"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for entry in packed.infolist():
                if not entry.is_dir():
                    yield entry.filename, packed.read(entry)
        return
    with tarfile.open(fileobj=io.BytesIO(content)) as packed_tar:
        for member in packed_tar:
            file_object = packed_tar.extractfile(member) if member.isfile() else None
            if file_object is not None:
                yield member.name, file_object.read()
