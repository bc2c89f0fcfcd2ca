"""`serve`: web workers and scheduler under one parent, which starts them again when they end.

The parent holds the listening socket and the settings that it has checked; `children` is what runs in its
children, `part` is one of them as seen from the parent, `server` is Granian on a socket that it is handed.
Granian's own main process is a child here, so that one SIGTERM to the parent ends everything in order.
"""

from service.supervisor.listening import listening
from service.supervisor.parent import serve

__all__ = ["listening", "serve"]
