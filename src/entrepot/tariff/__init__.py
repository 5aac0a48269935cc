"""What calls cost: sell prices by plan and moment, buy prices, free tiers, and the brakes on moves."""

from __future__ import annotations

from entrepot.tariff.loading import load
from entrepot.tariff.records import DEFAULT_PLAN, FreeTier, Plan, PriceEntry, Quote, Rule, Source
from entrepot.tariff.tariff import Tariff

__all__ = ["DEFAULT_PLAN", "FreeTier", "Plan", "PriceEntry", "Quote", "Rule", "Source", "Tariff", "load"]
