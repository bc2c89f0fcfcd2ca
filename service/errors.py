"""What can go wrong in the service, each with a message made for the person who has to mend it.

ServiceError
+-- ConfigError        config.toml cannot be used; holds every problem found
+-- NotFound           no article, author, category or source of that name
|   +-- Withdrawn      there was one; holds when it was withdrawn, and why
+-- Moved              it has another address by now, or another spelling; holds which
+-- Refused            what was asked is against a rule; nothing was changed
+-- Outdated           other settings are in force by now; adopt them and begin again
+-- Unreadable         reading a document takes too long, too much memory, or ends the reader
+-- ReaderUnavailable  there is no process to read documents in
+-- StoreError
|   +-- StoreBehind    the database wants `feedwright db upgrade`
|   +-- StoreAhead     the database was written by a newer release
|   +-- StoreDamaged   what is there is no database, or not a whole one
|   +-- StoreBusy      the database stayed locked for longer than the time allowed
|   +-- StoreFull      there is no room left to write in; nothing was changed
|   +-- LeaseLost      another process holds the lease now; nothing was written
+-- FetchError         a request got no usable answer
    +-- AddressRefused the guard does not dial that address
    +-- TooLarge       the answer is larger than allowed
    +-- TooSlow        the deadline passed
    +-- TooManyHops    redirects without end
    +-- Unreachable    no connection, no name, no TLS
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from service.selection import Selection


class ServiceError(Exception):
    """Something the service refuses or cannot do, told to a person."""


class ConfigError(ServiceError):
    """config.toml cannot be used as it stands."""


class NotFound(ServiceError):
    """There is nothing of that name."""


class Withdrawn(NotFound):
    """What was asked for was withdrawn: `name`, `at`, and the `reason` that readers are told."""

    def __init__(self, name: str, at: datetime, reason: str) -> None:
        super().__init__(f"{name!r} was withdrawn on {at:%Y-%m-%d}: {reason}")
        self.name, self.at, self.reason = name, at, reason


class Moved(ServiceError):
    """What was asked for is to be asked for as `selection`."""

    def __init__(self, selection: Selection) -> None:
        super().__init__(f"it is {selection.path!r} now")
        self.selection = selection


class Refused(ServiceError):
    """What was asked is against a rule; nothing was changed."""


class Outdated(ServiceError):
    """Other settings are in force by now: what was begun by the old ones is dropped."""


class Unreadable(ServiceError):
    """No reader survives the document: it is not to be read again."""


class ReaderUnavailable(ServiceError):
    """There is no process to read documents in: none starts, or the service ends."""


class StoreError(ServiceError):
    """The database cannot be used."""


class StoreBehind(StoreError):
    """The database is of an older schema than this release."""


class StoreAhead(StoreError):
    """The database is of a newer schema than this release."""


class StoreDamaged(StoreError):
    """What is there is no database, or not a whole one."""


class StoreBusy(StoreError):
    """The database stayed locked for longer than the time allowed."""


class StoreFull(StoreError):
    """There is no room left to write in; nothing was changed."""


class LeaseLost(StoreError):
    """Another process holds the lease now; nothing was written."""


class FetchError(ServiceError):
    """A request got no usable answer."""


class AddressRefused(FetchError):
    """The guard does not dial that address."""


class TooLarge(FetchError):
    """The answer is larger than allowed."""


class TooSlow(FetchError):
    """The deadline passed before the answer was whole."""


class TooManyHops(FetchError):
    """The redirects do not end within the hops allowed."""


class Unreachable(FetchError):
    """No connection could be made: no address, no answer, or no valid certificate."""
