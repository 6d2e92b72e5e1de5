"""What the admin API can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.cloud.errors import SandboxError
from sandbox.cloud.redis import RedisOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.cloud.supervisor.admin import Action
    from sandbox.cloud.supervisor.supervisor import Supervisor


class Actions:
    """The actions over one supervisor."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    def table(self) -> Mapping[str, Action]:
        """Method and path → action."""
        return {
            "GET /status": self.status,
            "POST /stop": self.stop,
            "POST /regions": self.regions,
            "POST /faults": self.fault,
            "DELETE /faults": self.heal,
            "GET /replication": self.replication,
            "PUT /replication": self.set_lag,
            "POST /services": self.start_service,
            "DELETE /services": self.stop_service,
            "PUT /edge": self.start_edge,
            "GET /edge": self.edge,
            "PUT /names": self.start_names,
            "GET /names": self.names,
            "POST /dax": self.start_dax,
            "DELETE /dax": self.stop_dax,
            "DELETE /dax/node": self.kill_dax_node,
            "POST /redis": self.start_redis,
            "DELETE /redis": self.stop_redis,
            "PUT /authorization": self.authorize,
            "POST /marks": self.mark,
            "GET /marks": self.marked,
            "DELETE /marks": self.unmark,
        }

    async def status(self, _: dict[str, Any]) -> Any:
        """Everything about the sandbox."""
        return self._supervisor.describe()

    async def stop(self, _: dict[str, Any]) -> Any:
        """Begin to stop."""
        self._supervisor.request_stop()
        return {}

    async def regions(self, parameters: dict[str, Any]) -> Any:
        """Open the gateways of regions that were not there at the start."""
        for region in parameters["regions"]:
            await self._supervisor.open_region(region)
        self._supervisor.write()
        return {}

    async def fault(self, parameters: dict[str, Any]) -> Any:
        """Let a region fail."""
        region = self._supervisor.require_region(parameters.pop("region"))
        fault = self._supervisor.faults.add(region, parameters.pop("kind"), **parameters)
        # Whoever asked may rely on it: replication knows before the answer.
        await self._supervisor.tell_partition()
        return {"id": fault.id}

    async def heal(self, parameters: dict[str, Any]) -> Any:
        """End faults."""
        healed = self._supervisor.faults.heal(parameters.get("region"), parameters.get("id"))
        await self._supervisor.tell_partition()
        return {"healed": healed}

    async def replication(self, _: dict[str, Any]) -> Any:
        """Lag and backlog of every pair of regions."""
        return await self._supervisor.dynamodb.ask("replication")

    async def set_lag(self, parameters: dict[str, Any]) -> Any:
        """Set the replication lag of pairs of regions."""
        for name in ("source", "target"):
            if parameters.get(name) is not None:
                self._supervisor.require_region(parameters[name])
        seconds = parameters["seconds"]
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
            raise ValueError(f"the lag is {seconds!r}; write seconds of at least 0")
        return await self._supervisor.dynamodb.ask("lag", regions=list(self._supervisor.gateways), **parameters)

    async def start_service(self, parameters: dict[str, Any]) -> Any:
        """Start a service of a region."""
        url = await self._supervisor.services.start(
            parameters["name"],
            parameters["region"],
            parameters["argv"],
            parameters["env"],
            port=parameters.get("port"),
            ready_path=parameters.get("ready_path", "/health"),
            cwd=parameters.get("cwd"),
        )
        self._supervisor.write()
        return {"url": url}

    async def start_edge(self, parameters: dict[str, Any]) -> Any:
        """Serve the API and the functions of a region."""
        region = self._supervisor.require_region(parameters["region"])
        await self._supervisor.edges.start(region, parameters["document"])
        edges = self._supervisor.edges
        return {"front": edges.fronts[region], "port": edges.port}

    async def edge(self, parameters: dict[str, Any]) -> Any:
        """Figures of a region's functions."""
        return await self._supervisor.edges.figures(parameters["region"])

    async def start_names(self, parameters: dict[str, Any]) -> Any:
        """Answer names by health checks."""
        aws_port = self._supervisor.parts["aws"].ready["port"]
        return await self._supervisor.edges.start_names(parameters["document"], aws_port)

    async def names(self, _: dict[str, Any]) -> Any:
        """The state of every health check."""
        return await self._supervisor.edges.names()

    async def stop_service(self, parameters: dict[str, Any]) -> Any:
        """Stop a service of a region."""
        stopped = await self._supervisor.services.stop(f"{parameters['name']}@{parameters['region']}")
        return {"stopped": stopped}

    async def start_dax(self, parameters: dict[str, Any]) -> Any:
        """Start the DAX cluster of a region."""
        region = self._supervisor.require_region(parameters.pop("region"))
        return await self._supervisor.start_dax(region, **parameters)

    async def stop_dax(self, parameters: dict[str, Any]) -> Any:
        """Stop the DAX cluster of a region."""
        return {"stopped": await self._supervisor.stop_dax(parameters["region"])}

    async def kill_dax_node(self, parameters: dict[str, Any]) -> Any:
        """Take a node of a DAX cluster away."""
        cluster = self._supervisor.dax.get(parameters["region"])
        if cluster is None:
            raise SandboxError(f"there is no DAX cluster in {parameters['region']}; start one first")
        cluster.kill_node(parameters["node"])
        self._supervisor.write()
        return {}

    async def start_redis(self, parameters: dict[str, Any]) -> Any:
        """Start the Redis cluster of a region."""
        region = self._supervisor.require_region(parameters.pop("region"))
        return await self._supervisor.start_redis(region, RedisOptions(**parameters))

    async def stop_redis(self, parameters: dict[str, Any]) -> Any:
        """Stop the Redis cluster of a region."""
        return {"stopped": await self._supervisor.stop_redis(parameters["region"])}

    async def authorize(self, parameters: dict[str, Any]) -> Any:
        """Turn authorization on or off."""
        self._supervisor.authorize(enabled=bool(parameters["enabled"]))
        return {}

    async def mark(self, parameters: dict[str, Any]) -> Any:
        """Remember which URN made an object."""
        self._supervisor.marks[parameters["urn"]] = {"type": parameters["type"], "id": parameters["id"]}
        self._supervisor.once.forget(parameters["urn"])
        return {}

    async def marked(self, parameters: dict[str, Any]) -> Any:
        """The object that a URN made; every mark where no URN is given."""
        if "urn" not in parameters:
            return self._supervisor.marks
        return self._supervisor.marks.get(parameters["urn"])

    async def unmark(self, parameters: dict[str, Any]) -> Any:
        """Forget a mark."""
        self._supervisor.marks.pop(parameters["urn"], None)
        self._supervisor.once.forget(parameters["urn"])
        return {}
