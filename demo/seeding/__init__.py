"""Loads the demo company and plays its scenario through the ordinary services."""
