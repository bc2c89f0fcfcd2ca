"""Documents from the network are read in processes of their own, whose time and memory are limited.

What kills a parser kills one of these, and costs the document that did it. `parser` has the processes,
`process` is one of them as seen from here, `line` the way between, `worker` is what runs in it.
"""

from service.parsing.parser import Parser

__all__ = ["Parser"]
