"""What the nursery loads at its start: all that its children need, kept from the search for garbage."""

import gc
from importlib import import_module

for name in (
    "service.cli.running",
    "service.store.migrating",
    "service.supervisor.children",
    "tests.nursery",
    "tests.pollers",
    "tests.upgrades",
):
    import_module(name)
gc.freeze()
