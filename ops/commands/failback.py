"""`holdfast failback`."""

from ops.commands.moving import moving

app = moving(
    "failback",
    """Use a region again that was left: it is checked, drained and compared item by item before clients return.

    Examples:  holdfast failback --from us-east-1 --plan  |  holdfast failback --from us-east-1 --yes
    """,
    source_help="The region that was left.",
    target_help="Which serves now.",
)
