"""The database: what is kept, found and claimed. No row and no SQL leaves this package."""

from service.store.database import Store, Transaction
from service.store.revisions import check, kept_before

__all__ = ["Store", "Transaction", "check", "kept_before", "upgrade"]


def upgrade(store: Store) -> tuple[str | None, str]:
    """Apply every migration that is missing: migrating.upgrade(), which loads Alembic."""
    from service.store import migrating

    return migrating.upgrade(store)
