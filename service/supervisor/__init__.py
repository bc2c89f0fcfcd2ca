"""`serve`: web workers and scheduler under one parent, which starts them again when they end.

The parent holds the listening sockets and the settings that it has checked. It loads all modules and has one
thread only: its children are forked from it. `children` is what runs in them, `part` is one of them as seen
from the parent, `server` is a worker of Granian's on a socket that it is handed.
"""

from service.supervisor.listening import listening, telling
from service.supervisor.parent import serve

__all__ = ["listening", "serve", "telling"]
