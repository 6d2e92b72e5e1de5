from sandbox.provider import coverage


def test_a_stacks_types_are_told_apart():
    found = coverage.of(
        [
            "aws:dax/cluster:Cluster",
            "aws:backup/plan:Plan",
            "pulumi:providers:aws",
            "holdfast:data:DataLayer",
            "aws:dax/cluster:Cluster",
        ]
    )
    assert [(each.type, each.how) for each in found] == [
        ("aws:backup/plan:Plan", "created"),
        ("aws:dax/cluster:Cluster", "recorded"),
    ]
    assert found[0].limit == ""


def test_limits_are_of_created_types():
    assert set(coverage.LIMITS) <= set(coverage.created())
