"""Counts of traffic: deltas, the rollups that they are folded into, and what the catalog learns of them."""
