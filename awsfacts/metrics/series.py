"""The shape in which the tables of this package are written."""

from __future__ import annotations

Series = tuple[tuple[tuple[str, ...], str], ...]
"""Pairs of dimension sets (each a text of names) and the names of the metrics published with all of these sets."""
