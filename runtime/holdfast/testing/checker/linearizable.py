"""Linearizability of bounded histories of one key: Wing and Gong's search with Lowe's memory of states.

Keys are judged one by one, which is sound: a history is linearizable if its history on every key is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

Step = Callable[[Any, Any, Any], tuple[bool, Any]]
"""(state, input, output) → (whether the output is possible in that state, the next state)."""


@dataclass(frozen=True, slots=True)
class Event:
    """One operation: `output` None and `end` infinite where the outcome is unknown."""

    input: Any
    output: Any
    start: float
    end: float = math.inf


class _Node:
    __slots__ = ("event", "match", "next", "previous")

    def __init__(self, event: int, match: _Node | None) -> None:
        self.event = event
        self.match = match
        self.previous: _Node | None = None
        self.next: _Node | None = None


def _linked(events: Sequence[Event]) -> _Node:
    """Calls and returns in order of time, as a list from which a call can be lifted out with its return."""
    moments: list[tuple[float, int, int]] = []
    for index, event in enumerate(events):
        moments.append((event.start, 0, index))
        moments.append((event.end, 1, index))
    moments.sort()
    head = _Node(-1, None)
    last = head
    calls: dict[int, _Node] = {}
    for _, is_return, index in moments:
        node = _Node(index, None)
        if is_return:
            calls[index].match = node
        else:
            calls[index] = node
        last.next, node.previous = node, last
        last = node
    return head


def _lift(call: _Node) -> None:
    matched = call.match
    if matched is None or call.previous is None or matched.previous is None:
        raise RuntimeError("a return was lifted")
    call.previous.next = call.next
    if call.next is not None:
        call.next.previous = call.previous
    matched.previous.next = matched.next
    if matched.next is not None:
        matched.next.previous = matched.previous


def _unlift(call: _Node) -> None:
    matched = call.match
    if matched is None or call.previous is None or matched.previous is None:
        raise RuntimeError("a return was lifted")
    matched.previous.next = matched
    if matched.next is not None:
        matched.next.previous = matched
    call.previous.next = call
    if call.next is not None:
        call.next.previous = call


def linearizable(events: Sequence[Event], initial: Hashable, step: Step) -> bool:
    """Whether some order of the operations, true to real time, explains every output."""
    head = _linked(events)
    state: Any = initial
    done = 0
    seen: set[tuple[int, Hashable]] = set()
    stack: list[tuple[_Node, Any]] = []
    node = head.next
    while head.next is not None:
        if node is not None and node.match is not None:
            event = events[node.event]
            possible, following = step(state, event.input, event.output)
            mark = done | (1 << node.event)
            if possible and (mark, following) not in seen:
                seen.add((mark, following))
                stack.append((node, state))
                state, done = following, mark
                _lift(node)
                node = head.next
            else:
                node = node.next
            continue
        # A return is due whose call has not been placed: take back the last choice.
        if node is not None and events[node.event].end == math.inf:
            return True  # only operations of unknown outcome are left; none need have happened
        if not stack:
            return False
        chosen, state = stack.pop()
        done &= ~(1 << chosen.event)
        _unlift(chosen)
        node = chosen.next
    return True


UNKNOWN = object()
"""The output of an operation whose outcome is unknown."""


def register(state: Any, given: Any, output: Any) -> tuple[bool, Any]:
    """A register with `("read",)`, `("write", v)` and `("cas", old, new)`; a cas answers whether it swapped."""
    match given[0]:
        case "read":
            return output is UNKNOWN or output == state, state
        case "write":
            return True, given[1]
        case _:
            swaps = state == given[1]
            if output is UNKNOWN:
                return True, given[2] if swaps else state
            return output == swaps, given[2] if swaps else state


def key_value(state: Any, given: Any, output: Any) -> tuple[bool, Any]:
    """A text with `("get",)`, `("put", v)` and `("append", v)`, as Porcupine's key-value sets have it."""
    match given[0]:
        case "get":
            return output is UNKNOWN or output == state, state
        case "put":
            return True, given[1]
        case _:
            return True, state + given[1]
