"""`holdfast cost refresh`: the price file, written anew from the AWS Price List API."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.errors import OpsError
from ops.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

API_REGION = "us-east-1"
"""Where the API is served; it tells the prices of every region."""
PREFIXES: Mapping[str, tuple[str, ...]] = {
    "us-east-1": ("", "USE1-"),
    "us-east-2": ("USE2-",),
    "us-west-1": ("USW1-",),
    "us-west-2": ("USW2-",),
    "eu-west-1": ("EU-", "EUW1-"),
    "eu-west-2": ("EUW2-",),
    "eu-west-3": ("EUW3-",),
    "eu-central-1": ("EUC1-",),
    "eu-north-1": ("EUN1-",),
    "ap-northeast-1": ("APN1-",),
    "ap-southeast-1": ("APS1-",),
    "ap-southeast-2": ("APS2-",),
}
"""What the usage types of a region begin with (DynamoDB developer guide, "Understanding your billing reports")."""


@dataclass(kw_only=True)
class Refreshed:
    """What a refresh found."""

    document: dict[str, Any]
    read: int = 0
    changed: list[str] = field(default_factory=list)
    """`key in region: old → new`."""
    kept: list[str] = field(default_factory=list)
    """`key in region: why`; the price stays as it was, with its source."""


def refresh(
    pricing: Any, document: Mapping[str, Any], *, today: date, progress: Callable[[int, int], None] | None = None
) -> Refreshed:
    """Read the price of every key that names its usage type, in every region of the file.

    Args:
        pricing: a boto3 client of `pricing`.
        document: the price file as it is.
        today: the day that the prices are seen.
        progress: told how many of how many were asked.

    Raises:
        OpsError: the API cannot be asked.
    """
    found = Refreshed(document=copy.deepcopy(dict(document)))
    source = f"price-list-{today.isoformat()}"
    wanted = [
        (key, entry["query"], region)
        for key, entry in document["prices"].items()
        if "query" in entry
        for region in entry["usd"]
        if region in PREFIXES
    ]
    for number, (key, query, region) in enumerate(wanted, 1):
        prices = set(_prices(pricing, query, region))
        place = f"{key} in {region}"
        if len(prices) != 1:
            why = "no product" if not prices else f"several prices: {', '.join(str(one) for one in sorted(prices))}"
            found.kept.append(f"{place}: {why}")
        else:
            usd = format(prices.pop(), "f")
            old = document["prices"][key]["usd"][region][0]
            if Decimal(old) != Decimal(usd):
                found.changed.append(f"{place}: {old} → {usd}")
            found.document["prices"][key]["usd"][region] = [usd, source]
            found.read += 1
        if progress:
            progress(number, len(wanted))
    if found.read:
        found.document["sources"][source] = {
            "title": f"AWS Price List API, read on {today.isoformat()}",
            "url": "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-changes.html",
            "seen": today.isoformat(),
            "confirmed": True,
        }
    _drop_unused(found.document)
    return found


def _prices(pricing: Any, query: Mapping[str, Any], region: str) -> Iterator[Decimal]:
    """The list prices of the products of a usage type in a region: of each, the first tier that costs something."""
    where = {"regionCode": region, **(query.get("where") or {})}
    for prefix in PREFIXES[region]:
        filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in where.items()]
        filters.append({"Type": "TERM_MATCH", "Field": "usagetype", "Value": f"{prefix}{query['usage']}"})
        for product in _products(pricing, query["service"], filters):
            yield from _first_paid(product)


def _products(pricing: Any, service: str, filters: list[dict[str, str]]) -> Iterator[dict[str, Any]]:
    token: dict[str, str] = {}
    while True:
        try:
            answer = pricing.get_products(ServiceCode=service, Filters=filters, FormatVersion="aws_v1", **token)
        except (BotoCoreError, ClientError) as error:
            raise OpsError(
                f"the price of {service} cannot be read",
                why=str(error),
                fix="credentials with pricing:GetProducts are needed; the file was not touched",
                code=Exit.UNAVAILABLE,
            ) from None
        for one in answer.get("PriceList") or []:
            yield json.loads(one) if isinstance(one, str) else one
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}


def _first_paid(product: Mapping[str, Any]) -> Iterator[Decimal]:
    for offer in (product.get("terms", {}).get("OnDemand") or {}).values():
        tiers = []
        for tier in (offer.get("priceDimensions") or {}).values():
            try:
                usd = Decimal(tier["pricePerUnit"]["USD"])
                tiers.append((Decimal(tier.get("beginRange") or "0"), usd.normalize()))
            except (KeyError, InvalidOperation):
                continue
        paid = sorted(tier for tier in tiers if tier[1] > 0)
        if paid:
            yield paid[0][1]


def _drop_unused(document: dict[str, Any]) -> None:
    used = {source for entry in document["prices"].values() for _, source in entry["usd"].values()}
    document["sources"] = {name: entry for name, entry in document["sources"].items() if name in used}


def text(document: Mapping[str, Any]) -> str:
    """The price file: a line for each source and each key, so that a change shows as one."""
    lines = ["{", f'  "currency": {json.dumps(document["currency"])},', '  "sources": {']
    lines.append(",\n".join(_entry(name, entry) for name, entry in document["sources"].items()))
    lines += ["  },", '  "prices": {']
    lines.append(",\n".join(_entry(name, entry) for name, entry in sorted(document["prices"].items())))
    return "\n".join([*lines, "  }", "}", ""])


def _entry(name: str, entry: object) -> str:
    return f"    {json.dumps(name)}: {json.dumps(entry)}"
