"""Stored samples seen from a delivery: which are its, whose they are, what its version says of them."""
