"""Sets an account up once: where states are kept, the key of their secrets, and the roles that pipelines take."""

import pulumi
import pulumi_aws as aws

from components.base import tags
from components.base.place import Place
from components.bootstrap import Pipelines, StateStore
from settings.bootstrap import parse_bootstrap

given = {"holdfast:bootstrap": pulumi.Config("holdfast").require_object("bootstrap")}
settings = parse_bootstrap(given, f"stack {pulumi.get_stack()}")
tags.register({"ManagedBy": "pulumi", "Service": settings.name_prefix, "Environment": "bootstrap", **settings.tags})

place = Place(
    stack=pulumi.get_stack(),
    prefix=settings.name_prefix,
    account_id=settings.account_id,
    region=settings.region,
    home_region=settings.region,
    protect=True,
)
provider = aws.Provider(settings.region, region=settings.region, allowed_account_ids=[settings.account_id])
here = pulumi.ResourceOptions(providers=[provider])

store = StateStore("state", here, settings=settings, place=place)
pipelines = Pipelines("pipelines", here, settings=settings, store=store, place=place)

pulumi.export("backend_url", store.backend_url)
pulumi.export("secrets_provider", store.secrets_provider)
pulumi.export("roles", pipelines.roles)
