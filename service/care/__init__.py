"""Looking after an installation. Whoever needs a part imports that part: all of them are a long load."""
