"""Who may do what: identity policies, trust, and what keys, tables, topics and functions let in."""

from __future__ import annotations

from holdfast_policies.rules.least_privilege import identity, powers, resources, trust, validity
from holdfast_policies.rules.least_privilege.subject import least_privilege

__all__ = ["identity", "least_privilege", "powers", "resources", "trust", "validity"]
