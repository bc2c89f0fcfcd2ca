"""What a busy machine would blur: `make test` runs it after all others, with nothing beside it."""
