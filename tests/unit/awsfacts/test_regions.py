"""Regions, zones and the sets of strong consistency."""

import botocore.session
import pytest

from awsfacts import regions


def test_regions_are_those_that_the_sdk_knows():
    known = set(botocore.session.Session().get_available_regions("dynamodb"))
    assert known >= regions.REGIONS
    assert {"us-east-1", "us-west-2", "eu-west-1"} <= regions.REGIONS


def test_zones_are_named_after_their_region():
    assert regions.zones("ap-northeast-1") == ("ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d")
    with pytest.raises(KeyError):
        regions.zones("nowhere")


def test_strong_consistency_sets():
    assert regions.strong_consistency_set("us-east-2") == ("us-east-1", "us-east-2", "us-west-2")
    assert regions.strong_consistency_set("sa-east-1") == ()
    members = [name for group in regions.STRONG_CONSISTENCY_SETS.values() for name in group]
    assert len(members) == len(set(members))
    assert set(members) <= regions.REGIONS
