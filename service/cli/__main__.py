"""`python -m service.cli` is the `feedwright` command."""

from service.cli import main

main()
