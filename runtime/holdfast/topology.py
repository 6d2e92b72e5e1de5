"""What the runtime and the command know of a stack: which regions serve which tables, and where.

The program writes a topology as a stack output and as a parameter in every region; a client reads it
from a file, from that parameter, or from the environment. It is plain data with a version, so that a
region boots without asking another one.
"""

from __future__ import annotations

import json
import types
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

VERSION = 1
"""The version of the document. A reader refuses a newer one; it is raised when a field changes its meaning."""

KeyType = Literal["S", "N", "B"]
PACKED = "gzip+base64:"
"""What a document begins with that is compressed: a parameter of Systems Manager holds 4 KB."""

Consistency = Literal["eventual", "strong"]
Projection = Literal["ALL", "KEYS_ONLY", "INCLUDE"]
_T = TypeVar("_T")
_MAPPINGS = frozenset({"tables", "keys", "experiments", "endpoints"})
_NOTHING: Mapping[Any, Any] = types.MappingProxyType({})


class TopologyError(ValueError):
    """A topology document that cannot be used; the message says where, what and what to write instead."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """One attribute of a key schema: its name and its DynamoDB type (string, number or binary)."""

    name: str
    type: KeyType = "S"


@dataclass(frozen=True, kw_only=True)
class Index:
    """A global secondary index of a table."""

    name: str
    partition_key: Key
    sort_key: Key | None = None
    projection: Projection = "ALL"


@dataclass(frozen=True, kw_only=True)
class Homes:
    """Which region each key of a table is at home in: where its writes go while that region serves."""

    spread: tuple[str, ...]
    """Regions over which keys are spread: CRC-32 of the partition key's UTF-8, modulo their number."""
    prefixes: tuple[tuple[str, str], ...] = ()
    """Beginnings of partition keys, and the region of keys that have them; the longest that fits counts."""

    def of(self, key: str) -> str:
        """The home region of a partition key."""
        fits = [(len(prefix), region) for prefix, region in self.prefixes if key.startswith(prefix)]
        return max(fits)[1] if fits else self.spread[zlib.crc32(key.encode()) % len(self.spread)]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as it stands in one region. A global table has the same name in each."""

    name: str
    arn: str
    partition_key: Key
    sort_key: Key | None = None
    consistency: Consistency = "eventual"
    """`eventual` is MREC (last writer wins), `strong` is MRSC (no transactions, no TTL)."""
    indexes: tuple[Index, ...] = ()
    ttl_attribute: str | None = None
    homes: Homes | None = None
    """None: any region takes the writes of any key."""


@dataclass(frozen=True, kw_only=True)
class Region:
    """One region of a stack. Mappings are keyed by the logical name used in the stack file."""

    name: str
    tables: Mapping[str, Table] = field(default_factory=lambda: _NOTHING)
    control_table: str | None = None
    """Name of the global table that carries the evacuation flags (key `scope`)."""
    keys: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    """ARN of the customer-managed key of each purpose (`data`, `logs`, `backup`, `evidence`) in this region."""
    dax_endpoint: str | None = None
    redis_endpoint: str | None = None
    experiments: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    """ARN of the FIS experiment template of each drill, by the drill's name."""
    endpoints: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    """Endpoint overrides by botocore service name. Empty in AWS; the sandbox fills it."""


@dataclass(frozen=True, kw_only=True)
class Topology:
    """A stack as the runtime sees it. `regions` is in order of preference after the home region."""

    stack: str
    home_region: str
    regions: Mapping[str, Region]
    failover: bool = False
    """Whether clients of this stack may serve from another region when theirs does not answer."""
    runtime: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: _NOTHING)
    """How clients connect, retry and leave a region: sections and names as in `holdfast:runtime` of the stack file
    (`{"breaker": {"reset_seconds": 60}}`). What a client does not find here has its own default."""
    objectives: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    """What the stack promises itself: `rto_seconds` and `rpo_seconds`. Empty where it says nothing."""
    version: int = VERSION

    @property
    def home(self) -> Region:
        """The home region."""
        return self.regions[self.home_region]

    def region(self, name: str) -> Region:
        """The region of that name.

        Raises:
            TopologyError: the stack has no such region.
        """
        try:
            return self.regions[name]
        except KeyError:
            raise TopologyError(
                f"stack {self.stack!r} has no region {name!r}; it has {', '.join(self.regions)}"
            ) from None

    def with_endpoints(self, endpoints: Mapping[str, Mapping[str, str]]) -> Topology:
        """The same topology with endpoint overrides: region name → botocore service name → URL."""
        regions = {
            name: replace(region, endpoints={**region.endpoints, **endpoints.get(name, {})})
            for name, region in self.regions.items()
        }
        return replace(self, regions=regions)

    def to_dict(self) -> dict[str, Any]:
        """The document as plain JSON data; `from_dict` reads it back exactly."""
        regions = {
            name: {
                **{key: value for key, value in vars(region).items() if key not in _MAPPINGS},
                "tables": {logical: asdict(table) for logical, table in region.tables.items()},
                "keys": dict(region.keys),
                "experiments": dict(region.experiments),
                "endpoints": dict(region.endpoints),
            }
            for name, region in self.regions.items()
        }
        return {
            "version": self.version,
            "stack": self.stack,
            "home_region": self.home_region,
            "failover": self.failover,
            "runtime": {section: dict(values) for section, values in self.runtime.items()},
            "objectives": dict(self.objectives),
            # Said apart: what keeps documents may keep the members of an object in an order of its own.
            "order": list(self.regions),
            "regions": regions,
        }

    def to_json(self) -> str:
        """The document as indented JSON text."""
        return json.dumps(self.to_dict(), indent=2)

    @classmethod
    def from_dict(cls, document: Any, *, source: str = "topology") -> Topology:
        """Read a document that `to_dict` wrote.

        Raises:
            TopologyError: the document is of a newer version, incomplete or malformed; `source` names it.
        """
        reader = _Reader(source)
        top = reader.mapping(document, "")
        version = top.get("version")
        if version != VERSION:
            raise TopologyError(
                f"{source}: version is {version!r}, this release reads {VERSION}; "
                "upgrade holdfast where it reads the topology, or deploy the stack again"
            )
        found = reader.mapping(top.get("regions"), "regions")
        order = [name for name in top.get("order") or () if name in found]
        regions = {str(name): reader.region(found[name], f"regions.{name}") for name in dict.fromkeys((*order, *found))}
        home = reader.text(top.get("home_region"), "home_region")
        if home not in regions:
            raise TopologyError(f"{source}: home_region is {home!r}, and regions holds {', '.join(regions) or 'none'}")
        return cls(
            stack=reader.text(top.get("stack"), "stack"),
            home_region=home,
            regions=types.MappingProxyType(regions),
            failover=bool(top.get("failover", False)),
            runtime=reader.numbers(top.get("runtime"), "runtime"),
            objectives=reader.section(top.get("objectives"), "objectives"),
        )

    @classmethod
    def from_json(cls, text: str | bytes, *, source: str = "topology") -> Topology:
        """Read JSON text. Raises `TopologyError` as `from_dict` does, and when the text is not JSON."""
        try:
            document = json.loads(text)
        except ValueError as error:
            raise TopologyError(f"{source}: not JSON: {error}") from None
        return cls.from_dict(document, source=source)

    @classmethod
    def from_text(cls, text: str, *, source: str = "topology") -> Topology:
        """Read JSON text, plain or compressed (`gzip+base64:…`, as a region's parameter holds it).

        Raises:
            TopologyError: as `from_json`, and when the compressed text is damaged.
        """
        if not text.startswith(PACKED):
            return cls.from_json(text, source=source)
        import base64  # noqa: PLC0415 - a file is not compressed
        import gzip  # noqa: PLC0415

        try:
            plain = gzip.decompress(base64.b64decode(text[len(PACKED) :], validate=True))
        except (ValueError, OSError, EOFError, zlib.error) as error:
            raise TopologyError(
                f"{source}: the compressed document is damaged: {error}; deploy the stack again"
            ) from None
        return cls.from_json(plain, source=source)

    @classmethod
    def from_file(cls, path: str | Path) -> Topology:
        """Read a file. Raises `TopologyError` when it is absent, unreadable or malformed."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except OSError as error:
            raise TopologyError(f"{path}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise TopologyError(f"{path}: not JSON: it is no UTF-8 text") from None
        return cls.from_text(text, source=str(path))


class _Reader:
    """Reads the parts of a document; every fault names the source and the path."""

    def __init__(self, source: str) -> None:
        self._source = source

    def _fault(self, path: str, value: object, wanted: str) -> TopologyError:
        return TopologyError(f"{self._source}: {path or 'the document'} is {value!r}; it must be {wanted}")

    def mapping(self, value: object, path: str) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise self._fault(path, value, "an object")
        return value

    def text(self, value: object, path: str) -> str:
        if not isinstance(value, str) or not value:
            raise self._fault(path, value, "a non-empty string")
        return value

    def optional(self, value: object, path: str) -> str | None:
        return None if value is None else self.text(value, path)

    def strings(self, value: object, path: str) -> Mapping[str, str]:
        pairs = self.mapping({} if value is None else value, path)
        return types.MappingProxyType({key: self.text(item, f"{path}.{key}") for key, item in pairs.items()})

    def numbers(self, value: object, path: str) -> Mapping[str, Mapping[str, float]]:
        """Sections of numbers and of true and false."""
        sections = self.mapping({} if value is None else value, path)
        return types.MappingProxyType(
            {section: self.section(values, f"{path}.{section}") for section, values in sections.items()}
        )

    def section(self, value: object, path: str) -> Mapping[str, float]:
        """Numbers and true and false by name; what is absent is empty."""
        values = self.mapping({} if value is None else value, path)
        for name, number in values.items():
            if not isinstance(number, bool | int | float):
                raise self._fault(f"{path}.{name}", number, "a number, true or false")
        return types.MappingProxyType(dict(values))

    def choice(self, value: object, path: str, kind: Any, default: _T) -> _T:
        if value is None:
            return default
        if value not in get_args(kind):
            raise self._fault(path, value, "one of " + ", ".join(get_args(kind)))
        return value  # type: ignore[return-value]

    def key(self, value: object, path: str) -> Key:
        pairs = self.mapping(value, path)
        kind: KeyType = self.choice(pairs.get("type"), f"{path}.type", KeyType, "S")
        return Key(name=self.text(pairs.get("name"), f"{path}.name"), type=kind)

    def optional_key(self, value: object, path: str) -> Key | None:
        return None if value is None else self.key(value, path)

    def index(self, value: object, path: str) -> Index:
        pairs = self.mapping(value, path)
        projection: Projection = self.choice(pairs.get("projection"), f"{path}.projection", Projection, "ALL")
        return Index(
            name=self.text(pairs.get("name"), f"{path}.name"),
            partition_key=self.key(pairs.get("partition_key"), f"{path}.partition_key"),
            sort_key=self.optional_key(pairs.get("sort_key"), f"{path}.sort_key"),
            projection=projection,
        )

    def table(self, value: object, path: str) -> Table:
        pairs = self.mapping(value, path)
        consistency: Consistency = self.choice(pairs.get("consistency"), f"{path}.consistency", Consistency, "eventual")
        indexes = pairs.get("indexes") or ()
        return Table(
            name=self.text(pairs.get("name"), f"{path}.name"),
            arn=self.text(pairs.get("arn"), f"{path}.arn"),
            partition_key=self.key(pairs.get("partition_key"), f"{path}.partition_key"),
            sort_key=self.optional_key(pairs.get("sort_key"), f"{path}.sort_key"),
            consistency=consistency,
            indexes=tuple(self.index(item, f"{path}.indexes[{i}]") for i, item in enumerate(indexes)),
            ttl_attribute=self.optional(pairs.get("ttl_attribute"), f"{path}.ttl_attribute"),
            homes=self.homes(pairs.get("homes"), f"{path}.homes"),
        )

    def homes(self, value: object, path: str) -> Homes | None:
        if value is None:
            return None
        pairs = self.mapping(value, path)
        spread, prefixes = pairs.get("spread"), pairs.get("prefixes") or ()
        if not spread:
            raise self._fault(f"{path}.spread", spread, "a list of regions")
        return Homes(spread=tuple(spread), prefixes=tuple((str(prefix), str(region)) for prefix, region in prefixes))

    def region(self, value: object, path: str) -> Region:
        pairs = self.mapping(value, path)
        tables = self.mapping(pairs.get("tables") or {}, f"{path}.tables")
        return Region(
            name=self.text(pairs.get("name"), f"{path}.name"),
            tables=types.MappingProxyType(
                {logical: self.table(item, f"{path}.tables.{logical}") for logical, item in tables.items()}
            ),
            control_table=self.optional(pairs.get("control_table"), f"{path}.control_table"),
            keys=self.strings(pairs.get("keys"), f"{path}.keys"),
            experiments=self.strings(pairs.get("experiments"), f"{path}.experiments"),
            dax_endpoint=self.optional(pairs.get("dax_endpoint"), f"{path}.dax_endpoint"),
            redis_endpoint=self.optional(pairs.get("redis_endpoint"), f"{path}.redis_endpoint"),
            endpoints=self.strings(pairs.get("endpoints"), f"{path}.endpoints"),
        )
