"""Where the stacks' states are kept, and the key that encrypts the secrets in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.bucket import PrivateBucket, access_logged
from components.base.documents import KEY_USE, Statement, allow, document, key_administration
from components.base.layer import Component

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place
    from settings.bootstrap import BootstrapSettings

STATE = "state"


class StateStore(Component):
    """A versioned bucket that keeps every state, its access log, and two keys.

    The bucket's key and the secrets' key are apart, so that the right to read a state never takes the right to read
    the secrets in it.
    """

    layer = "bootstrap"

    def __init__(self, name: str, opts: pulumi.ResourceOptions, *, settings: BootstrapSettings, place: Place) -> None:
        super().__init__(name, opts)
        key = self._key("state", "the states of stacks", settings, place, through="s3")
        self._key("secrets", "the secrets in states", settings, place, through=None)
        self.state_alias, self.secrets_alias = f"alias/{place.name('state')}", f"alias/{place.name('secrets')}"
        bucket = PrivateBucket(
            STATE,
            self.child(),
            layer=self.layer,
            purpose=STATE,
            place=place,
            key_arn=key.arn,
            delete_after_days=None,
            noncurrent_days=settings.state_versions_days,
        )
        access_logged(self, bucket, STATE, delete_after_days=settings.access_log_days, place=place)
        self.bucket_name, self.bucket_arn = bucket.bucket_name, bucket.arn
        self.backend_url = f"s3://{bucket.bucket_name}?region={place.region}&awssdk=v2"
        self.secrets_provider = f"awskms://{self.secrets_alias}?region={place.region}&awssdk=v2"
        self.done({"backend_url": self.backend_url, "secrets_provider": self.secrets_provider})

    def _key(
        self, purpose: str, what: str, settings: BootstrapSettings, place: Place, *, through: str | None
    ) -> aws.kms.Key:
        key = aws.kms.Key(
            f"key-{purpose}",
            description=f"{place.prefix}: {what}",
            enable_key_rotation=True,
            deletion_window_in_days=settings.key_deletion_window_days,
            policy=document(
                key_administration(place),
                _use(place, through),
            ),
            opts=self.child(protect=place.protect),
        )
        aws.kms.Alias(
            f"alias-{purpose}", name=f"alias/{place.name(purpose)}", target_key_id=key.key_id, opts=self.child()
        )
        return key


def _use(place: Place, service: str | None) -> Statement:
    """Identities of this account that an identity policy allows it may use the key; the state's only through S3."""
    condition: dict[str, dict[str, str]] = {"StringEquals": {"kms:CallerAccount": place.account_id}}
    if service is not None:
        condition["StringEquals"]["kms:ViaService"] = f"{service}.{place.region}.amazonaws.com"
    return allow("UsedByThisAccount", KEY_USE, ["*"], principal={"AWS": place.root_arn}, condition=condition)
