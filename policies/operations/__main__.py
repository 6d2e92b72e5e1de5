"""The operations pack, served to Pulumi's engine.

HOLDFAST_POLICIES=standard serves it by Pulumi's own, slower, dispatcher: the tests compare the two.
"""
# ruff: noqa: INP001 - a folder that Pulumi runs, not a package; only one of the two dispatchers is loaded

import os

if os.environ.get("HOLDFAST_POLICIES") == "standard":
    from pulumi_policy import PolicyPack

    from holdfast_policies import standard

    PolicyPack(**standard.arguments("operations"))
else:
    from holdfast_policies.serve import serve

    serve("operations")
