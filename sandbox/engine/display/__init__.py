"""Runs as a person reads them. Pure functions: an outcome or an event goes in, lines of text come out."""

from sandbox.engine.display.diff import diff_lines
from sandbox.engine.display.places import Place, by_place, place_lines, place_of
from sandbox.engine.display.progress import progress_line
from sandbox.engine.display.report import lines, report
from sandbox.engine.display.style import Style
from sandbox.engine.display.tree import tree_lines

__all__ = [
    "Place",
    "Style",
    "by_place",
    "diff_lines",
    "lines",
    "place_lines",
    "place_of",
    "progress_line",
    "report",
    "tree_lines",
]
