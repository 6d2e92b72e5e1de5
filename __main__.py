"""Holdfast: a DynamoDB application that keeps serving when an AWS Region does not.

The stack file says what is wanted. What exists once is the foundation; every region is built alike on top of it;
the federation joins them, and tells clients and operators what there is.
"""

import pulumi

from components.platform import Federation, Foundation, Region, read_settings, region_providers, regional_providers

settings = read_settings()
providers = regional_providers(settings)
in_region = region_providers(settings, providers)

foundation = Foundation(settings, providers)

regions: list[Region] = []
for region in settings.ordered_regions:
    home = regions[0] if regions else None
    regions.append(Region(region, settings, foundation, in_region[region.name], home=home))

federation = Federation(settings, foundation, regions, providers)

pulumi.export("topology", federation.topology)
pulumi.export("home_region", settings.home.name)
pulumi.export("regions", list(settings.region_names))
