"""Client-side encryption of sensitive attributes, and compression of large ones."""

from holdfast.sealing.fields import SealError, Sealing, TableSealing
from holdfast.sealing.keys import DataKey, DataKeys, KmsDataKeys
from holdfast.sealing.pipeline import AsyncSealedPipeline, SealedPipeline

__all__ = [
    "AsyncSealedPipeline",
    "DataKey",
    "DataKeys",
    "KmsDataKeys",
    "SealError",
    "SealedPipeline",
    "Sealing",
    "TableSealing",
]
