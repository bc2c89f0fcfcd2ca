"""Polling: a host is claimed, its due sources are asked one by one, and each answer is written down.

No transaction is open while the network is asked. Validators and the outcome are stored with the last
chunk of entries, so a crash in between only repeats work. `crew` shares hosts among processes, `hosts` goes
from source to source, `turning` from host to host, `opening` claims and begins, `polling` is one poll from
its beginning to its end, `asking` is what goes over the network, `recording` what is kept of it.
"""

from service.ingest.crew import poll_round
from service.ingest.hosts import Round, lease_time, poll_due, poll_host, poll_named

__all__ = ["Round", "lease_time", "poll_due", "poll_host", "poll_named", "poll_round"]
