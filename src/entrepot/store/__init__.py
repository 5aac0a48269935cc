"""The store: accounts, keys and exchanges on disk."""

from entrepot.store.records import ExchangeRow, UsageRow
from entrepot.store.sqlite import Store

__all__ = ["ExchangeRow", "Store", "UsageRow"]
