"""The stored samples of a delivery: which belong to it, whose they are, and their candidate verdicts."""
