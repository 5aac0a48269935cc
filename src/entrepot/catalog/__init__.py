"""What the hub offers: models, providers, prices and request schemas, as one immutable value."""

from __future__ import annotations

from entrepot.catalog.catalogue import Catalogue
from entrepot.catalog.checking import check
from entrepot.catalog.infos import LIFECYCLES, info_lifecycle, model_info
from entrepot.catalog.loading import load
from entrepot.catalog.objects import model_object, pricing
from entrepot.catalog.records import (
    Benchmark,
    Cutoff,
    ImagePatches,
    ImageTiles,
    ImageTokens,
    Lifecycle,
    Link,
    Model,
    Offer,
    OutputLimit,
    Provider,
    Question,
)
from entrepot.catalog.schemas import json_request_schema, supported_parameters

__all__ = [
    "LIFECYCLES",
    "Benchmark",
    "Catalogue",
    "Cutoff",
    "ImagePatches",
    "ImageTiles",
    "ImageTokens",
    "Lifecycle",
    "Link",
    "Model",
    "Offer",
    "OutputLimit",
    "Provider",
    "Question",
    "check",
    "info_lifecycle",
    "json_request_schema",
    "load",
    "model_info",
    "model_object",
    "pricing",
    "supported_parameters",
]
