"""Processes that are started, watched, and ended in order."""
