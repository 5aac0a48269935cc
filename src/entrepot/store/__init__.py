"""The store: accounts, keys, exchanges and responses on disk."""

from entrepot.store.records import ExchangeRow, SpentRow, StoredResponse, UsageRow
from entrepot.store.sqlite import Store

__all__ = ["ExchangeRow", "SpentRow", "Store", "StoredResponse", "UsageRow"]
