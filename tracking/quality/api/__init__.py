"""Findings over the API."""
