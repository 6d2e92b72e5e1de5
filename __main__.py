"""Holdfast: a DynamoDB application that keeps serving when an AWS Region does not.

The stack file says what is wanted. What exists once is the foundation; every region is built alike on top of it;
the federation joins them, and tells clients and operators what there is.
"""

import pulumi

from components.platform import Federation, Foundation, Region, read_settings, regional_providers

settings = read_settings()
providers = regional_providers(settings)

foundation = Foundation(settings, providers)

regions: list[Region] = []
for region in settings.ordered_regions:
    home = regions[0] if regions else None
    regions.append(Region(region, settings, foundation, providers[region.name], home=home))

federation = Federation(settings, regions, providers)

pulumi.export("topology", federation.topology)
pulumi.export("home_region", settings.home.name)
pulumi.export("regions", list(settings.region_names))
