"""Removal of the demo's data."""
