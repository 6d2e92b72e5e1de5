"""Creates and deletes in the cloud so that an interrupted run can be taken up again.

Before an object is made, its URN is marked in the sandbox; once it is made, the mark holds its id. A later create of
the same URN, in a run whose state does not know the object, takes the marked object over instead of making another.
"""

from __future__ import annotations

import threading
from contextlib import nullcontext

from sandbox.provider.cloud import making
from sandbox.provider.context import Context
from sandbox.provider.faults import AlreadyExistsError, PartlyMadeError, ProviderError
from sandbox.provider.recorded import generated_id
from sandbox.provider.resource import Kind, Made, Properties


class Lifecycle:
    """Remembers which ids the engine's state already knows, so that a replacement is never mistaken for an adoption."""

    def __init__(self) -> None:
        self._known: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def seen(self, urn: str, physical_id: str) -> None:
        """Note that the engine's state holds this object."""
        with self._lock:
            self._known.setdefault(urn, set()).add(physical_id)

    def create(self, kind: Kind, context: Context, inputs: Properties) -> Made:
        """Make the resource, or take over the one that an interrupted run made for this URN."""
        identity = kind.identity(context, inputs)
        if kind.handler is None:
            return Made(identity or generated_id(context, kind.id_prefix))
        marks = context.running().marks
        marked = marks.marked(context.urn)
        if marked is not None and marked not in self._known.get(context.urn, set()) and identity in {None, marked}:
            adopted = self._adopt(kind, context, marked, inputs)
            if adopted is not None:
                return adopted
        if identity is not None:
            marks.mark(context.urn, context.token, identity)
        try:
            # An object whose id the cloud draws has no mark before it is made: the gateway remembers its maker instead.
            with making(context.urn) if identity is None else nullcontext():
                made = kind.handler.create(context, inputs)
        except AlreadyExistsError:
            # Somebody else's: the mark must not make the next run take it over.
            marks.unmark(context.urn)
            raise
        except PartlyMadeError as error:
            marks.mark(context.urn, context.token, error.id)
            raise
        if made.id != identity:
            marks.mark(context.urn, context.token, made.id)
        self.seen(context.urn, made.id)
        return made

    def _adopt(self, kind: Kind, context: Context, physical_id: str, inputs: Properties) -> Made | None:
        handler = kind.handler
        if handler is None:
            return None
        observed = handler.read(context, physical_id, inputs)
        if observed is None:
            return None
        outputs = handler.update(context, physical_id, observed, inputs)
        self.seen(context.urn, physical_id)
        return Made(physical_id, {**observed, **inputs, **outputs})

    def update(self, kind: Kind, context: Context, physical_id: str, old: Properties, new: Properties) -> Properties:
        """Update the resource; one that the cloud does not have any more is made again where its id stays the same."""
        handler = kind.handler
        if handler is None:
            return {}
        try:
            return handler.update(context, physical_id, old, new)
        except PartlyMadeError:
            raise
        except ProviderError as error:
            if context.cloud is None or handler.read(context, physical_id, old) is not None:
                raise
            if kind.identity(context, new) != physical_id:
                raise ProviderError(
                    f"updating {context.name} ({context.token}): {physical_id} is not in the sandbox's cloud any more; "
                    "run a refresh, and the next deployment makes it again"
                ) from error
            return handler.create(context, new).outputs

    def delete(self, kind: Kind, context: Context, physical_id: str, state: Properties) -> None:
        """Delete the resource and forget its mark."""
        if kind.handler is None:
            return
        marks = context.running().marks
        kind.handler.delete(context, physical_id, state)
        if marks.marked(context.urn) == physical_id:
            marks.unmark(context.urn)
