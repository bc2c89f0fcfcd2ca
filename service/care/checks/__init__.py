"""The checks of `feedwright doctor`, by what they look at."""
