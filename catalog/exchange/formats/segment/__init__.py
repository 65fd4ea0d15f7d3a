"""Segment tracking plans, from either of their JSON forms."""
