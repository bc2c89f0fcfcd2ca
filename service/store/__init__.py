"""The database: what is kept, found and claimed. No row and no SQL leaves this package."""

from service.store.database import Store, Transaction
from service.store.migrating import check, upgrade

__all__ = ["Store", "Transaction", "check", "upgrade"]
