"""The cache layer of one region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awsfacts import dax as facts
from components.base.layer import Component
from components.cache.dax import Dax
from components.cache.outputs import CacheOutputs
from components.cache.redis import Redis

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from components.network.outputs import NetworkOutputs
    from components.security.outputs import SecurityOutputs
    from settings import Settings
    from settings.cache import CacheSettings


class CacheLayer(Component):
    """DAX and Redis in front of one region's tables."""

    layer = "cache"

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        cache: CacheSettings,
        settings: Settings,
        network: NetworkOutputs,
        security: SecurityOutputs,
        place: Place,
        global_datastore: pulumi.Output[str] | None,
    ) -> None:
        super().__init__(name, opts)
        dax = redis = None
        if cache.dax is not None and place.region in facts.REGIONS:
            dax = Dax(
                f"{place.region}-dax",
                self.child(),
                dax=cache.dax,
                tables=_cached_tables(cache.dax.tables, settings, place),
                network=network,
                security=security,
                place=place,
            )
        if cache.redis is not None:
            redis = Redis(
                f"{place.region}-redis",
                self.child(),
                redis=cache.redis,
                network=network,
                security=security,
                place=place,
                follows=global_datastore,
            )
        self.outputs = CacheOutputs(
            dax_endpoint=dax.endpoint if dax else None,
            dax_cluster=dax.cluster_name if dax else None,
            redis_endpoint=redis.endpoint if redis else None,
            redis_nodes=redis.nodes if redis else (),
            global_datastore=redis.global_datastore if redis else None,
        )
        self.done()


def _cached_tables(chosen: tuple[str, ...], settings: Settings, place: Place) -> list[str]:
    """Physical names of the tables behind DAX that exist in the region; a strongly consistent one is not cached."""
    tables = settings.data.tables if settings.data else {}
    return [
        tables[logical].name
        for logical in settings.tables_in(place.region)
        if (not chosen or logical in chosen) and tables[logical].consistency == "eventual"
    ]
