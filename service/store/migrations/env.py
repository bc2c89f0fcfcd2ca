"""What Alembic runs: the migrations over the connection that service.store.migrating hands in."""

from typing import Any, Literal

from alembic import context

from service.store.schema import metadata
from service.store.types import UtcTime


def _render(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """A migration must not change when our types do: it says what the database sees."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, UtcTime) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=_render,
)
context.run_migrations()
