"""What the nursery loads at its start: all that its children need, kept from the search for garbage."""

import gc

import service.cli.running
import service.store.migrating
import service.supervisor.children  # noqa: F401
import tests.nursery
import tests.pollers
import tests.upgrades  # noqa: F401

gc.freeze()
