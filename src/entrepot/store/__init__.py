"""The store: accounts, keys, exchanges and responses on disk."""

from entrepot.store.records import ExchangeRow, StoredResponse, UsageRow
from entrepot.store.sqlite import Store

__all__ = ["ExchangeRow", "Store", "StoredResponse", "UsageRow"]
