"""The certificate of a region, proven by a record in the hosted zone of the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.base.layer import Component

if TYPE_CHECKING:
    import pulumi

    from components.base.place import Place


class Certificate(Component):
    """A certificate for every name below the zone.

    ACM asks every region of an account for the same record, so the home region alone writes it.
    """

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        layer: str,
        zone_name: str,
        zone_id: pulumi.Output[str],
        place: Place,
    ) -> None:
        self.layer = layer
        super().__init__(name, opts)
        region = place.region
        certificate = aws.acm.Certificate(
            f"{region}-certificate",
            domain_name=f"*.{zone_name}",
            validation_method="DNS",
            key_algorithm="EC_prime256v1",
            opts=self.child(),
        )
        proof = certificate.domain_validation_options.apply(lambda options: options[0])
        records: list[pulumi.Resource] = []
        if place.is_home:
            record = aws.route53.Record(
                "certificate-proof",
                zone_id=zone_id,
                name=proof.apply(lambda option: option.resource_record_name or ""),
                type=proof.apply(lambda option: option.resource_record_type or "CNAME"),
                records=[proof.apply(lambda option: option.resource_record_value or "")],
                ttl=300,
                # The record is found by its name: under a new URN, the old one's deletion would take it away.
                opts=self.child(aliases=[f"{region}-certificate-proof"]),
            )
            records.append(record)
        validated = aws.acm.CertificateValidation(
            f"{region}-certificate-valid",
            certificate_arn=certificate.arn,
            opts=self.child(depends_on=records),
        )
        self.arn = validated.certificate_arn
        self.done()
