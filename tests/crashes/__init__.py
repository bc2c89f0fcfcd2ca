"""The kill harness: lives that end by SIGKILL, what they had acknowledged, and what the database holds then.

A `nursery` is a process of one thread that has everything imported and forks a child for each life. The child
opens its own store, does the work of `workloads` and writes a `journal` of what it began and what was
acknowledged to it; `points` are named moments at which it kills itself, and the nursery kills it at random
ones. Afterwards `audit` holds the database against the journal, by what `ledger` and `partners` expect.
"""
