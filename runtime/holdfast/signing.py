"""Signature Version 4 of requests to DynamoDB, for what speaks to a region without a client."""

from holdfast._core.sigv4 import Credentials, RequestSigner

__all__ = ["Credentials", "RequestSigner"]
