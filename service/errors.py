"""What can go wrong in the service, each with a message made for the person who has to mend it.

ServiceError
+-- ConfigError        config.toml cannot be used; holds every problem found
+-- NotFound           no article, author, category or source of that name
+-- Refused            what was asked is against a rule; nothing was changed
+-- StoreError
|   +-- StoreBehind    the database wants `feedwright db upgrade`
|   +-- StoreAhead     the database was written by a newer release
|   +-- StoreBusy      the database stayed locked for longer than the time allowed
|   +-- LeaseLost      another process holds the lease now; nothing was written
+-- FetchError         a request got no usable answer
    +-- AddressRefused the guard does not dial that address
    +-- TooLarge       the answer is larger than allowed
    +-- TooSlow        the deadline passed
    +-- TooManyHops    redirects without end
    +-- Unreachable    no connection, no name, no TLS
"""


class ServiceError(Exception):
    """Something the service refuses or cannot do, told to a person."""


class ConfigError(ServiceError):
    """config.toml cannot be used as it stands."""


class NotFound(ServiceError):
    """There is nothing of that name."""


class Refused(ServiceError):
    """What was asked is against a rule; nothing was changed."""


class StoreError(ServiceError):
    """The database cannot be used."""


class StoreBehind(StoreError):
    """The database is of an older schema than this release."""


class StoreAhead(StoreError):
    """The database is of a newer schema than this release."""


class StoreBusy(StoreError):
    """The database stayed locked for longer than the time allowed."""


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
