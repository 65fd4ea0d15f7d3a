"""Whether a backup is whole, and whether what it holds still means the same."""
