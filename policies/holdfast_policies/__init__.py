"""Policies for DynamoDB applications, as importable rules.

A rule is a small function over one resource, or over the whole stack, with the words that explain it. `packs` says
which rules a pack serves; `judge` runs them; `serve` and `standard` put them behind Pulumi's Analyzer protocol.
"""
