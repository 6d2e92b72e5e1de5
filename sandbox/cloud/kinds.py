"""The kinds of fault that a gateway knows."""

from __future__ import annotations

from typing import Literal

FaultKind = Literal["cut", "blackhole", "delay", "throttle", "error", "reset", "truncate", "slow"]
"""What goes wrong:

- `cut`: connections are reset as they come;
- `blackhole`: connections are accepted and never answered, those that exist too;
- `delay`: answers come later;
- `throttle`: the service's own throttling error;
- `error`: the service's own 5xx;
- `reset`: the connection is reset in the middle of the answer;
- `truncate`: the answer ends before its announced length;
- `slow`: the answer trickles.
"""
