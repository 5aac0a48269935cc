"""The catalogue as one immutable value: models, providers, and every name a model answers to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import jsonschema_rs

from entrepot.catalog.records import Model, Provider
from entrepot.catalog.schemas import json_request_schema


class Catalogue:
    """Models and providers by id, in the order they are listed.

    Names are unique without regard to case; `entrepot.catalog.load` makes sure of it.
    """

    __slots__ = ("_named", "_schemas", "_validators", "models", "providers")

    def __init__(self, models: Iterable[Model] = (), providers: Iterable[Provider] = ()) -> None:
        self.models: Mapping[str, Model] = MappingProxyType({model.id: model for model in models})
        self.providers: Mapping[str, Provider] = MappingProxyType({provider.id: provider for provider in providers})
        self._schemas: dict[str, dict[str, Any]] = {}
        self._validators: dict[str, jsonschema_rs.Validator] = {}
        self._named: dict[str, Model] = {}
        for model in self.models.values():
            for name in model.names:
                self._named[name.casefold()] = model
                self._named[name] = model

    def find(self, name: str) -> Model | None:
        """The model that an id or alias names; case does not matter."""
        return self._named.get(name) or self._named.get(name.casefold())

    def schema(self, model: Model) -> Mapping[str, Any]:
        """The request schema of a model of this catalogue, made at its first use and shared: do not change it."""
        known = self._schemas.get(model.id)
        if known is None:
            known = self._schemas[model.id] = json_request_schema(model)
        return known

    def validator(self, model: Model) -> jsonschema_rs.Validator:
        """The compiled request schema, made at its first use."""
        known = self._validators.get(model.id)
        if known is None:
            known = jsonschema_rs.Draft202012Validator(dict(self.schema(model)), offline=True)
            self._validators[model.id] = known
        return known
