"""`holdfast failover`."""

from ops.commands.moving import moving

app = moving(
    "failover",
    """Leave a region: checks, a plan, approval, and its steps over data planes only.

    Killed at any step, the same command goes on from there. The record of the steps and their times is kept in
    .holdfast/STACK/evidence/operations/, and in the control table while it runs.

    Examples:  holdfast failover --from us-east-1 --plan  |  holdfast failover --from us-east-1 --accept lag --yes
    """,
    source_help="The region to leave.",
    target_help="Where clients go.",
)
