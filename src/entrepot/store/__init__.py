"""The store: accounts, keys, exchanges and responses on disk."""

from entrepot.store.posts import Post, Refused
from entrepot.store.records import ExchangeRow, SpentRow, StoredResponse, UsageRow
from entrepot.store.sqlite import Store

__all__ = ["ExchangeRow", "Post", "Refused", "SpentRow", "Store", "StoredResponse", "UsageRow"]
