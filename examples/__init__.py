"""What a newcomer can look at and run."""
